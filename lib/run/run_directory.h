// The directory of one run: what containers see while they run, and the logs that stay.
//
//   gt-run                          marks the directory as a run's, and is locked while one uses it
//   resources/                      the task's files, mounted read-only          removed at the end
//   subtasks/NNN/work, output       mounted into the container of subtask NNN    removed at the end
//   subtasks/NNN/stdout.log, stderr.log                                          kept
#pragma once

#include <cstdint>
#include <filesystem>

#include "lib/base/fd.h"
#include "lib/run/owner.h"

namespace gt::run {

struct SubtaskPaths {
  std::filesystem::path directory;
  std::filesystem::path work;
  std::filesystem::path output;
  std::filesystem::path stdout_log;
  std::filesystem::path stderr_log;
};

// The layout alone, for --dry-run too.
std::filesystem::path resources_path(const std::filesystem::path& run_directory);
SubtaskPaths subtask_paths(const std::filesystem::path& run_directory, std::int64_t number);

enum class Keep : std::uint8_t { Logs, Everything };

class RunDirectory {
 public:
  // Creates `path` or takes over that of an earlier run, whose logs go. Throws FileExists for a directory that holds
  // anything else (it would be removed at the end) and for one that another run is using.
  RunDirectory(std::filesystem::path path, const Owner& owner, Keep keep);
  ~RunDirectory();  // removes what Keep does not name; what cannot be removed stays
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path resources() const { return resources_path(path_); }
  // Creates the directories of a subtask.
  SubtaskPaths make_subtask(std::int64_t number);

 private:
  void lock();
  void make_directory(const std::filesystem::path& directory);
  void remove_temporary() noexcept;

  std::filesystem::path path_;
  Owner owner_;
  Keep keep_;
  Fd lock_;
};

}  // namespace gt::run
