#include "lib/render/strips.h"

#include <algorithm>

namespace gt::render {

std::int64_t most_strips(std::int64_t height, std::int64_t step) { return (height + step - 1) / step; }

std::vector<Rows> even_strips(std::int64_t height, std::int64_t count, std::int64_t step) {
  std::vector<Rows> strips;
  const std::int64_t blocks = most_strips(height, step);
  const std::int64_t base = blocks / count;
  const std::int64_t taller = blocks % count;
  for (std::int64_t i = 0, first = 0; i < count; ++i) {
    const std::int64_t end = std::min(first + (base + (i < taller ? 1 : 0)) * step, height);
    strips.push_back({first, end});
    first = end;
  }
  return strips;
}

}  // namespace gt::render
