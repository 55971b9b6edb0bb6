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

// `height` rows in `count` strips from the top, as even as can be: the first height % count strips have one row more.
// Requires 1 <= count <= height.
std::vector<Rows> even_strips(std::int64_t height, std::int64_t count);

}  // namespace gt::render
