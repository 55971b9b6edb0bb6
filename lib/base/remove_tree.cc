#include "lib/base/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace gt {
namespace {

struct DirDelete {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Every directory is emptied where it stands at the top: its own directories are moved up there first, under new names. So
// there is never a path to follow, however deep it was.
class Remover {
 public:
  explicit Remover(const std::filesystem::path& tree) : tree_(tree) {}

  void run() {
    top_ = open_directory(AT_FDCWD, tree_.c_str());
    if (!top_) {
      if (errno == ENOENT) return;
      if (errno == ENOTDIR || errno == ELOOP) return remove_file();
      throw os_error(errno, "remove this directory", tree_.string());
    }
    const std::optional<dev_t> device = device_of(top_.get());
    empty(top_.get(), Place::Top);
    while (!waiting_.empty()) {
      const std::string name = std::move(waiting_.back());
      waiting_.pop_back();
      const Fd directory = open_directory(top_.get(), name.c_str());
      // What is mounted here belongs to somebody else.
      if (directory && device_of(directory.get()) == device) empty(directory.get(), Place::Below);
      if (::unlinkat(top_.get(), name.c_str(), AT_REMOVEDIR) != 0) fail(name);
    }
    if (failure_) throw *failure_;
    if (::rmdir(tree_.c_str()) != 0 && errno != ENOENT) throw os_error(errno, "remove this directory", tree_.string());
  }

 private:
  enum class Place : std::uint8_t { Top, Below };

  void remove_file() const {
    if (::unlink(tree_.c_str()) != 0 && errno != ENOENT) throw os_error(errno, "remove this file", tree_.string());
  }

  static std::optional<dev_t> device_of(int directory) {
    struct stat info {};
    return ::fstat(directory, &info) == 0 ? std::optional(info.st_dev) : std::nullopt;
  }

  // Its owner may have taken all rights from it, which its owner can give back.
  static Fd open_directory(int at, const char* name) {
    constexpr int k_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Fd directory(::openat(at, name, k_flags));
    if (!directory && errno == EACCES) {
      struct stat info {};
      // No flag of fchmodat leaves links alone on Linux: only what is a directory now, and is opened without following.
      if (::fstatat(at, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode)) ::fchmodat(at, name, 0700, 0);
      directory = Fd(::openat(at, name, k_flags));
    }
    return directory;
  }

  // Removes the files of a directory and moves its directories to the top.
  void empty(int directory, Place place) {
    ::fchmod(directory, 0700);
    const std::unique_ptr<DIR, DirDelete> entries(::fdopendir(::fcntl(directory, F_DUPFD_CLOEXEC, 0)));
    if (!entries) {
      fail("");
      return;
    }
    // Entries may be skipped while others go: it is read until nothing more can be taken out.
    for (bool has_progress = true; has_progress; ::rewinddir(entries.get())) {
      has_progress = false;
      while (const dirent* entry = ::readdir(entries.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") has_progress |= take_out(directory, name, place);
      }
    }
  }

  bool take_out(int directory, const std::string& name, Place place) {
    if (::unlinkat(directory, name.c_str(), 0) == 0) return true;
    struct stat info {};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(info.st_mode)) return fail(name);
    if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0) return true;
    if (place == Place::Top) return wait_for(name);
    // A directory can be moved only by who may write to it.
    if (::faccessat(directory, name.c_str(), W_OK, AT_EACCESS) != 0) ::fchmodat(directory, name.c_str(), 0700, 0);
    const std::string moved = prefix_ + std::to_string(++count_);
    if (::renameat(directory, name.c_str(), top_.get(), moved.c_str()) != 0) {
      return errno == EEXIST || errno == ENOTEMPTY ? true : fail(name);  // that name is there: it tries the next one
    }
    waiting_.push_back(moved);
    return true;
  }

  bool wait_for(const std::string& name) {
    if (!seen_.insert(name).second) return false;
    waiting_.push_back(name);
    return true;
  }

  bool fail(const std::string& name) {
    if (!failure_) failure_ = os_error(errno, "remove this", (tree_ / name).string());
    return false;
  }

  std::filesystem::path tree_;
  Fd top_;
  std::vector<std::string> waiting_;  // directories at the top
  std::set<std::string> seen_;
  // Nobody can have made names that begin so before.
  std::string prefix_ = ".gt-remove-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()) + "-";
  std::uint64_t count_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

void remove_tree(const std::filesystem::path& tree) { Remover(tree).run(); }

}  // namespace gt
