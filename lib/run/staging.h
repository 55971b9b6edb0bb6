// Copies of the task's files for its containers, placed relative to each other as they were.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "lib/run/owner.h"
#include "lib/run/task_files.h"

namespace gt::run {

// The deepest directory that holds all of `files`, compared by whole components: of /a/bc/x and /a/bd/y it is /a. The
// paths are absolute; "." and ".." in them are resolved as text. Requires at least one file.
std::filesystem::path common_directory(const std::vector<std::filesystem::path>& files);

// What is mounted at /golem/resources.
struct StagedFile {
  std::filesystem::path source;
  std::filesystem::path relative;  // below /golem/resources
};

struct StagingPlan {
  std::filesystem::path root;  // the common directory
  std::vector<StagedFile> files;
  std::string scene;  // path in the container; empty: there is none
};

StagingPlan plan_staging(const TaskFiles& files);

// Copies every file into `target`, read-only. A file that a symbolic link takes outside of the root is refused: who packs a
// task may put a link to anything into its folder. `cancelled` is asked between blocks; the copy then stops half done.
void stage(const StagingPlan& plan, const std::filesystem::path& target, const Owner& owner,
           const std::function<bool()>& cancelled);

}  // namespace gt::run
