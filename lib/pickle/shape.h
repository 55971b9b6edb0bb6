// What can be told of a value without making it.
#pragma once

#include <cstdint>

namespace gt::pickle {

// What kind of value stands on the stack, as far as the opcode that pushed it tells.
enum class Shape : std::uint8_t {
  Scalar,  // None, a truth value, a number
  String,  // text or bytes
  List,
  Tuple,
  Dict,
  Set,
  Global,    // a class or function, by name or by extension code
  Instance,  // what a class or function was applied to
  Foreign    // from outside the file: persistent ids, out-of-band buffers
};

// True for what may have parts.
constexpr bool has_parts(Shape shape) { return shape >= Shape::List && shape != Shape::Global; }

}  // namespace gt::pickle
