#include "lib/docker/plain_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/error.h"

namespace gt::docker {

PlainFile::PlainFile(std::filesystem::path path) : path_(std::move(path)) {
  // O_NONBLOCK: opening a pipe fails instead of waiting for its reader.
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0644);
  if (fd_ < 0) throw os_error(errno, errno == ELOOP ? "write through a link" : "create this file", path_.native());
  struct stat info {};
  const bool is_regular = ::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1;
  if (!is_regular || ::fchmod(fd_, 0644) != 0 || ::ftruncate(fd_, 0) != 0) {
    const int reason = is_regular ? errno : EINVAL;
    ::close(fd_);
    throw os_error(reason, "make a plain file of this", path_.native());
  }
}

PlainFile::~PlainFile() { ::close(fd_); }

void PlainFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw os_error(errno, "write this file", path_.native());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PlainFile::restart() {
  if (::ftruncate(fd_, 0) != 0 || ::lseek(fd_, 0, SEEK_SET) != 0) throw os_error(errno, "empty this file", path_.native());
}

}  // namespace gt::docker
