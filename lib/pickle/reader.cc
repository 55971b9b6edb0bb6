#include "lib/pickle/reader.h"

#include <fmt/format.h>

#include <array>

namespace gt::pickle {
namespace {

constexpr std::array<std::string_view, 256> make_names() {
  std::array<std::string_view, 256> names;
#define GT_OPCODE(name, byte, argument, protocol) names[static_cast<std::uint8_t>(byte)] = #name;
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
  return names;
}
constexpr std::array<std::string_view, 256> k_names = make_names();

}  // namespace

std::string_view to_string(Opcode opcode) { return k_names[static_cast<std::size_t>(opcode)]; }

const Instruction& Reader::next() {
  now_ = {};
  now_.opcode = take_opcode();
  now_.offset = opcode_offset();
  switch (now_.opcode) {
#define GT_OPCODE(name, byte, argument, protocol) \
  case Opcode::name:                              \
    set(take_argument<Argument::argument>());     \
    return now_;
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
  }
  throw unknown_opcode();
}

Digits Reader::take_long_digits() {
  constexpr std::ptrdiff_t k_most_digits = 18;
  const char* const start = next_;
  const char* const stop = start + std::min<std::ptrdiff_t>(k_most_digits, end_ - start);
  const char* p = start;
  std::uint64_t number = 0;
  for (; p != stop && static_cast<unsigned char>(*p - '0') <= 9; ++p)
    number = number * 10 + static_cast<unsigned char>(*p - '0');
  const bool whole = p != start && p != end_ && *p == '\n' && (*start != '0' || p == start + 1);
  if (whole) {
    next_ = p + 1;
  } else {
    Cursor next = start;
    take_line(next);
  }
  return {number, whole};
}

Error Reader::error(ErrorCode code, std::string message, std::string hint) const {
  return Error(code, std::move(message), {.offset = opcode_offset(), .opcode = std::string(to_string(opcode()))},
               std::move(hint));
}

Error Reader::unknown_opcode() const {
  return Error(ErrorCode::PickleUnknownOpcode,
               fmt::format("byte 0x{:02x} is no pickle opcode", static_cast<unsigned char>(*at_)), {.offset = opcode_offset()});
}

void Reader::throw_no_stop() const {
  throw Error(ErrorCode::PickleTruncated, "the pickle ends here without a STOP opcode: the file was cut",
              {.offset = position()});
}

void Reader::throw_cut(std::uint64_t needed) const {
  throw error(ErrorCode::PickleTruncated,
              fmt::format("needs {} bytes, but the file ends after {}: it was cut, or the length lies", needed, left()));
}

void Reader::throw_endless_line() const {
  throw error(ErrorCode::PickleTruncated, "has a line without an end: the file was cut");
}

void Reader::throw_length(std::int64_t length) const {
  throw error(ErrorCode::PickleBadArgument, fmt::format("has the length {}", length));
}

}  // namespace gt::pickle
