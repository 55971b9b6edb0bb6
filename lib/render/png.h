// Pictures in PNG files, row by row, exactly as they are: no gamma, no change of depth, channels or byte order.
//
// The files come out of a container, so they may be anything. A reader refuses what strips never are (palettes,
// interlacing, fewer than 8 bits, tRNS transparency): joining such rows would change their meaning, and Blender writes none
// of them. Text, time, profiles and unknown chunks are skipped without being decoded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "lib/base/files.h"

namespace gt::render {

enum class Channels : std::uint8_t { Gray, GrayAlpha, Rgb, Rgba };

// What every strip of one picture must share.
struct PixelType {
  Channels channels = Channels::Rgb;
  int bits = 8;  // of each channel: 8 or 16

  std::size_t bytes_per_pixel() const;
  bool operator==(const PixelType&) const = default;
};
std::string to_string(const PixelType& type);  // "RGBA, 16 bit"

// The chunks that say how to show the values.
struct Appearance {
  std::optional<std::int32_t> gamma;  // gAMA, in 1/100000
  std::optional<int> srgb_intent;     // sRGB
  struct Density {
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    int unit = 0;
    bool operator==(const Density&) const = default;
  };
  std::optional<Density> density;  // pHYs
  bool operator==(const Appearance&) const = default;
};

struct PngInfo {
  std::int64_t width = 0;
  std::int64_t height = 0;
  PixelType type;
  Appearance appearance;

  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * type.bytes_per_pixel(); }
};

// Reads one picture. Every fault of the file is a ResultInvalid error.
class PngReader {
 public:
  // Reads the header from `fd`, which stays the caller's and must be at the start of the file. A picture larger than
  // `max_side` pixels in a direction is refused before anything is allocated for it.
  explicit PngReader(int fd, std::int64_t max_side = 65536);
  ~PngReader();
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  const PngInfo& info() const { return info_; }
  // The next row from the top; `row` has info().row_bytes() bytes.
  void read_row(std::span<std::uint8_t> row);
  // Reads to the end of the picture: a file that was cut behind its last row is found here.
  void finish();

 private:
  struct State;
  void read_info(std::int64_t max_side);

  std::unique_ptr<State> state_;
  PngInfo info_;
};

// Writes one picture. The same rows give the same bytes: no time, no text.
class PngWriter {
 public:
  PngWriter(OutputFile& out, const PngInfo& info);
  ~PngWriter();
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  void write_row(std::span<const std::uint8_t> row);
  void finish();  // after the last row; does not publish the file

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace gt::render
