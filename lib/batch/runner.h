// A whole run over source trees: migrating, trying without writing, or verifying.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "lib/base/files.h"
#include "lib/batch/conversion.h"
#include "lib/batch/row.h"
#include "lib/batch/walk.h"

namespace gt::batch {

enum class Action : std::uint8_t { Migrate, DryRun, Verify };
// What happens to a file that is in the way and that the program did not write, or that was changed since.
enum class Edited : std::uint8_t { Keep, Replace };
enum class Diff : std::uint8_t { No, Yes };

struct RunOptions {
  Action action = Action::Migrate;
  Rules rules = {};
  Edited edited = Edited::Keep;
  Diff diff = Diff::No;
  Durability durability = Durability::Sync;
  unsigned jobs = 1;
  std::string quarantine = {};  // a directory for copies of bad sources with their explanations; empty: none
};

// Hears of each source, in the order of the walk whatever the number of threads, one call at a time, from any thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_row(const Row& row) = 0;
};

// Throws Usage where the output root lies inside a source or the other way round (or the quarantine in one of them).
void require_apart(const std::vector<std::string>& sources, const std::string& output, const std::string& quarantine);

// Runs to the end, or, when `stop` becomes true, until what is under way is published. What goes wrong with one source is its
// row; what goes wrong with the output tree (a full disk, a root that vanished) ends the run and is thrown. Every row told
// before that is true.
void run(Walk& walk, const std::string& output, const RunOptions& options, Observer& observer, const std::atomic<bool>& stop);

}  // namespace gt::batch
