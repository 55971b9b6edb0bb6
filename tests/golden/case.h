// One golden case, run in a copy of its directory (README.md).
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "tests/golden/tree.h"

namespace gt::golden {

struct Outcome {
  std::string out;
  std::string err;
  int exit_code = 0;              // 128 + n for signal n
  Tree changed;                   // what is new or different afterwards
  std::set<std::string> removed;  // what is gone
};

// Runs the tool of `directory` (tests/golden/TOOL/CASE) that lies in `bin`. Throws Error (Usage) for a case that says
// something wrong.
Outcome run_case(const std::filesystem::path& directory, const std::filesystem::path& bin);

}  // namespace gt::golden
