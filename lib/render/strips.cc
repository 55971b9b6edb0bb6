#include "lib/render/strips.h"

namespace gt::render {

std::vector<Rows> even_strips(std::int64_t height, std::int64_t count) {
  std::vector<Rows> strips;
  const std::int64_t base = height / count;
  const std::int64_t taller = height % count;
  for (std::int64_t i = 0, first = 0; i < count; ++i) {
    const std::int64_t end = first + base + (i < taller ? 1 : 0);
    strips.push_back({first, end});
    first = end;
  }
  return strips;
}

}  // namespace gt::render
