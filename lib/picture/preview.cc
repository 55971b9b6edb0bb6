#include "lib/picture/preview.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lib/picture/png.h"

namespace gt::picture {
namespace {

constexpr double k_gray = 0.5;  // of rows that are not there

// IEC 61966-2-1.
double to_srgb(double linear) { return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055; }

// pow for each sample would take a second for a frame of 4K. The steps are finer than those of 8 bits, in the shadows, too.
double to_srgb_quickly(double linear) {
  constexpr std::size_t k_steps = 65536;
  static const std::vector<float> table = [] {
    std::vector<float> out;
    for (std::size_t i = 0; i < k_steps; ++i)
      out.push_back(static_cast<float>(to_srgb(static_cast<double>(i) / (k_steps - 1))));
    return out;
  }();
  if (!(linear > 0)) return 0;  // NaN, too
  return linear >= 1 ? 1 : static_cast<double>(table[static_cast<std::size_t>(linear * (k_steps - 1) + 0.5)]);
}

Size shrunk(Size whole, std::int64_t max_side) {
  const std::int64_t longest = std::max(whole.width, whole.height);
  if (longest <= max_side) return whole;
  const auto shrink = [&](std::int64_t side) { return std::max<std::int64_t>(1, side * max_side / longest); };
  return {shrink(whole.width), shrink(whole.height)};
}

// Samples as they are shown, from 0 to 1.
class Seen {
 public:
  Seen(const RowReader& reader) : layout_(reader.header().layout) {
    const auto channels = seen_channels(layout_);
    if (!channels)
      throw Error(ErrorCode::ResultInvalid, "the picture has no channels R, G, B or Y to show: " + to_string(layout_));
    const std::vector<std::size_t> offsets = layout_.offsets();
    for (std::size_t i = 0; i < 3; ++i) {
      types_[i] = layout_.channels[(*channels)[i]].type;
      offsets_[i] = offsets[(*channels)[i]];
    }
  }

  double sample(const std::uint8_t* pixel, std::size_t channel) const {
    const double value = value_of(pixel + offsets_[channel], types_[channel]);
    if (types_[channel] == SampleType::Byte) return value / 255;
    if (types_[channel] == SampleType::Word) return value / 65535;
    return to_srgb_quickly(value);
  }
  std::size_t pixel_bytes() const { return layout_.pixel_bytes(); }

 private:
  const Layout& layout_;
  std::array<SampleType, 3> types_{};
  std::array<std::size_t, 3> offsets_{};
};

// Sums up rows until they make one of the preview.
class Shrinker {
 public:
  Shrinker(Size whole, Size small, OutputFile& out)
      : whole_(whole),
        small_(small),
        sums_(static_cast<std::size_t>(small.width) * 3),
        writer_(out, {.size = small, .layout = plain_layout("RGB", SampleType::Byte)}) {}

  void add_gray() {
    for (double& sum : sums_) sum += k_gray;
    end_row();
  }

  void add(const std::uint8_t* row, const Seen& seen) {
    for (std::int64_t x = 0; x < small_.width; ++x) {
      const std::int64_t first = x * whole_.width / small_.width;
      const std::int64_t end = (x + 1) * whole_.width / small_.width;
      for (std::size_t channel = 0; channel < 3; ++channel) {
        double sum = 0;
        for (std::int64_t i = first; i < end; ++i)
          sum += seen.sample(row + static_cast<std::size_t>(i) * seen.pixel_bytes(), channel);
        sums_[static_cast<std::size_t>(x) * 3 + channel] += sum / static_cast<double>(end - first);
      }
    }
    end_row();
  }

  void finish() { writer_.finish(); }

 private:
  void end_row() {
    ++y_;
    ++rows_;
    if (y_ != (small_y_ + 1) * whole_.height / small_.height) return;
    std::vector<std::uint8_t> row;
    for (const double sum : sums_) row.push_back(static_cast<std::uint8_t>(std::lround(sum / rows_ * 255)));
    writer_.write_row(row);
    std::fill(sums_.begin(), sums_.end(), 0);
    rows_ = 0;
    ++small_y_;
  }

  Size whole_;
  Size small_;
  std::vector<double> sums_;
  PngWriter writer_;
  std::int64_t y_ = 0;
  std::int64_t small_y_ = 0;
  int rows_ = 0;
};

void add_strip(const PreviewStrip& strip, std::int64_t width, Shrinker& shrinker) {
  const auto reader = open_rows(strip.file.fd, strip.kind, {width, strip.file.height});
  const Seen seen(*reader);
  std::vector<std::uint8_t> row(reader->header().row_bytes());
  for (std::int64_t y = 0; y < strip.file.height; ++y) {
    reader->read_row(row);
    shrinker.add(row.data(), seen);
  }
}

}  // namespace

void write_preview(std::span<const PreviewStrip> strips, Size whole, std::int64_t max_side, OutputFile& out) {
  Shrinker shrinker(whole, shrunk(whole, max_side), out);
  std::int64_t next = 0;
  for (const PreviewStrip& strip : strips) {
    if (strip.first_row < next || strip.file.height > whole.height - strip.first_row)
      throw Error(ErrorCode::Bug, "strips of a preview overlap, or reach below it");
    for (; next < strip.first_row; ++next) shrinker.add_gray();
    in_file(strip.file.name, [&] { add_strip(strip, whole.width, shrinker); });
    next += strip.file.height;
  }
  for (; next < whole.height; ++next) shrinker.add_gray();
  shrinker.finish();
}

}  // namespace gt::picture
