// Horizontal strips of a picture.
#pragma once

#include <cstdint>
#include <vector>

namespace gt::render {

// Rows [first, end) counted from the top of the picture.
struct Rows {
  std::int64_t first = 0;
  std::int64_t end = 0;

  std::int64_t height() const { return end - first; }
  bool operator==(const Rows&) const = default;
};

// How many strips `height` rows can be cut into where a cut may only be at multiples of `step`.
std::int64_t most_strips(std::int64_t height, std::int64_t step);

// `height` rows in `count` strips from the top, as even as can be with cuts at multiples of `step`: the taller ones first.
// Requires 1 <= count <= most_strips(height, step).
std::vector<Rows> even_strips(std::int64_t height, std::int64_t count, std::int64_t step = 1);

}  // namespace gt::render
