#include "lib/picture/examine.h"

#include <algorithm>
#include <cstring>

#include "lib/base/text.h"

namespace gt::picture {
namespace {

class Fnv1a {
 public:
  void add(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) value_ = (value_ ^ byte) * 0x100000001b3;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

bool is_nan(const std::uint8_t* sample, SampleType type) {
  if (type == SampleType::Half) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, sample, sizeof bits);
    return (bits & 0x7fff) > 0x7c00;
  }
  std::uint32_t bits = 0;
  std::memcpy(&bits, sample, sizeof bits);
  return (bits & 0x7fffffff) > 0x7f800000;
}

// What goes on over the rows.
class Watch {
 public:
  explicit Watch(const Header& header) : header_(header), offsets_(header.layout.offsets()) {
    const auto seen = seen_channels(header.layout);
    for (std::size_t i = 0; i < offsets_.size(); ++i) {
      if (!seen || std::find(seen->begin(), seen->end(), i) != seen->end()) colours_.push_back(i);
    }
  }

  void row(std::span<const std::uint8_t> row) {
    if (y_ == 0) make_flat_row(row);
    hash_.add(row);
    if (is_flat_) is_flat_ = std::memcmp(row.data(), flat_row_.data(), row.size()) == 0;
    if (is_black_) is_black_ = is_row_black(row);
    find_nan(row);
    ++y_;
  }

  Examination result() const {
    if (nan_count_ > 0)
      throw Error(ErrorCode::ResultNotANumber, "the picture has " + std::to_string(nan_count_) +
                                                   " samples that are no number (NaN); the first is in channel " + first_nan_);
    return {.description = to_string(header_.layout), .hash = hash_.value(), .is_flat = is_flat_, .is_black = is_black_};
  }

 private:
  void make_flat_row(std::span<const std::uint8_t> row) {
    flat_row_.assign(row.begin(), row.end());
    const std::size_t pixel = header_.layout.pixel_bytes();
    for (std::size_t i = pixel; i < flat_row_.size(); ++i) flat_row_[i] = flat_row_[i - pixel];
  }

  template <typename Found>
  void each_sample(std::size_t channel, std::span<const std::uint8_t> row, const Found& found) const {
    const std::size_t pixel = header_.layout.pixel_bytes();
    for (std::size_t x = 0, place = offsets_[channel]; place < row.size(); ++x, place += pixel) found(x, &row[place]);
  }

  bool is_row_black(std::span<const std::uint8_t> row) const {
    return std::all_of(colours_.begin(), colours_.end(), [&](std::size_t channel) {
      bool is_black = true;
      each_sample(channel, row, [&](std::size_t, const std::uint8_t* sample) {
        is_black = is_black && value_of(sample, header_.layout.channels[channel].type) == 0;
      });
      return is_black;
    });
  }

  void find_nan(std::span<const std::uint8_t> row) {
    for (std::size_t i = 0; i < offsets_.size(); ++i) {
      const Channel& channel = header_.layout.channels[i];
      if (channel.type != SampleType::Half && channel.type != SampleType::Float) continue;
      each_sample(i, row, [&](std::size_t x, const std::uint8_t* sample) {
        if (!is_nan(sample, channel.type)) return;
        if (nan_count_++ == 0)
          first_nan_ = printable(channel.name) + " at x " + std::to_string(x) + ", y " + std::to_string(y_);
      });
    }
  }

  const Header& header_;
  std::vector<std::size_t> offsets_;
  std::vector<std::size_t> colours_;
  std::vector<std::uint8_t> flat_row_;  // the first pixel throughout
  Fnv1a hash_;
  bool is_flat_ = true;
  bool is_black_ = true;
  std::int64_t y_ = 0;
  std::int64_t nan_count_ = 0;
  std::string first_nan_;
};

}  // namespace

Examination examine(const StripFile& strip, Kind kind, std::int64_t width) {
  return in_file(strip.name, [&] {
    const auto reader = open_rows(strip.fd, kind, {width, strip.height});
    Watch watch(reader->header());
    std::vector<std::uint8_t> row(reader->header().row_bytes());
    for (std::int64_t y = 0; y < strip.height; ++y) {
      reader->read_row(row);
      watch.row(row);
    }
    reader->finish();
    return watch.result();
  });
}

}  // namespace gt::picture
