#include "lib/picture/compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace gt::picture {
namespace {

std::unique_ptr<RowReader> open(const StripFile& file, Kind kind, std::int64_t width) {
  return in_file(file.name, [&] { return open_rows(file.fd, kind, {width, file.height}); });
}

double distance(double a, double b) {
  if (a == b) return 0;  // infinities, too
  const double difference = std::abs(a - b);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

class Tally {
 public:
  Tally(const Layout& layout, double tolerance) : layout_(layout), offsets_(layout.offsets()), tolerance_(tolerance) {
    for (const Channel& channel : layout.channels) result_.channels.push_back({channel.name, 0});
  }

  void rows(const std::uint8_t* a, std::span<const std::uint8_t> b) {
    const std::size_t pixel = layout_.pixel_bytes();
    for (std::size_t place = 0; place < b.size(); place += pixel) {
      // Equal bits are equal, a NaN with the same bits among them.
      if (std::memcmp(a + place, &b[place], pixel) == 0) continue;
      if (is_different(a + place, &b[place])) count(static_cast<std::int64_t>(place / pixel));
    }
    ++y_;
  }
  Difference result() const { return result_; }

 private:
  bool is_different(const std::uint8_t* a, const std::uint8_t* b) {
    bool is_more = false;
    for (std::size_t i = 0; i < offsets_.size(); ++i) {
      if (std::memcmp(a + offsets_[i], b + offsets_[i], bytes_of(layout_.channels[i].type)) == 0) continue;
      const SampleType type = layout_.channels[i].type;
      const double d = distance(value_of(a + offsets_[i], type), value_of(b + offsets_[i], type));
      result_.channels[i].largest = std::max(result_.channels[i].largest, d);
      is_more = is_more || d > tolerance_;
    }
    return is_more;
  }

  void count(std::int64_t x) {
    if (result_.pixels++ > 0) return;
    result_.first_x = x;
    result_.first_y = y_;
  }

  const Layout& layout_;
  std::vector<std::size_t> offsets_;
  double tolerance_;
  std::int64_t y_ = 0;
  Difference result_;
};

}  // namespace

Difference compare(const StripFile& a, const StripFile& b, std::int64_t width, const Comparison& how) {
  return compare_region(a, width, b, width, {}, how);
}

Difference compare_region(const StripFile& whole, std::int64_t whole_width, const StripFile& box, std::int64_t box_width,
                          Place place, const Comparison& how) {
  if (place.x < 0 || place.y < 0 || box_width > whole_width - place.x || box.height > whole.height - place.y)
    throw Error(ErrorCode::Bug,
                "a box of " + to_string(Size{box_width, box.height}) + " pixels reaches outside of its picture");
  const auto a = open(whole, how.kind, whole_width);
  const auto b = open(box, how.kind, box_width);
  const Layout& layout = a->header().layout;
  if (const std::string what = difference(layout, b->header().layout); !what.empty())
    throw Error(ErrorCode::ResultInvalid, what, {.file = box.name});
  Tally tally(layout, how.tolerance);
  std::vector<std::uint8_t> row_a(a->header().row_bytes());
  std::vector<std::uint8_t> row_b(b->header().row_bytes());
  for (std::int64_t y = 0; y < place.y + box.height; ++y) {
    in_file(whole.name, [&] { a->read_row(row_a); });
    if (y < place.y) continue;
    in_file(box.name, [&] { b->read_row(row_b); });
    tally.rows(row_a.data() + static_cast<std::size_t>(place.x) * layout.pixel_bytes(), row_b);
  }
  return tally.result();
}

}  // namespace gt::picture
