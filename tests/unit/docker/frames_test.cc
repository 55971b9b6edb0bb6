#include "lib/docker/frames.h"

#include <vector>

#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::error_of;

std::string frame(int stream, const std::string& payload) {
  std::string out(8, '\0');
  out[0] = static_cast<char>(stream);
  for (std::size_t i = 0; i < 4; ++i) out[7 - i] = static_cast<char>(payload.size() >> (8 * i) & 0xff);
  return out + payload;
}

struct Streams {
  std::string out;
  std::string err;
  FrameDecoder decoder{[this](Stream stream, std::string_view bytes) { (stream == Stream::Stdout ? out : err) += bytes; }};
};

TEST_CASE("frames come out the same wherever the bytes are cut") {
  const std::string binary("\0\1\2\xff\n", 5);
  const std::string large(300, 'x');  // a length of two bytes
  const std::string bytes =
      frame(1, "one\n") + frame(2, "err\n") + frame(1, "") + frame(0, "zero") + frame(1, binary) + frame(2, large);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (const std::size_t second : {first, first + 1, first + 7, bytes.size()}) {
      if (second > bytes.size()) continue;
      Streams streams;
      const std::string_view view = bytes;
      streams.decoder.feed(view.substr(0, first));
      streams.decoder.feed(view.substr(first, second - first));
      streams.decoder.feed(view.substr(second));
      REQUIRE(streams.decoder.at_boundary());
      REQUIRE(streams.out == "one\nzero" + binary);
      REQUIRE(streams.err == "err\n" + large);
    }
  }
}

TEST_CASE("a stream fed byte by byte is passed on as it comes") {
  Streams streams;
  const std::string bytes = frame(1, "abc");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK(streams.decoder.at_boundary() == (i == 0));
    streams.decoder.feed(std::string_view(bytes).substr(i, 1));
    CHECK(streams.out.size() == (i < 8 ? 0 : i - 7));
  }
  CHECK(streams.decoder.at_boundary());
}

TEST_CASE("a payload of 4 GiB less one byte is not a negative number") {
  Streams streams;
  streams.decoder.feed(
      std::string_view("\2\0\0\0\xff\xff\xff\xff"
                       "abc",
                       11));
  CHECK(streams.err == "abc");
  CHECK_FALSE(streams.decoder.at_boundary());
}

TEST_CASE("what is no frame is an error, and so is the engine's own trouble") {
  Streams streams;
  CHECK(error_of([&] { streams.decoder.feed("{\"message\":\"x\"}"); }) ==
        "engine.refused: the engine's log stream is damaged: {\"messag is no frame header");
  Streams padded;
  CHECK(error_of([&] { padded.decoder.feed(std::string_view("\1\0\1\0\0\0\0\1", 8)); }) ==
        "engine.refused: the engine's log stream is damaged: \\x01\\x00\\x01\\x00\\x00\\x00\\x00\\x01 is no frame header");
  Streams failed;
  CHECK(error_of([&] { failed.decoder.feed(frame(1, "fine") + frame(3, "unexpected EOF")); }) ==
        "engine.refused: the engine could not read the log: unexpected EOF");
  CHECK(failed.out == "fine");
  Streams long_error;
  CHECK(error_of([&] { long_error.decoder.feed(frame(3, std::string(100'000, 'e'))); }).size() < 2200);
}

}  // namespace
}  // namespace gt::docker
