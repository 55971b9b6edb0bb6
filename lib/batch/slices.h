// Cuts a walk into pieces of work for threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/batch/conversion.h"
#include "lib/batch/output_tree.h"
#include "lib/batch/walk.h"

namespace gt::batch {

struct Item {
  Source source;
  std::shared_ptr<OutputDirectory> directory;
  std::string conflict;         // not empty: what else would write the same name, and this is not converted
  std::optional<Error> failed;  // a directory that could not be read; `source` has its name only
};

// The work that one thread does and publishes at once, and its place in the order of the walk.
struct Slice {
  std::uint64_t number = 0;
  std::vector<Item> items;
};

class Slices {
 public:
  Slices(Walk& walk, const OutputTree& tree, const Rules& rules, std::size_t size)
      : walk_(walk), tree_(tree), rules_(rules), size_(size) {}

  // Not for several threads at once. Sources that would write one name are found before any of their directory is handed out:
  // only those that could, by their names, are converted for it.
  std::optional<Slice> next();

 private:
  void fill();
  void find_conflicts(std::vector<Item>& items) const;

  Walk& walk_;
  const OutputTree& tree_;
  const Rules& rules_;
  std::size_t size_;
  std::uint64_t next_number_ = 0;
  std::vector<Item> waiting_;  // of the directories read last
  std::size_t taken_ = 0;      // of these
  bool is_done_ = false;
};

}  // namespace gt::batch
