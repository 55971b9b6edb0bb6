// How much two pictures differ.
#pragma once

#include "lib/picture/rows.h"

namespace gt::picture {

struct Difference {
  struct OfChannel {
    std::string name;
    double largest = 0;  // absolute, as the format counts: 0 to 255 of a byte; infinite where only one has a NaN
  };
  std::int64_t pixels = 0;  // that differ by more than the tolerance in any channel
  std::vector<OfChannel> channels;
  std::int64_t first_x = 0;  // of the first such pixel, from the top, in the second picture
  std::int64_t first_y = 0;
};

// `tolerance` is for formats that lose something: the same render gives the same pixels in all others.
struct Comparison {
  Kind kind = Kind::Png;
  double tolerance = 0;
};

// Both are `width` wide and of the same height. Throws ResultInvalid naming the file that is not what it must be, or `b` if its
// channels are others.
Difference compare(const StripFile& a, const StripFile& b, std::int64_t width, const Comparison& how);

// The small picture `box` against that part of `whole` whose upper left pixel is (x, y). Throws Bug if the box reaches outside.
struct Place {
  std::int64_t x = 0;
  std::int64_t y = 0;
};
Difference compare_region(const StripFile& whole, std::int64_t whole_width, const StripFile& box, std::int64_t box_width,
                          Place place, const Comparison& how);

}  // namespace gt::picture
