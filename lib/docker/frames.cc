#include "lib/docker/frames.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::docker {
namespace {

constexpr std::size_t k_header_size = 8;
constexpr char k_stderr = 2;
constexpr char k_engine_error = 3;

}  // namespace

void FrameDecoder::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (remaining_ == 0) {
      const std::size_t taken = std::min(k_header_size - header_.size(), bytes.size());
      header_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      if (header_.size() < k_header_size) return;
      begin_frame();
      continue;
    }
    const std::string_view payload =
        bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size())));
    bytes.remove_prefix(payload.size());
    remaining_ -= payload.size();
    if (stream_ == k_engine_error) {
      error_.append(payload.substr(0, k_max_error - error_.size()));
      if (remaining_ == 0) end_error();
    } else {
      sink_(stream_ == k_stderr ? Stream::Stderr : Stream::Stdout, payload);
    }
  }
}

void FrameDecoder::begin_frame() {
  stream_ = header_[0];
  const bool is_frame = stream_ >= 0 && stream_ <= k_engine_error && header_.compare(1, 3, std::string_view("\0\0\0", 3)) == 0;
  if (!is_frame)
    throw Error(ErrorCode::EngineRefused, "the engine's log stream is damaged: " + printable(header_) + " is no frame header");
  for (std::size_t i = 4; i < k_header_size; ++i) remaining_ = remaining_ << 8 | static_cast<unsigned char>(header_[i]);
  header_.clear();
}

void FrameDecoder::end_error() const {
  throw Error(ErrorCode::EngineRefused, "the engine could not read the log: " + printable(error_, k_max_error));
}

}  // namespace gt::docker
