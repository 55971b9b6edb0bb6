#include "lib/run/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
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
constexpr std::string_view k_marker_text = "A run directory of submit-task. The logs of its containers are in containers/.\n";
constexpr const char* k_parts[] = {"resources", "subtasks", "results", "containers"};
constexpr const char* k_files[] = {"plan", "report.json", "report.html", "preview.png"};

Error refused(const fs::path& path, std::string why, std::string hint = "give another --run-dir") {
  return Error(ErrorCode::FileExists, std::move(why), {.file = path.string()}, std::move(hint));
}

std::string digits(std::int64_t subtask) { return fmt::format("{:05}", subtask); }

}  // namespace

fs::path resources_path(const fs::path& run_directory) { return run_directory / "resources"; }

ContainerPaths container_paths(const fs::path& run_directory, std::int64_t subtask, int turn) {
  const std::string name = fmt::format("containers/{}-{}", digits(subtask), turn);
  const fs::path directory = run_directory / name;
  return {name, directory, directory / "work", directory / "output", directory / "stdout.log", directory / "stderr.log"};
}

RunDirectory::RunDirectory(fs::path path, const Owner& owner, Keep keep, Use use)
    : path_(std::move(path)), owner_(owner), keep_(keep), use_(use) {
  std::error_code failed;
  const fs::file_status status = fs::symlink_status(path_, failed);
  if (use_ == Use::Shared) {
    if (!fs::exists(plan(), failed))
      throw Error(ErrorCode::FileNotFound, "is no run directory with a plan", {.file = path_.string()},
                  "submit-task makes one, and keeps its plan until the run has succeeded");
    return;
  }
  if (status.type() == fs::file_type::not_found) {
    make_directory(path_);
  } else if (!fs::is_directory(path_)) {
    throw refused(path_, "the run directory is not a directory");
  } else if (!fs::exists(path_ / k_marker) && !fs::is_empty(path_)) {
    throw refused(path_, "the directory is not empty and not that of a run");
  }
  take();
}

RunDirectory::~RunDirectory() {
  if (use_ == Use::Exclusive && keep_ == Keep::Logs) remove_temporary();
}

void RunDirectory::take() {
  const fs::path marker = path_ / k_marker;
  lock_ = Fd(::open(marker.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!lock_) throw os_error(errno, "write", marker.string());
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
    throw refused(path_, "another submit-task is using the run directory", "wait for it, or give another --run-dir");
  struct stat info {};
  if (::fstat(lock_.get(), &info) != 0) throw os_error(errno, "read", marker.string());
  if (info.st_size != 0) return;
  if (::write(lock_.get(), k_marker_text.data(), k_marker_text.size()) < 0) throw os_error(errno, "write", marker.string());
  give_to(owner_, lock_.get(), marker);
}

bool RunDirectory::has_begun() const {
  std::error_code failed;
  return fs::exists(plan(), failed);
}

void RunDirectory::clear() {
  // The plan first: without it the rest is nobody's, should this be interrupted.
  for (const char* file : k_files) fs::remove(path_ / file);
  for (const char* part : k_parts) {
    remove_tree(path_ / part);
    make_directory(path_ / part);
  }
}

void RunDirectory::make_resources() {
  remove_tree(resources());
  make_directory(resources());
}

void RunDirectory::succeeded() {
  if (keep_ == Keep::Everything) return;
  fs::remove(plan());
  remove_tree(path_ / "subtasks");
  remove_tree(path_ / "results");
}

void RunDirectory::make_directory(const fs::path& directory) const {
  if (::mkdir(directory.c_str(), 0755) != 0) throw os_error(errno, "make the directory", directory.string());
  give_to(owner_, directory);
}

fs::path RunDirectory::result(const render::Plan& plan, std::int64_t subtask) const {
  return path_ / "results" / (digits(subtask) + std::string(render::extension_of(plan, plan.subtask(subtask))));
}

fs::path RunDirectory::record_path(std::int64_t subtask) const { return path_ / "subtasks" / digits(subtask); }

Record RunDirectory::record(std::int64_t subtask) const {
  const fs::path file = record_path(subtask);
  std::error_code failed;
  if (!fs::exists(file, failed)) return {.subtask = subtask, .attempts = {}, .result = {}};
  return read_record(file);
}

void RunDirectory::write(const Record& record) const {
  write_record(record_path(record.subtask), record);
  give(record_path(record.subtask));
}

std::optional<Fd> RunDirectory::lock(std::int64_t subtask) const {
  const fs::path file = record_path(subtask).string() + ".lock";
  Fd out(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!out) throw os_error(errno, "write", file.string());
  if (::flock(out.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  give_to(owner_, out.get(), file);
  return out;
}

ContainerPaths RunDirectory::make_container(std::int64_t subtask) const {
  for (int turn = 1;; ++turn) {
    ContainerPaths paths = container_paths(path_, subtask, turn);
    if (::mkdir(paths.directory.c_str(), 0755) != 0) {
      if (errno == EEXIST) continue;
      throw os_error(errno, "make the directory", paths.directory.string());
    }
    give(paths.directory);
    make_directory(paths.work);
    make_directory(paths.output);
    return paths;
  }
}

void RunDirectory::give(const fs::path& path) const { give_to(owner_, path); }

void RunDirectory::remove_temporary() noexcept {
  try {
    remove_tree(resources());
    std::error_code failed;
    for (fs::directory_iterator it(path_ / "containers", failed), end; !failed && it != end; it.increment(failed)) {
      remove_tree(it->path() / "work");
      remove_tree(it->path() / "output");
    }
  } catch (const std::exception&) {
    // Out of memory in a destructor: the files stay, the next run of this directory removes them.
  }
}

}  // namespace gt::run
