// What a pickle may cost before it is refused. Checked before memory is taken. Options of gt2json set these:
// lib/convert/limits.h.
#pragma once

#include <cstdint>

namespace gt::pickle {

struct Limits {
  static constexpr std::uint64_t k_unlimited = ~std::uint64_t{0};

  // Opcodes, and so the nodes that they make: this many per input byte, plus a million. An opcode has a byte at least.
  std::uint64_t opcodes_per_byte = 8;
  std::uint64_t extra_opcodes = 1'000'000;
  // Values that are copied from one container to another, by BUILD and by calls, which a few bytes can ask for again and
  // again: this many per input byte, plus these. Everything else that a pickle makes is bounded by its opcodes.
  std::uint64_t copies_per_byte = 1;
  std::uint64_t extra_copies = 100'000;
  // What can be written, for who writes JSON as jsonpickle does: levels of nesting, lists and objects, bytes. Looked at only
  // where a pickle takes much memory for its size (survey.h): what cannot be written then need not be waited for.
  std::uint64_t depth = k_unlimited;
  std::uint64_t json_containers = k_unlimited;
  std::uint64_t json_bytes = k_unlimited;
  // Values on the stack, and marks.
  std::uint64_t stack = k_unlimited;
  std::uint64_t marks = k_unlimited;
  // Memo entries, and those among them whose numbers lie far beyond what a pickler could have come to.
  std::uint64_t memo = k_unlimited;
  std::uint64_t odd_memo = 10'000;
  // Bytes of one string. They are not copied, but for those of protocol 0 that have escapes.
  std::uint64_t string_bytes = k_unlimited;
  // Digits of one integer in text form; reading and writing them is quadratic.
  std::uint64_t integer_digits = 20'000;
};

// What becomes of a call of a callable that is in no table: an error that names it, or a node that keeps the name and the
// arguments as they are (an Enum's members and the exceptions of a program are such calls). Nothing is called either way.
enum class UnknownCalls : std::uint8_t { Refuse, Keep };

}  // namespace gt::pickle
