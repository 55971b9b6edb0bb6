#include "lib/blend/source.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>

#include "lib/base/text.h"

namespace gt::blend {
namespace {

constexpr std::size_t k_buffer = std::size_t{64} << 10;

// The compressed or plain bytes of the file, at a place of its own.
class FileBytes {
 public:
  explicit FileBytes(int fd) : fd_(fd) {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) throw os_error(errno, "read", {});
    size_ = static_cast<std::uint64_t>(info.st_size);
  }

  std::size_t read(std::span<char> out) {
    for (;;) {
      const ssize_t got = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(at_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw os_error(errno, "read", {});
      at_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
  }
  std::uint64_t pass_over(std::uint64_t count) {
    const std::uint64_t step = std::min(count, size_ - std::min(size_, at_));
    at_ += step;
    return step;
  }

 private:
  int fd_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;
};

class PlainSource : public Source {
 public:
  PlainSource(int fd, std::uint64_t max_bytes) : Source(max_bytes), file_(fd) {}

 private:
  std::size_t produce(std::span<char> out) override { return file_.read(out); }
  std::uint64_t pass_over(std::uint64_t count) override { return file_.pass_over(count); }

  FileBytes file_;
};

// What the two compressed forms share: a buffer of bytes that are not decompressed yet.
class CompressedSource : public Source {
 public:
  CompressedSource(int fd, std::uint64_t max_bytes) : Source(max_bytes), file_(fd), input_(k_buffer) {}

 protected:
  std::uint64_t pass_over(std::uint64_t) override { return 0; }
  std::span<char> more_input() { return std::span(input_).first(file_.read(input_)); }

  Error corrupt(const char* form, const char* why) const {
    return Error(ErrorCode::SceneCorrupt, std::string("the ") + form + " data cannot be decompressed: " + printable(why),
                 {.offset = produced_});
  }
  Error truncated(const char* form) const {
    return Error(ErrorCode::SceneTruncated, std::string("the ") + form + " data ends in the middle: the file was cut",
                 {.offset = produced_});
  }

  std::uint64_t produced_ = 0;

 private:
  FileBytes file_;
  std::vector<char> input_;
};

class GzipSource : public CompressedSource {
 public:
  GzipSource(int fd, std::uint64_t max_bytes) : CompressedSource(fd, max_bytes) {
    constexpr int k_gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, k_gzip_only) != Z_OK) throw std::bad_alloc();
  }
  ~GzipSource() override { inflateEnd(&stream_); }

 private:
  std::size_t produce(std::span<char> out) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), std::numeric_limits<uInt>::max()));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && !is_done_) step();
    const std::size_t got = wanted - stream_.avail_out;
    produced_ += got;
    return got;
  }

  void step() {
    if (stream_.avail_in == 0 && !holds_output_ && !refill()) {
      if (!is_between_members_) throw truncated("gzip");
      is_done_ = true;
      return;
    }
    if (is_between_members_ && !begin_member()) return;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    holds_output_ = code == Z_OK && stream_.avail_out == 0;
    if (code == Z_STREAM_END) {
      is_between_members_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      throw corrupt("gzip", stream_.msg != nullptr ? stream_.msg : "unknown form");
    }
  }

  bool refill() {
    const std::span<char> more = more_input();
    stream_.next_in = reinterpret_cast<Bytef*>(more.data());
    stream_.avail_in = static_cast<uInt>(more.size());
    return !more.empty();
  }

  // As gzread, which Blender uses: members follow each other, and what is no member after one is ignored.
  bool begin_member() {
    constexpr Bytef k_first_magic_byte = 0x1f;
    if (*stream_.next_in != k_first_magic_byte) {
      is_done_ = true;
      return false;
    }
    is_between_members_ = false;
    return inflateReset(&stream_) == Z_OK;
  }

  z_stream stream_ = {};
  bool holds_output_ = false;  // that had no room: it comes without any input
  bool is_between_members_ = false;
  bool is_done_ = false;
};

// Blender writes one frame for each part of the file, and a table of them in a frame that decoders skip. A frame may ask for a
// window of up to 128 MiB (the library's own limit); those of Blender are small.
class ZstdSource : public CompressedSource {
 public:
  ZstdSource(int fd, std::uint64_t max_bytes) : CompressedSource(fd, max_bytes), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

 private:
  std::size_t produce(std::span<char> out) override {
    ZSTD_outBuffer to = {out.data(), out.size(), 0};
    while (to.pos == 0) {
      if (from_.pos == from_.size && !holds_output_ && !refill()) {
        if (is_within_frame_) throw truncated("zstd");
        return 0;
      }
      const std::size_t code = ZSTD_decompressStream(stream_, &to, &from_);
      if (ZSTD_isError(code) != 0) throw corrupt("zstd", ZSTD_getErrorName(code));
      is_within_frame_ = code != 0;
      holds_output_ = is_within_frame_ && to.pos == to.size;
    }
    produced_ += to.pos;
    return to.pos;
  }

  bool refill() {
    const std::span<char> more = more_input();
    from_ = {more.data(), more.size(), 0};
    return !more.empty();
  }

  ZSTD_DStream* stream_;
  ZSTD_inBuffer from_ = {nullptr, 0, 0};
  bool holds_output_ = false;
  bool is_within_frame_ = false;
};

}  // namespace

Source::Source(std::uint64_t max_bytes) : buffer_(k_buffer), max_bytes_(max_bytes) {}

void Source::check_limit(std::uint64_t more) const {
  if (more <= max_bytes_ - position_) return;
  throw Error(ErrorCode::SceneTooLarge,
              "the scene is larger than the limit of " + std::to_string(max_bytes_) + " decompressed bytes",
              {.offset = position_}, "Limits::scanned_bytes allows more");
}

bool Source::fill() {
  begin_ = 0;
  end_ = produce(buffer_);
  return end_ > 0;
}

std::size_t Source::read(std::span<char> out) {
  std::size_t done = 0;
  while (done < out.size() && (begin_ < end_ || fill())) {
    const std::size_t step = std::min(out.size() - done, end_ - begin_);
    check_limit(step);
    std::memcpy(out.data() + done, buffer_.data() + begin_, step);
    begin_ += step;
    position_ += step;
    done += step;
  }
  return done;
}

std::uint64_t Source::skip(std::uint64_t count) {
  std::uint64_t left = count;
  while (left > 0) {
    std::uint64_t step = std::min<std::uint64_t>(left, end_ - begin_);
    begin_ += static_cast<std::size_t>(step);
    if (step == 0) step = pass_over(left);
    check_limit(step);
    position_ += step;
    left -= step;
    if (step == 0 && !fill()) break;
  }
  return count - left;
}

Compression recognise_compression(int fd) {
  constexpr std::string_view k_gzip = "\x1f\x8b";
  constexpr std::string_view k_zstd = "\x28\xb5\x2f\xfd";
  char first[4];
  const std::string_view bytes(first, FileBytes(fd).read(first));
  if (bytes.substr(0, 2) == k_gzip) return Compression::Gzip;
  return bytes == k_zstd ? Compression::Zstd : Compression::None;
}

std::unique_ptr<Source> open_source(int fd, Compression compression, std::uint64_t max_bytes) {
  switch (compression) {
    case Compression::Gzip: return std::make_unique<GzipSource>(fd, max_bytes);
    case Compression::Zstd: return std::make_unique<ZstdSource>(fd, max_bytes);
    case Compression::None: break;
  }
  return std::make_unique<PlainSource>(fd, max_bytes);
}

}  // namespace gt::blend
