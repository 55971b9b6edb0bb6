// migrate-tasks as a process of its own.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/full_run.h"
#include "tests/support/tool_process.h"
#include "tests/unit/batch/support.h"

namespace gt::testing {

class MigrateProcess : public ToolProcess {
 public:
  MigrateProcess(const std::string& log, std::vector<std::string> arguments)
      : ToolProcess(GT_MIGRATE_TASKS, log, std::move(arguments)) {}
};

// Everything below `root`, manifests too; directories have a slash at their end.
inline std::vector<std::string> names_below(const std::string& root) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    out.push_back(entry.path().lexically_relative(root).string() + (entry.is_directory() ? "/" : ""));
  std::sort(out.begin(), out.end());
  return out;
}

inline std::vector<std::string> outputs_below(const std::string& root) {
  std::vector<std::string> out;
  for (const std::string& name : names_below(root))
    if (name.back() != '/' && !name.ends_with(".gt-migrate.manifest")) out.push_back(name);
  return out;
}

}  // namespace gt::testing
