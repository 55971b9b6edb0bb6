// A small picture of what has been rendered so far.
#pragma once

#include <array>
#include <span>

#include "lib/picture/rows.h"

namespace gt::picture {

// Sums up the rows of a whole picture, as they pass, to a small RGB picture of 8 bits with at most `max_side` pixels in a
// direction, each the average of those that it stands for. Of EXR the channels are shown that seen_channels (layout.h) finds,
// from linear light to sRGB and cut at black and white, before the average; alpha is ignored.
class Shrinker {
 public:
  // `order` is that in which the rows will come.
  Shrinker(Size whole, std::int64_t max_side, Order order = Order::TopDown);

  // The rows that follow have this layout; throws ResultInvalid if nothing of it can be shown.
  void show(const Layout& layout);
  void add(std::span<const std::uint8_t> row);
  void add_gray();  // a row that is not there

  bool is_whole() const;  // all rows were added
  std::string to_png() const;

 private:
  template <typename Value>
  void add_channel(const std::uint8_t* row, std::size_t channel, const Value& value);
  void end_row();

  Size whole_;
  Size small_;
  Order order_;
  std::array<std::size_t, 3> offsets_{};  // of what is seen, in a pixel
  std::array<SampleType, 3> types_{};
  std::size_t pixel_bytes_ = 0;
  std::vector<std::int64_t> columns_;  // the first of the whole picture for each of the small one, and the end
  std::vector<std::uint64_t> sums_;    // of the row that is being drawn, in 65535ths
  std::int64_t rows_ = 0;              // in them
  std::int64_t small_y_;
  std::vector<std::uint8_t> pixels_;
};

struct PreviewStrip {
  StripFile file;
  Kind kind = Kind::Png;
  std::int64_t first_row = 0;  // of the whole picture
};

// Gives the rows of a file, from the top, to `shrinker`. Throws ResultInvalid naming it.
void add_rows(const StripFile& file, Kind kind, std::int64_t width, Shrinker& shrinker);

// Writes what Shrinker makes of a picture as a PNG. Rows that no strip has are gray; `strips` are in the order of their rows
// and do not overlap. Throws ResultInvalid naming the strip, and what `out` throws; publishes nothing.
void write_preview(std::span<const PreviewStrip> strips, Size whole, std::int64_t max_side, OutputFile& out);

}  // namespace gt::picture
