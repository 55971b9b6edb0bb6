#include "lib/docker/outputs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "lib/base/files.h"
#include "lib/base/text.h"

namespace gt::docker {
namespace {

struct DirDelete {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

constexpr int k_look = O_PATH | O_NOFOLLOW | O_CLOEXEC;  // without opening
// A pipe or a device that takes the place of a file would block, or become the terminal of this process.
constexpr int k_read = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

const char* kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFLNK: return "a symbolic link";
    case S_IFDIR: return "a directory";
    case S_IFIFO: return "a pipe";
    case S_IFSOCK: return "a socket";
    case S_IFCHR:
    case S_IFBLK: return "a device";
    default: return "no regular file";
  }
}

// Why a file is not taken, empty if it is.
std::string objection(const struct stat& info, const OutputLimits& limits, std::uint64_t device) {
  if (!S_ISREG(info.st_mode)) return std::string("is ") + kind_of(info.st_mode) + ", not a regular file";
  if (info.st_dev != device) return "is on another file system";
  if (info.st_nlink != 1) return "has " + std::to_string(info.st_nlink) + " names (hard links)";
  if (static_cast<std::uint64_t>(info.st_size) > limits.file_bytes)
    return "is " + std::to_string(info.st_size) + " bytes long, more than the limit of " + std::to_string(limits.file_bytes);
  return {};
}

bool is_plain_name(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) return false;
  for (;;) {
    const std::size_t slash = name.find('/');
    const std::string_view component = name.substr(0, slash);
    if (component.empty() || component == "." || component == "..") return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace

Outputs::Outputs(std::filesystem::path directory, OutputLimits limits, Opening opening)
    : directory_(std::move(directory)),
      limits_(limits),
      opening_(opening),
      root_(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {
  struct stat info {};
  if (!root_ || ::fstat(root_.get(), &info) != 0) throw os_error(errno, "read the outputs", directory_.string());
  device_ = info.st_dev;
}

Error Outputs::invalid(std::string_view name, const std::string& message, std::string hint) const {
  const std::string file = name.empty() ? directory_.string() : printable(name, 4096);
  return Error(ErrorCode::ResultInvalid, message, {.file = file}, std::move(hint));
}

// An invalid Fd and errno if it cannot be opened.
Fd Outputs::open_beneath(const std::string& name, int flags) const {
  if (opening_ == Opening::Walk) return walk(name, flags);
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  const long fd = ::syscall(SYS_openat2, root_.get(), name.c_str(), &how, sizeof how);
  // Kernels before 5.6, and sandboxes that do not know it.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) return walk(name, flags);
  return Fd(static_cast<int>(fd));
}

Fd Outputs::walk(std::string_view name, int flags) const {
  Fd directory;
  for (;;) {
    const int at = directory ? directory.get() : root_.get();
    const std::size_t slash = name.find('/');
    const std::string component(name.substr(0, slash));
    if (slash == std::string_view::npos) return Fd(::openat(at, component.c_str(), flags));
    Fd next(::openat(at, component.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    if (!next || ::fstat(next.get(), &info) != 0) return {};
    if (info.st_dev != device_) {
      errno = EXDEV;
      return {};
    }
    directory = std::move(next);
    name.remove_prefix(slash + 1);
  }
}

Fd Outputs::open(std::string_view name) const {
  if (!is_plain_name(name)) throw invalid(name, "is no name of a file below the output directory");
  const std::string text(name);
  // First without opening it: to open a device can be an action of its own.
  const Fd place = open_beneath(text, k_look);
  if (!place && errno == ENOENT) throw os_error(ENOENT, "open the result", printable(name, 4096));
  if (!place)
    throw invalid(name, std::string("cannot be reached without a link below the output directory: ") + std::strerror(errno));
  struct stat seen {};
  if (::fstat(place.get(), &seen) != 0) throw os_error(errno, "read", printable(name, 4096));
  if (const std::string why = objection(seen, limits_, device_); !why.empty()) throw invalid(name, why);
  Fd file = open_beneath(text, k_read);
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) throw invalid(name, std::string("cannot be read: ") + std::strerror(errno));
  if (info.st_dev != seen.st_dev || info.st_ino != seen.st_ino) throw invalid(name, "was replaced while it was opened");
  return file;
}

Outputs::Listing Outputs::list() const {
  Listing out;
  std::size_t entries = 0;
  std::uint64_t total = 0;
  std::vector<std::string> waiting = {""};  // directories, with a slash at the end
  const auto refuse = [&](const std::string& name, const std::string& why) {
    out.refused.push_back({.message = why, .where = {.file = printable(name, 4096)}});
  };
  while (!waiting.empty()) {
    const std::string prefix = std::move(waiting.back());
    waiting.pop_back();
    Fd opened = prefix.empty() ? Fd(::openat(root_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
                               : open_beneath(prefix.substr(0, prefix.size() - 1), k_read | O_DIRECTORY);
    const std::unique_ptr<DIR, DirDelete> directory(opened ? ::fdopendir(opened.get()) : nullptr);
    if (!directory) {
      refuse(prefix, std::string("this directory cannot be read: ") + std::strerror(errno));
      continue;
    }
    const int fd = opened.release();  // closedir closes it
    while (const dirent* entry = ::readdir(directory.get())) {
      if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
      if (++entries > limits_.entries)
        throw invalid({}, "the job left more than " + std::to_string(limits_.entries) + " files and directories",
                      "OutputLimits::entries allows more");
      const std::string name = prefix + entry->d_name;
      struct stat info {};
      if (::fstatat(fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        refuse(name, std::string("cannot be read: ") + std::strerror(errno));
      } else if (S_ISDIR(info.st_mode) && info.st_dev == device_) {
        const auto depth = static_cast<std::size_t>(std::count(name.begin(), name.end(), '/')) + 1;
        if (depth > limits_.depth) {
          refuse(name, "is more than " + std::to_string(limits_.depth) + " directories deep");
        } else {
          waiting.push_back(name + "/");
        }
      } else if (const std::string why = objection(info, limits_, device_); !why.empty()) {
        refuse(name, why);
      } else {
        total += static_cast<std::uint64_t>(info.st_size);
        if (total > limits_.total_bytes)
          throw invalid({}, "the job left more than " + std::to_string(limits_.total_bytes) + " bytes",
                        "OutputLimits::total_bytes allows more");
        out.files.push_back({name, static_cast<std::uint64_t>(info.st_size)});
      }
    }
  }
  std::sort(out.files.begin(), out.files.end(), [](const File& a, const File& b) { return a.name < b.name; });
  return out;
}

void Outputs::copy(std::string_view name, const std::filesystem::path& target) const {
  const Fd file = open(name);
  struct stat before {};
  struct stat after {};
  if (::fstat(file.get(), &before) != 0) throw os_error(errno, "read", printable(name, 4096));
  OutputFile out(target.string());
  std::vector<char> block(std::size_t{64} << 10);
  for (off_t left = before.st_size; left > 0;) {
    const ssize_t got = ::read(file.get(), block.data(), std::min(block.size(), static_cast<std::size_t>(left)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw os_error(errno, "read", printable(name, 4096));
    if (got == 0) break;
    out.write({block.data(), static_cast<std::size_t>(got)});
    left -= got;
  }
  if (::fstat(file.get(), &after) != 0) throw os_error(errno, "read", printable(name, 4096));
  const bool is_same = after.st_size == before.st_size && after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
                       after.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
  if (!is_same) throw invalid(name, "changed while it was read");
  out.publish();
}

}  // namespace gt::docker
