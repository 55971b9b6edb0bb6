// Channel order of TGA and BMP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace gt::picture {

// BGR(A) to RGB(A) and back; nothing for pixels of one byte.
inline void swap_red_and_blue(std::span<std::uint8_t> row, std::size_t pixel_bytes) {
  if (pixel_bytes < 3) return;
  for (std::size_t i = 0; i + pixel_bytes <= row.size(); i += pixel_bytes) std::swap(row[i], row[i + 2]);
}

}  // namespace gt::picture
