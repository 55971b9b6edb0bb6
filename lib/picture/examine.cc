#include "lib/picture/examine.h"

#include <algorithm>
#include <cstring>

#include "lib/base/text.h"

namespace gt::picture {
namespace {

// FNV-1a of rows as words of eight bytes, the last one of a row filled up with zeros: a multiplication for each byte would take
// half of the time of an examination. What it does to high bits comes back to the low ones.
class RowHash {
 public:
  void add(std::span<const std::uint8_t> row) {
    for (; row.size() > sizeof(std::uint64_t); row = row.subspan(sizeof(std::uint64_t)))
      add_word(row.first(sizeof(std::uint64_t)));
    add_word(row);
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_word(std::span<const std::uint8_t> bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    value_ = (value_ ^ word) * 0x100000001b3;
    value_ ^= value_ >> 32;
  }

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
  explicit Watch(const Header& header)
      : header_(header), offsets_(header.layout.offsets()), pixel_bytes_(header.layout.pixel_bytes()) {
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
    for (std::size_t i = pixel_bytes_; i < flat_row_.size(); ++i) flat_row_[i] = flat_row_[i - pixel_bytes_];
  }

  template <typename Found>
  void each_sample(std::size_t channel, std::span<const std::uint8_t> row, const Found& found) const {
    for (std::size_t x = 0, place = offsets_[channel]; place < row.size(); ++x, place += pixel_bytes_) found(x, &row[place]);
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
  std::size_t pixel_bytes_;
  std::vector<std::size_t> colours_;
  std::vector<std::uint8_t> flat_row_;  // the first pixel throughout
  RowHash hash_;
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
