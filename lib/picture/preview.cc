#include "lib/picture/preview.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lib/base/sink.h"
#include "lib/picture/png.h"

namespace gt::picture {
namespace {

constexpr std::uint32_t k_white = 65535;
constexpr std::uint32_t k_gray = 32768;  // of rows that are not there

// IEC 61966-2-1.
double to_srgb(double linear) { return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055; }

// pow for each sample would take a second for a frame of 4K. The steps are finer than those of 8 bits, in the shadows, too.
std::uint32_t to_srgb_quickly(double linear) {
  static const std::vector<std::uint16_t> table = [] {
    std::vector<std::uint16_t> out;
    for (std::uint32_t i = 0; i <= k_white; ++i)
      out.push_back(static_cast<std::uint16_t>(std::lround(to_srgb(static_cast<double>(i) / k_white) * k_white)));
    return out;
  }();
  if (!(linear > 0)) return 0;  // NaN, too
  return linear >= 1 ? k_white : table[static_cast<std::size_t>(linear * k_white + 0.5)];
}

Size shrunk(Size whole, std::int64_t max_side) {
  const std::int64_t longest = std::max(whole.width, whole.height);
  if (longest <= max_side) return whole;
  const auto shrink = [&](std::int64_t side) { return std::max<std::int64_t>(1, side * max_side / longest); };
  return {shrink(whole.width), shrink(whole.height)};
}

}  // namespace

Shrinker::Shrinker(Size whole, std::int64_t max_side, Order order)
    : whole_(whole),
      small_(shrunk(whole, max_side)),
      order_(order),
      sums_(static_cast<std::size_t>(small_.width) * 3),
      small_y_(order == Order::TopDown ? 0 : small_.height - 1),
      pixels_(sums_.size() * static_cast<std::size_t>(small_.height)) {
  for (std::int64_t x = 0; x <= small_.width; ++x) columns_.push_back(x * whole_.width / small_.width);
}

void Shrinker::show(const Layout& layout) {
  const auto channels = seen_channels(layout);
  if (!channels)
    throw Error(ErrorCode::ResultInvalid, "the picture has no channels R, G, B or Y to show: " + to_string(layout));
  const std::vector<std::size_t> offsets = layout.offsets();
  for (std::size_t i = 0; i < 3; ++i) {
    types_[i] = layout.channels[(*channels)[i]].type;
    offsets_[i] = offsets[(*channels)[i]];
  }
  pixel_bytes_ = layout.pixel_bytes();
}

template <typename Value>
void Shrinker::add_channel(const std::uint8_t* row, std::size_t channel, const Value& value) {
  const std::uint8_t* sample = row + offsets_[channel];
  for (std::size_t x = 0; x + 1 < columns_.size(); ++x) {
    std::uint64_t sum = 0;
    for (std::int64_t i = columns_[x]; i < columns_[x + 1]; ++i, sample += pixel_bytes_) sum += value(sample);
    sums_[x * 3 + channel] += sum;
  }
}

void Shrinker::add(std::span<const std::uint8_t> row) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const SampleType type = types_[channel];
    if (type == SampleType::Byte) {
      add_channel(row.data(), channel, [](const std::uint8_t* sample) { return *sample * (k_white / 255); });
    } else if (type == SampleType::Word) {
      add_channel(row.data(), channel, [](const std::uint8_t* sample) {
        std::uint16_t value = 0;
        std::memcpy(&value, sample, sizeof value);
        return value;
      });
    } else {
      add_channel(row.data(), channel, [type](const std::uint8_t* sample) { return to_srgb_quickly(value_of(sample, type)); });
    }
  }
  end_row();
}

void Shrinker::add_gray() {
  for (std::size_t i = 0; i < sums_.size(); ++i)
    sums_[i] += k_gray * static_cast<std::uint64_t>(columns_[i / 3 + 1] - columns_[i / 3]);
  end_row();
}

void Shrinker::end_row() {
  const auto edge = [this](std::int64_t y) { return y * whole_.height / small_.height; };
  if (++rows_ < edge(small_y_ + 1) - edge(small_y_)) return;
  std::uint8_t* pixels = &pixels_[static_cast<std::size_t>(small_y_) * sums_.size()];
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const auto count = static_cast<std::uint64_t>(rows_ * (columns_[i / 3 + 1] - columns_[i / 3]));
    pixels[i] = static_cast<std::uint8_t>((2 * 255 * sums_[i] + k_white * count) / (2 * k_white * count));
  }
  std::fill(sums_.begin(), sums_.end(), 0);
  rows_ = 0;
  small_y_ += order_ == Order::TopDown ? 1 : -1;
}

bool Shrinker::is_whole() const { return small_y_ == (order_ == Order::TopDown ? small_.height : -1); }

std::string Shrinker::to_png() const {
  StringSink out;
  PngWriter writer([&out](std::string_view bytes) { out.write(bytes); },
                   {.size = small_, .layout = plain_layout("RGB", SampleType::Byte)});
  const std::span<const std::uint8_t> pixels(pixels_);
  for (std::size_t begin = 0; begin < pixels.size(); begin += sums_.size())
    writer.write_row(pixels.subspan(begin, sums_.size()));
  writer.finish();
  return out.text();
}

void add_rows(const StripFile& file, Kind kind, std::int64_t width, Shrinker& shrinker) {
  in_file(file.name, [&] {
    const auto reader = open_rows(file.fd, kind, {width, file.height});
    shrinker.show(reader->header().layout);
    std::vector<std::uint8_t> row(reader->header().row_bytes());
    for (std::int64_t y = 0; y < file.height; ++y) {
      reader->read_row(row);
      shrinker.add(row);
    }
  });
}

void write_preview(std::span<const PreviewStrip> strips, Size whole, std::int64_t max_side, OutputFile& out) {
  Shrinker shrinker(whole, max_side);
  std::int64_t next = 0;
  for (const PreviewStrip& strip : strips) {
    if (strip.first_row < next || strip.file.height > whole.height - strip.first_row)
      throw Error(ErrorCode::Bug, "strips of a preview overlap, or reach below it");
    for (; next < strip.first_row; ++next) shrinker.add_gray();
    add_rows(strip.file, strip.kind, whole.width, shrinker);
    next += strip.file.height;
  }
  for (; next < whole.height; ++next) shrinker.add_gray();
  out.write(shrinker.to_png());
}

}  // namespace gt::picture
