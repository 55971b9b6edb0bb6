// The directory of one run: what containers see while they run, how far the run is, and the logs that stay.
//
//   gt-run                             marks the directory as a run's, and is locked while one uses it
//   plan                               all that the run needs (run_plan.h)              until the run has succeeded
//   resources/                         the task's files, mounted read-only              until submit-task ends
//   subtasks/NNNNN                     what became of each subtask so far (record.h)    until the run has succeeded
//   subtasks/NNNNN.lock                locked while somebody renders that subtask       until the run has succeeded
//   results/NNNNN.EXT, NNNNN/          results that passed their checks                 until the run has succeeded
//   containers/NNNNN-T/work, output    mounted into a container that begins with subtask NNNNN, its T-th; until
//                                      submit-task ends
//   containers/NNNNN-T/stdout.log, stderr.log                                           kept
//   report.json, report.html, preview.png                                               kept
//
// Files appear whole or not at all, so that a run that was killed at any moment goes on from what is there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/fd.h"
#include "lib/render/plan.h"
#include "lib/run/owner.h"
#include "lib/run/record.h"

namespace gt::run {

struct ContainerPaths {
  std::string name;  // below the run directory: "containers/00003-1"
  std::filesystem::path directory;
  std::filesystem::path work;
  std::filesystem::path output;
  std::filesystem::path stdout_log;
  std::filesystem::path stderr_log;
};

// The layout alone, for --dry-run too.
std::filesystem::path resources_path(const std::filesystem::path& run_directory);
ContainerPaths container_paths(const std::filesystem::path& run_directory, std::int64_t subtask, int turn);

enum class Keep : std::uint8_t { Logs, Everything };
// Exclusive: by the one who plans. Shared: by those who render single subtasks of it meanwhile, or without it.
enum class Use : std::uint8_t { Exclusive, Shared };

class RunDirectory {
 public:
  // Creates `path`, or takes over that of an earlier run. Shared: it must be there with a plan. Throws FileExists for a
  // directory that holds anything else (it would be removed at the end), and for one that another run is using.
  RunDirectory(std::filesystem::path path, const Owner& owner, Keep keep, Use use = Use::Exclusive);
  // Exclusive: removes what is only for the time of submit-task, unless Keep says otherwise; what cannot be removed stays.
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const Owner& owner() const { return owner_; }
  std::filesystem::path plan() const { return path_ / "plan"; }
  std::filesystem::path resources() const { return resources_path(path_); }
  // Of a picture or film the file, of a program the directory of its files.
  std::filesystem::path result(const render::Plan& plan, std::int64_t subtask) const;

  bool has_begun() const;  // there is a plan: a run that did not succeed yet
  void clear();            // everything goes, and the directories are made anew
  void make_resources();   // empty
  void succeeded();        // what is kept until then goes, unless Keep says otherwise

  // Empty for a subtask that nobody tried. Throws RunState for one that is damaged.
  Record record(std::int64_t subtask) const;
  void write(const Record& record) const;
  // nullopt if somebody else renders the subtask now.
  std::optional<Fd> lock(std::int64_t subtask) const;
  // Directories of a container that begins with `subtask`, which no earlier one had.
  ContainerPaths make_container(std::int64_t subtask) const;

  // Hands it over to the owner of the run.
  void give(const std::filesystem::path& path) const;

 private:
  std::filesystem::path record_path(std::int64_t subtask) const;
  void take();
  void make_directory(const std::filesystem::path& directory) const;
  void remove_temporary() noexcept;

  std::filesystem::path path_;
  Owner owner_;
  Keep keep_;
  Use use_;
  Fd lock_;
};

}  // namespace gt::run
