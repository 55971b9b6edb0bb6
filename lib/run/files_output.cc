#include "lib/run/files_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/remove_tree.h"
#include "lib/run/content_hash.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

// What a kill leaves there, the next run removes: a name that nobody else gives anything.
fs::path unfinished(const fs::path& directory) {
  return directory.parent_path() / ("." + directory.filename().string() + ".submit-task-unfinished");
}

void make_directory(const fs::path& directory, const Owner& owner) {
  if (::mkdir(directory.c_str(), 0755) != 0) throw os_error(errno, "make the directory", directory.string());
  give_to(owner, directory);
}

void copy_tree(const fs::path& from, const fs::path& to, const Owner& owner) {
  make_directory(to, owner);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(from)) {
    const fs::path target = to / entry.path().lexically_relative(from);
    if (entry.is_directory()) {
      make_directory(target, owner);
      continue;
    }
    std::error_code failed;
    fs::copy_file(entry.path(), target, failed);
    if (failed) throw os_error(failed.value(), "write", target.string());
    give_to(owner, target);
  }
}

// All of its file system: files are on the disk before they have their name.
void sync(const fs::path& directory) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::syncfs(fd.get()) != 0) throw os_error(errno, "write", directory.string());
}

bool is_free(const fs::path& directory, const std::string& sha256) {
  const fs::file_status status = fs::symlink_status(directory);
  if (status.type() == fs::file_type::not_found) return true;
  if (!fs::is_directory(status)) return false;
  return fs::is_empty(directory) || (!sha256.empty() && sha256_of_tree(directory) == sha256);
}

}  // namespace

void require_free(const fs::path& directory, const std::string& sha256) {
  if (!is_free(directory, sha256))
    throw Error(ErrorCode::FileExists, "there is something already where the program's files are to go",
                {.file = directory.string()}, "give another --output, or an empty directory");
  const fs::path probe = unfinished(directory);
  remove_tree(probe);
  make_directory(probe, {});
  fs::remove(probe);
}

void publish_files(const fs::path& from, const fs::path& to, const std::string& sha256, const Owner& owner) {
  if (fs::is_directory(fs::symlink_status(to)) && sha256_of_tree(to) == sha256) return;
  const fs::path part = unfinished(to);
  remove_tree(part);
  copy_tree(from, part, owner);
  sync(part);
  if (::rename(part.c_str(), to.c_str()) == 0) return sync(to);
  const int why = errno;
  remove_tree(part);
  if (why == ENOTEMPTY || why == EEXIST || why == ENOTDIR)
    throw Error(ErrorCode::FileExists, "something has come to where the program's files are to go", {.file = to.string()},
                "the same command with another --output goes on from here");
  throw os_error(why, "write", to.string());
}

}  // namespace gt::run
