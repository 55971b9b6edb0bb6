// Changes of a text that leave every other byte as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gt::lux {

struct Edit {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of what goes
  std::string text;          // what comes
};

// `edits` in the order of their offsets, without overlap.
std::string edited(std::string_view text, const std::vector<Edit>& edits);

// `value` as a string of the scene language: quoted, with escapes.
std::string quoted(std::string_view value);

}  // namespace gt::lux
