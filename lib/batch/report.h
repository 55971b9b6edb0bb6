// What a run did, in a file: for programs (JSON) or people (one HTML page). Rows go to the file as they come.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/batch/row.h"

namespace gt::batch {

// What is known before a run and at its end.
struct RunFacts {
  std::string action;  // migrate, dry-run, verify
  std::vector<std::string> sources = {};
  std::string output = {};
  std::string version = {};
  std::int64_t started_ms = 0;  // since 1970
  std::int64_t ended_ms = 0;
  std::string outcome = "done";  // or failed: some did; interrupted; stopped: the output tree was in the way
  std::string message = {};      // why, for stopped
};

class Report {
 public:
  virtual ~Report() = default;
  virtual void add(const Row& row) = 0;
  // Publishes the file. Without it the file is as it was before.
  virtual void finish(const RunFacts& facts, const Totals& totals) = 0;
};

// By the suffix of `path`: .json (schemas/gt-migrate-report-1.json), or .html. Throws Usage for any other, and what opening the
// file throws.
std::unique_ptr<Report> make_report(const std::string& path);

}  // namespace gt::batch
