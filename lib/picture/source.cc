#include "lib/picture/source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "lib/base/error.h"

namespace gt::picture {
namespace {

Error cut(std::uint64_t size) {
  return Error(ErrorCode::ResultInvalid, "the file is cut: it ends after " + std::to_string(size) + " bytes");
}

}  // namespace

Source::Source(int fd) : fd_(fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) throw os_error(errno, "read", "");
  if (!S_ISREG(info.st_mode)) throw Error(ErrorCode::ResultInvalid, "is no regular file");
  size_ = static_cast<std::uint64_t>(info.st_size);
}

void Source::seek(std::uint64_t position) {
  if (position > size_) throw cut(size_);
  position_ = position;
}

// Bytes in the buffer from position_ on.
std::size_t Source::fill() {
  if (position_ >= buffer_start_ && position_ < buffer_start_ + buffered_)
    return static_cast<std::size_t>(buffer_start_ + buffered_ - position_);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), left()));
  buffer_start_ = position_;
  buffered_ = 0;
  while (wanted > 0) {
    const ssize_t got = ::pread(fd_, buffer_.data(), wanted, static_cast<off_t>(position_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw os_error(errno, "read", "");
    buffered_ = static_cast<std::size_t>(got);
    break;
  }
  return buffered_;
}

std::size_t Source::read_some(std::span<std::uint8_t> bytes) {
  const std::size_t count = std::min(fill(), bytes.size());
  std::memcpy(bytes.data(), buffer_.data() + (position_ - buffer_start_), count);
  position_ += count;
  return count;
}

void Source::read(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::size_t count = read_some(bytes);
    if (count == 0) throw cut(position_);
    bytes = bytes.subspan(count);
  }
}

std::uint8_t Source::read_byte() {
  std::uint8_t byte = 0;
  read({&byte, 1});
  return byte;
}

std::uint16_t little16(const std::uint8_t* bytes) { return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8); }
std::uint32_t little32(const std::uint8_t* bytes) {
  return little16(bytes) | static_cast<std::uint32_t>(little16(bytes + 2)) << 16;
}
std::uint64_t little64(const std::uint8_t* bytes) {
  return little32(bytes) | static_cast<std::uint64_t>(little32(bytes + 4)) << 32;
}

}  // namespace gt::picture
