// What a pickle may cost before it is refused. Checked before memory is taken.
#pragma once

#include <cstdint>

namespace gt::pickle {

struct Limits {
  // Opcodes and nodes: this many per input byte, plus a million. Python's own pickles stay below 1 per byte.
  std::uint64_t opcodes_per_byte = 8;
  std::uint64_t extra_opcodes = 1'000'000;
  // Digits of one integer in text form; reading and writing them is quadratic.
  std::uint64_t integer_digits = 20'000;
};

// What becomes of a call of a callable that is in no table: an error that names it, or a node that keeps the name and the
// arguments as they are (an Enum's members and the exceptions of a program are such calls). Nothing is called either way.
enum class UnknownCalls : std::uint8_t { Refuse, Keep };

}  // namespace gt::pickle
