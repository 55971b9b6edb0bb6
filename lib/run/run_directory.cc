#include "lib/run/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "lib/base/error.h"
#include "lib/base/remove_tree.h"
#include "lib/base/text.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_marker = "gt-run";
constexpr std::string_view k_marker_text = "A run directory of submit-task. The logs of its containers are in subtasks/.\n";

Error refused(const fs::path& path, std::string why) {
  return Error(ErrorCode::FileExists, std::move(why), {.file = path.string()}, "give another --run-dir");
}

}  // namespace

fs::path resources_path(const fs::path& run_directory) { return run_directory / "resources"; }

SubtaskPaths subtask_paths(const fs::path& run_directory, std::int64_t number) {
  std::string name = std::to_string(number);
  if (name.size() < 3) name.insert(0, 3 - name.size(), '0');
  const fs::path directory = run_directory / "subtasks" / name;
  return {directory, directory / "work", directory / "output", directory / "stdout.log", directory / "stderr.log"};
}

RunDirectory::RunDirectory(fs::path path, const Owner& owner, Keep keep) : path_(std::move(path)), owner_(owner), keep_(keep) {
  std::error_code failed;
  const fs::file_status status = fs::symlink_status(path_, failed);
  if (status.type() == fs::file_type::not_found) {
    make_directory(path_);
  } else if (!fs::is_directory(path_)) {
    throw refused(path_, "the run directory is not a directory");
  } else if (!fs::exists(path_ / k_marker) && !fs::is_empty(path_)) {
    throw refused(path_, "the directory is not empty and not that of a run");
  }
  lock();
  remove_tree(resources());
  remove_tree(path_ / "subtasks");
  make_directory(resources());
  make_directory(path_ / "subtasks");
}

RunDirectory::~RunDirectory() {
  if (keep_ == Keep::Logs) remove_temporary();
}

void RunDirectory::lock() {
  const fs::path marker = path_ / k_marker;
  lock_ = Fd(::open(marker.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!lock_) throw os_error(errno, "write", marker.string());
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) throw refused(path_, "another submit-task is using the run directory");
  struct stat info {};
  if (::fstat(lock_.get(), &info) != 0) throw os_error(errno, "read", marker.string());
  if (info.st_size != 0) return;
  if (::write(lock_.get(), k_marker_text.data(), k_marker_text.size()) < 0) throw os_error(errno, "write", marker.string());
  give_to(owner_, lock_.get(), marker);
}

void RunDirectory::make_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0755) != 0) throw os_error(errno, "make the directory", directory.string());
  give_to(owner_, directory);
}

SubtaskPaths RunDirectory::make_subtask(std::int64_t number) {
  SubtaskPaths paths = subtask_paths(path_, number);
  make_directory(paths.directory);
  make_directory(paths.work);
  make_directory(paths.output);
  return paths;
}

void RunDirectory::remove_temporary() noexcept {
  try {
    remove_tree(resources());
    std::error_code failed;
    for (fs::directory_iterator it(path_ / "subtasks", failed), end; !failed && it != end; it.increment(failed)) {
      remove_tree(it->path() / "work");
      remove_tree(it->path() / "output");
    }
  } catch (const std::exception&) {
    // Out of memory in a destructor: the files stay, the next run of this directory removes them.
  }
}

}  // namespace gt::run
