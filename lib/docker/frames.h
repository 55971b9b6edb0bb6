// The engine's log format: both streams of a container in one, cut into frames.
//
// A frame is one byte for the stream (0 stdin echoed, 1 stdout, 2 stderr, 3 the engine's own error), three zero bytes, the
// length of the payload as 32 bits big-endian, and the payload.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gt::docker {

enum class Stream : std::uint8_t { Stdout, Stderr };

// Takes the bytes in pieces cut anywhere and passes payloads on as they come; holds no more than a header.
class FrameDecoder {
 public:
  using Sink = std::function<void(Stream, std::string_view)>;
  explicit FrameDecoder(Sink sink) : sink_(std::move(sink)) {}

  // Throws EngineRefused for bytes that are no frame and, with its text, for an error of the engine within the stream.
  void feed(std::string_view bytes);
  // False in the middle of a frame.
  bool at_boundary() const { return header_.empty() && remaining_ == 0; }

 private:
  void begin_frame();
  void end_error() const;

  Sink sink_;
  std::string header_;           // the first bytes of a header that is not whole yet
  std::uint64_t remaining_ = 0;  // of the payload
  char stream_ = 0;
  std::string error_;  // the engine's own, up to k_max_error bytes
  static constexpr std::size_t k_max_error = 2000;
};

}  // namespace gt::docker
