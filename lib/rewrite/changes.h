// What a rewrite did to a task, for people to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"

namespace gt::rewrite {

struct Change {
  std::string path;    // within the task: renderer_options.environment
  std::string before;  // short text of the value, "nothing" if there was none
  std::string after;
  std::string_view why;  // a literal
};

struct Report {
  std::vector<Change> changes;    // empty: the task is as it was
  std::vector<Finding> findings;  // what the user should know
};

}  // namespace gt::rewrite
