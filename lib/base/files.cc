#include "lib/base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <utility>

namespace gt {
namespace {

Location at_file(std::string_view path) { return {.file = std::string(path)}; }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ > 2) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Error read_failure(int errno_value, const std::string& path) {
  if (errno_value == ENOENT) return Error(ErrorCode::FileNotFound, "no such file", at_file(path));
  if (errno_value == EISDIR) return Error(ErrorCode::FileIsDirectory, "is a directory, not a file", at_file(path));
  if (errno_value == EACCES) return Error(ErrorCode::FileUnreadable, "cannot be read: permission denied", at_file(path));
  return os_error(errno_value, "read", path);
}

std::string read_stream(int fd, const std::string& path, std::uint64_t max_bytes) {
  std::string out;
  char chunk[65536];
  for (;;) {
    const ssize_t n = ::read(fd, chunk, sizeof chunk);
    if (n == 0) return out;
    if (n < 0) {
      if (errno == EINTR) continue;
      throw read_failure(errno, path);
    }
    out.append(chunk, static_cast<std::size_t>(n));
    if (out.size() > max_bytes)
      throw Error(ErrorCode::LimitSize, "is larger than the limit of " + std::to_string(max_bytes) + " bytes", at_file(path));
  }
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The file that writing to `path` would reach: a link stays a link, also one whose file is not there yet.
std::string resolve_target(std::string path) {
  constexpr int k_most_links = 40;  // as the kernel
  for (int i = 0; i < k_most_links; ++i) {
    char link[PATH_MAX];
    const ssize_t n = ::readlink(path.c_str(), link, sizeof link);
    if (n <= 0 || n == sizeof link) return path;
    const std::string next(link, static_cast<std::size_t>(n));
    path = next[0] == '/' ? next : directory_of(path) + "/" + next;
  }
  return path;
}

mode_t default_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return static_cast<mode_t>(0666 & ~mask);
}

}  // namespace

Input Input::read(const std::string& path, std::uint64_t max_bytes) {
  Input input;
  input.name_ = path;
  const Descriptor fd(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (fd.get() < 0) throw read_failure(errno, path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw read_failure(errno, path);
  if (S_ISDIR(info.st_mode)) throw read_failure(EISDIR, path);
  input.device_ = info.st_dev;
  input.inode_ = info.st_ino;
  if (path == "-" || !S_ISREG(info.st_mode) || info.st_size == 0) {
    input.buffer_ = read_stream(fd.get(), path, max_bytes);
    input.data_ = input.buffer_.data();
    input.size_ = input.buffer_.size();
    return input;
  }
  input.size_ = static_cast<std::size_t>(info.st_size);
  if (input.size_ > max_bytes)
    throw Error(ErrorCode::LimitSize,
                "has " + std::to_string(input.size_) + " bytes, more than the limit of " + std::to_string(max_bytes),
                at_file(path));
  void* map = ::mmap(nullptr, input.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (map == MAP_FAILED) throw read_failure(errno, path);
  input.data_ = static_cast<const char*>(map);
  input.mapped_ = true;
  return input;
}

Input::Input(Input&& other) noexcept { *this = std::move(other); }

Input& Input::operator=(Input&& other) noexcept {
  if (this == &other) return *this;
  release();
  name_ = std::move(other.name_);
  buffer_ = std::move(other.buffer_);
  mapped_ = std::exchange(other.mapped_, false);
  data_ = mapped_ ? other.data_ : buffer_.data();
  size_ = std::exchange(other.size_, 0);
  device_ = other.device_;
  inode_ = other.inode_;
  other.data_ = nullptr;
  return *this;
}

Input::~Input() { release(); }

void Input::release() noexcept {
  if (mapped_) ::munmap(const_cast<char*>(data_), size_);
  mapped_ = false;
}

bool Input::is_same_file(const std::string& path) const {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

OutputFile::OutputFile(std::string path, Clobber clobber, Durability durability)
    : path_(std::move(path)), clobber_(clobber), durability_(durability) {
  if (path_ == "-") {
    in_place_ = true;
    fd_ = STDOUT_FILENO;
    return;
  }
  target_ = resolve_target(path_);
  directory_ = directory_of(target_);
  struct stat info {};
  if (::stat(target_.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) throw Error(ErrorCode::FileIsDirectory, "is a directory; name a file to write", at_file(path_));
    if (clobber_ == Clobber::Refuse)
      throw Error(ErrorCode::FileExists, "exists already", at_file(path_), "remove --no-clobber to replace it");
    if (!S_ISREG(info.st_mode)) {
      in_place_ = true;
      fd_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
      if (fd_ < 0) throw failure(errno, "open");
      return;
    }
    // Replacing needs only the directory; a file made read-only is still a wish not to lose it.
    if (::access(target_.c_str(), W_OK) != 0) throw failure(errno, "replace");
  }
  open_beside();
}

void OutputFile::open_beside() {
  struct stat info {};
  const mode_t mode = ::stat(target_.c_str(), &info) == 0 ? info.st_mode & 07777 : default_mode();
  fd_ = ::open(directory_.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    if (errno == ENOENT || errno == EACCES || errno == ENOTDIR || errno == EROFS) throw failure(errno, "create");
    std::string name = directory_ + "/.gt-XXXXXX";
    fd_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd_ < 0) throw failure(errno, "create");
    temporary_ = std::move(name);
  }
  if (::fchmod(fd_, mode) != 0) throw failure(errno, "set the mode of");
}

OutputFile::~OutputFile() {
  if (fd_ > 2) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      throw failure(errno, "write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void OutputFile::write_at(std::uint64_t offset, std::string_view bytes) {
  if (in_place_)
    throw Error(ErrorCode::FileUnwritable, "is no regular file, and this output is not written from its start to its end",
                at_file(path_), "name a regular file");
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      throw failure(errno, "write");
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void OutputFile::give_name() {
  const std::string self = "/proc/self/fd/" + std::to_string(fd_);
  if (temporary_.empty()) {
    // A new target gets its name at once; linkat refuses an existing one, so nothing is overwritten by accident.
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, target_.c_str(), AT_SYMLINK_FOLLOW) == 0) return;
    if (errno != EEXIST) throw failure(errno, "create");
    std::string name;
    for (unsigned attempt = 0;; ++attempt) {
      name = directory_ + "/.gt-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
      if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) break;
      if (errno != EEXIST || attempt > 1000) throw failure(errno, "create");
    }
    temporary_ = std::move(name);
  }
  const unsigned flags = clobber_ == Clobber::Refuse ? RENAME_NOREPLACE : 0;
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), flags) != 0) {
    if (errno == EEXIST)
      throw Error(ErrorCode::FileExists, "exists already", at_file(path_), "remove --no-clobber to replace it");
    throw failure(errno, "replace");
  }
  temporary_.clear();
}

void OutputFile::publish() {
  if (in_place_) return;
  const bool sync = durability_ == Durability::Sync;
  if (sync && ::fsync(fd_) != 0) throw failure(errno, "sync");
  give_name();
  // Some file systems report a failed write only here.
  if (::close(std::exchange(fd_, -1)) != 0) throw failure(errno, "close");
  if (!sync) return;
  const Descriptor directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) throw failure(errno, "sync the directory of");
}

Error OutputFile::failure(int errno_value, std::string_view action) const {
  const Error error = os_error(errno_value, std::string(action) + " this output", path_);
  return Error(errno_value == ENOSPC || errno_value == EDQUOT ? ErrorCode::System : ErrorCode::FileUnwritable, error.message(),
               error.where());
}

void write_file(const std::string& path, std::string_view bytes, Clobber clobber) {
  OutputFile out(path, clobber);
  out.write(bytes);
  out.publish();
}

}  // namespace gt
