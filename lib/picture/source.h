// A picture's file, read at any place. Its descriptor stays the caller's, and its position is neither used nor moved.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gt::picture {

class Source {
 public:
  // Throws System if `fd` cannot be looked at, ResultInvalid if it is no regular file. What is appended to the file from now on
  // is not seen.
  explicit Source(int fd);

  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return position_; }
  std::uint64_t left() const { return size_ - position_; }
  // To a place in the file or to its end; throws ResultInvalid beyond.
  void seek(std::uint64_t position);

  // Up to bytes.size() bytes; 0 at the end of the file only.
  std::size_t read_some(std::span<std::uint8_t> bytes);
  // All of them; throws ResultInvalid where the file ends before.
  void read(std::span<std::uint8_t> bytes);
  std::uint8_t read_byte();

 private:
  std::size_t fill();

  int fd_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t buffer_start_ = 0;  // place of buffer_ in the file
  std::size_t buffered_ = 0;
  std::array<std::uint8_t, 16384> buffer_;
};

// Numbers as files hold them, the lowest byte first.
std::uint16_t little16(const std::uint8_t* bytes);
std::uint32_t little32(const std::uint8_t* bytes);
std::uint64_t little64(const std::uint8_t* bytes);

}  // namespace gt::picture
