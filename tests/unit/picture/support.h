// Pictures, their files and strips, for the tests of lib/picture.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/fd.h"
#include "lib/picture/join.h"
#include "lib/picture/rows.h"
#include "tests/unit/base/support.h"

namespace gt::testing {

using picture::Header;
using picture::Kind;
using picture::Layout;
using picture::SampleType;
using picture::Size;
using picture::StripFile;

struct Picture {
  Header header;
  std::vector<std::uint8_t> pixels;

  std::span<const std::uint8_t> row(std::int64_t y) const {
    return std::span(pixels).subspan(static_cast<std::size_t>(y) * header.row_bytes(), header.row_bytes());
  }
  bool operator==(const Picture& o) const {
    return header.size == o.header.size && header.layout == o.header.layout && pixels == o.pixels;
  }
};

// Pixels that differ in every channel and byte of a sample; no NaN.
inline Picture synthetic(Size size, Layout layout, decltype(Header::style) style = {}) {
  Picture picture{{size, std::move(layout), std::move(style)}, {}};
  std::uint32_t state = 12345;
  for (std::int64_t i = 0; i < size.width * size.height; ++i) {
    for (const picture::Channel& channel : picture.header.layout.channels) {
      for (std::size_t byte = 0; byte < bytes_of(channel.type); ++byte) {
        state = state * 1664525 + 1013904223;
        auto value = static_cast<std::uint8_t>(state >> 24);
        // A number's exponent is not that of NaN.
        const bool is_real = channel.type == SampleType::Half || channel.type == SampleType::Float;
        if (is_real && byte + 1 == bytes_of(channel.type)) value &= 0xbf;
        picture.pixels.push_back(value);
      }
    }
  }
  return picture;
}

inline Picture rows_of(const Picture& picture, std::int64_t first, std::int64_t end) {
  Picture out{picture.header, {}};
  out.header.size.height = end - first;
  const auto bytes = static_cast<std::ptrdiff_t>(picture.header.row_bytes());
  out.pixels.assign(picture.pixels.begin() + first * bytes, picture.pixels.begin() + end * bytes);
  return out;
}

inline void write_picture(const Picture& picture, Kind kind, const std::string& path) {
  OutputFile out(path, Clobber::Replace, Durability::NoSync);
  const auto writer = open_writer(out, kind, picture.header);
  const std::int64_t height = picture.header.size.height;
  const bool is_up = writing_order(kind) == picture::Order::BottomUp;
  for (std::int64_t y = 0; y < height; ++y) writer->write_row(picture.row(is_up ? height - 1 - y : y));
  writer->finish();
  out.publish();
}

inline Picture read_picture(const std::string& path, Kind kind, Size size) {
  const Fd fd(::open(path.c_str(), O_RDONLY));
  const auto reader = open_rows(fd.get(), kind, size);
  Picture picture{reader->header(), {}};
  std::vector<std::uint8_t> row(picture.header.row_bytes());
  for (std::int64_t y = 0; y < size.height; ++y) {
    reader->read_row(row);
    picture.pixels.insert(picture.pixels.end(), row.begin(), row.end());
  }
  reader->finish();
  return picture;
}

// Strips open for reading, named as their files are.
struct OpenStrips {
  OpenStrips() = default;
  OpenStrips(const OpenStrips&) = delete;
  OpenStrips& operator=(const OpenStrips&) = delete;
  ~OpenStrips() {
    for (const StripFile& strip : strips) ::close(strip.fd);
  }
  const StripFile& add(const std::string& path, std::int64_t height) {
    strips.push_back({.fd = ::open(path.c_str(), O_RDONLY), .name = std::filesystem::path(path).filename(), .height = height});
    return strips.back();
  }
  // A file without a place: thousands of them would keep the disk busy.
  const StripFile& add_bytes(const std::string& name, std::string_view bytes, std::int64_t height) {
    const int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC);
    if (::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("no memory file");
    strips.push_back({.fd = fd, .name = name, .height = height});
    return strips.back();
  }
  std::vector<StripFile> strips;
};

inline void join_to(const OpenStrips& open, Kind kind, std::int64_t width, const std::string& path) {
  OutputFile out(path, Clobber::Replace, Durability::NoSync);
  picture::join(open.strips, kind, width, out);
  out.publish();
}

// "code: text" of what `body` throws.
inline std::string outcome(const std::function<void()>& body) {
  const auto error = error_of(body);
  return error ? code_of(error) + ": " + text_of(error) : "no error";
}

// The text of a fault behind its code.
inline std::string coded(const std::string& text) {
  const auto has = [&](const char* words) { return text.find(words) != std::string::npos; };
  if (has(" pixels, it must have ")) return "run.result-wrong-size: " + text;
  if (has(" was expected")) return "run.result-wrong-format: " + text;
  if (has(" that are no number (NaN)")) return "run.result-not-a-number: " + text;
  return "run.result-invalid: " + text;
}

// `count` heights that add up to `height`, as uneven as 1 : 2 : 3; all but the last are multiples of `unit`.
inline std::vector<std::int64_t> uneven(std::int64_t height, std::int64_t count, std::int64_t unit = 1) {
  const std::int64_t units = height / unit;
  std::int64_t parts = 0;
  for (std::int64_t i = 0; i < count; ++i) parts += i % 3 + 1;
  std::vector<std::int64_t> out;
  std::int64_t rest = height;
  for (std::int64_t i = 0; i + 1 < count; ++i) {
    out.push_back(std::max<std::int64_t>(1, units * (i % 3 + 1) / parts) * unit);
    rest -= out.back();
  }
  out.push_back(rest);
  return out;
}

}  // namespace gt::testing
