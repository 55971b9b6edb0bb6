// The bytes of a scene file, decompressed as they are read. Never holds more than a few buffers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lib/blend/summary.h"

namespace gt::blend {

class Source {
 public:
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Fills `out`; fewer bytes come only at the end of the file. Throws SceneTruncated and SceneCorrupt for what cannot be
  // decompressed, SceneTooLarge beyond the limit.
  std::size_t read(std::span<char> out);
  // Passes over `count` bytes, fewer only at the end of the file. Throws as read does.
  std::uint64_t skip(std::uint64_t count);
  // Of the next byte, in the decompressed file.
  std::uint64_t position() const { return position_; }

 protected:
  explicit Source(std::uint64_t max_bytes);

  // Some more bytes; 0 at the end.
  virtual std::size_t produce(std::span<char> out) = 0;
  // Passes over up to `count` bytes without producing them, as many as it can.
  virtual std::uint64_t pass_over(std::uint64_t count) = 0;

 private:
  bool fill();
  void check_limit(std::uint64_t more) const;

  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // what of the buffer is not read yet
  std::size_t end_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t max_bytes_;
};

// What the first bytes say. Reads at the start of the file.
Compression recognise_compression(int fd);

// From the start of the file. `fd` stays the caller's; its own offset is neither used nor changed.
std::unique_ptr<Source> open_source(int fd, Compression compression, std::uint64_t max_bytes);

}  // namespace gt::blend
