#include "lib/batch/content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "lib/batch/conversion.h"

namespace gt::batch {
namespace {

// Files up to this size are copied: cheaper than a mapping, which all threads of a process share.
constexpr std::size_t k_small = std::size_t{1} << 20;

std::size_t read_up_to(int fd, char* out, std::size_t size, const Source& source) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd, out + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw os_error(errno, "read", source.path());
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

}  // namespace

std::string_view Content::read(const Source& source) {
  large_.reset();
  // A name that became a pipe must not stop the run.
  const Fd fd(::openat(source.directory->fd.get(), source.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) throw os_error(errno, "read", source.path());
  if (S_ISDIR(info.st_mode)) throw os_error(EISDIR, "read", source.path());
  if (!S_ISREG(info.st_mode)) throw Error(ErrorCode::FileUnreadable, "is no regular file", {.file = source.path()});
  const auto size = static_cast<std::uint64_t>(info.st_size);
  constexpr std::size_t k_beginning = 4096;
  buffer_.resize(size > k_small ? k_beginning : static_cast<std::size_t>(size));
  const std::string_view bytes(buffer_.data(), read_up_to(fd.get(), buffer_.data(), buffer_.size(), source));
  if (size <= k_small || !may_be_task(source.name, bytes)) return bytes;
  large_ = Input::read("/proc/self/fd/" + std::to_string(fd.get()));
  return large_->bytes();
}

}  // namespace gt::batch
