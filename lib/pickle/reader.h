// From pickle bytes to opcodes with their arguments; knows nothing of what they do.
//
// next() gives one instruction after the other, for who looks at a pickle. The machine, which has to be fast, takes the
// opcode and then its argument, whose kind it knows from opcodes.def while it is compiled.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "lib/base/error.h"

namespace gt::pickle {

// The value is the byte in the file.
enum class Opcode : std::uint8_t {
#define GT_OPCODE(name, byte, argument, protocol) name = static_cast<std::uint8_t>(byte),
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
};

std::string_view to_string(Opcode opcode);

// The kinds of arguments: the legend of opcodes.def.
enum class Argument : std::uint8_t {
  None,
  Byte1,
  Byte2,
  Byte4,
  Byte8,
  Int4,
  Float8,
  Line,
  Decimal,
  TwoLines,
  Count1,
  Count4,
  Count8,
  SignedCount4
};

struct Nothing {};
struct Names {
  std::string_view module;
  std::string_view name;
};

struct Digits {
  std::uint64_t number = 0;
  bool plain = false;  // the line is nothing but this number: digits without leading zeros, below 10^18. Else see line()
};

constexpr bool is_number(Argument a) { return a >= Argument::Byte1 && a <= Argument::Int4; }

// What an argument is read as. Texts point into the pickle.
template <Argument kind>
struct ArgumentType {
  using Type = std::conditional_t<is_number(kind), std::int64_t, std::string_view>;
};
template <>
struct ArgumentType<Argument::None> {
  using Type = Nothing;
};
template <>
struct ArgumentType<Argument::Float8> {
  using Type = double;
};
template <>
struct ArgumentType<Argument::Decimal> {
  using Type = Digits;
};
template <>
struct ArgumentType<Argument::TwoLines> {
  using Type = Names;
};
template <Argument kind>
using ArgumentOf = typename ArgumentType<kind>::Type;

// One opcode as it stands in the file. Views point into the pickle.
struct Instruction {
  Opcode opcode = Opcode::STOP;
  std::uint64_t offset = 0;  // of the opcode byte
  std::string_view text;     // Line (without \n), the counted bytes, or the first of two lines
  std::string_view second;   // the second of two lines
  std::int64_t number = 0;   // Byte1 to Byte8, Int4
  double real = 0;           // Float8
};

class Reader {
 public:
  // Reads from `start` on; offsets are those in `file`.
  explicit Reader(std::string_view file, std::uint64_t start = 0)
      : begin_(file.data()), next_(begin_ + start), end_(begin_ + file.size()), at_(next_) {}

  // The next instruction. Throws PickleTruncated at the end of the bytes or inside an argument, and PickleUnknownOpcode.
  // Nothing is allocated for a length that lies.
  const Instruction& next();

  // The same in two steps. The opcode may be none: then unknown_opcode() is the error to throw.
  Opcode take_opcode() {
    Cursor next = cursor();
    return take_opcode(next);
  }
  template <Argument kind>
  ArgumentOf<kind> take_argument() {
    Cursor next = cursor();
    return take_argument<kind>(next);
  }
  // For loops, which keep in a register where they are: each step waits for where the one before it ended, and the way through
  // memory makes that longer. The reader is told at once; nothing but these may move it until the loop ends. All that takes a
  // reference to a cursor has to be inlined, or the cursor lies in memory, which costs a sixth of the time of decoding.
  using Cursor = const char*;
  Cursor cursor() const { return next_; }
  [[gnu::always_inline]] Opcode take_opcode(Cursor& next) {
    if (next == end_) throw_no_stop();
    return take_next_opcode(next);
  }
  // As take_opcode(), for who knows that there is one.
  [[gnu::always_inline]] Opcode take_next_opcode(Cursor& next) {
    at_ = next;
    const auto opcode = static_cast<Opcode>(*next);
    move(next, next + 1);
    return opcode;
  }
  template <Argument kind>
  ArgumentOf<kind> take_argument(Cursor& next);
  Error unknown_opcode() const;
  [[noreturn]] void throw_no_stop() const;

  // The argument of the opcode that was taken last, if it is one line.
  std::string_view line() const { return {at_ + 1, next_ - 1}; }
  std::uint64_t position() const { return static_cast<std::uint64_t>(next_ - begin_); }
  std::uint64_t left() const { return static_cast<std::uint64_t>(end_ - next_); }
  Opcode opcode() const { return static_cast<Opcode>(*at_); }  // that was taken last
  std::uint64_t opcode_offset() const { return static_cast<std::uint64_t>(at_ - begin_); }
  // The error says the last opcode and its offset.
  Error error(ErrorCode code, std::string message, std::string hint = {}) const;
  // An error of the graph, which knows no offsets, with the place at which the pickle caused it.
  Error error(const Error& cause) const { return error(cause.code(), "fails: " + cause.message(), cause.hint()); }

 private:
  template <typename Number>
  Number take_number(Cursor& next);
  std::string_view take_line(Cursor& next);
  Digits take_digits(Cursor& next);
  Digits take_long_digits();  // moves only the reader
  std::string_view take_counted(Cursor& next, std::uint64_t count);
  [[gnu::always_inline]] void move(Cursor& next, Cursor to) { next_ = next = to; }
  std::uint64_t left(Cursor next) const { return static_cast<std::uint64_t>(end_ - next); }
  void set(Nothing) {}
  void set(std::int64_t number) { now_.number = number; }
  void set(double real) { now_.real = real; }
  void set(std::string_view text) { now_.text = text; }
  void set(Digits) { now_.text = line(); }
  void set(Names names) {
    now_.text = names.module;
    now_.second = names.name;
  }
  [[noreturn]] void throw_cut(std::uint64_t needed) const;
  [[noreturn]] void throw_endless_line() const;
  [[noreturn]] void throw_length(std::int64_t length) const;

  const char* begin_;
  const char* next_;
  const char* end_;
  const char* at_;  // the opcode that was taken last
  Instruction now_;
};

template <typename Number>
[[gnu::always_inline]] inline Number Reader::take_number(Cursor& next) {
  static_assert(std::endian::native == std::endian::little);
  if (left(next) < sizeof(Number)) throw_cut(sizeof(Number));
  Number out;
  std::memcpy(&out, next, sizeof out);
  move(next, next + sizeof out);
  return out;
}

[[gnu::always_inline]] inline std::string_view Reader::take_counted(Cursor& next, std::uint64_t count) {
  if (count > left(next)) throw_cut(count);
  const std::string_view out(next, count);
  move(next, next + count);
  return out;
}

[[gnu::always_inline]] inline std::string_view Reader::take_line(Cursor& next) {
  const char* const start = next;
  const auto* const line_end = static_cast<const char*>(std::memchr(start, '\n', left(next)));
  if (line_end == nullptr) throw_endless_line();
  move(next, line_end + 1);
  return {start, line_end};
}

// The number that eight digits are, the first in the lowest byte.
[[gnu::always_inline]] inline std::uint64_t eight_digits(std::uint64_t digits) {
  digits = (digits * 10 + (digits >> 8)) & 0x00FF00FF00FF00FF;  // pairs of digits, then pairs of pairs
  digits = digits * (100 * 65'536 + 1) >> 16 & 0x0000FFFF0000FFFF;
  return digits * ((std::uint64_t{10'000} << 32) + 1) >> 32;
}

// What protocol 0 is full of: a line of up to seven digits in one step without a loop, whose end is hard to foresee.
[[gnu::always_inline]] inline Digits Reader::take_digits(Cursor& next) {
  if (left(next) >= sizeof(std::uint64_t)) [[likely]] {
    constexpr std::uint64_t k_each = 0x0101010101010101;
    std::uint64_t word;
    std::memcpy(&word, next, sizeof word);
    const std::uint64_t digits = word ^ k_each * '0';  // 0 to 9 for what is one
    const std::uint64_t others = ((digits + k_each * (0x80 - 10)) | digits) & k_each * 0x80;
    const auto bits = static_cast<unsigned>(std::countr_zero(others));  // 7 behind those of the digits
    const unsigned count = bits / 8;
    if (count - 1 < 7 && next[count] == '\n') [[likely]] {
      const bool plain = *next != '0' || count == 1;
      move(next, next + count + 1);
      if (plain) [[likely]]
        return {eight_digits(digits << ((7 - bits) % 64)), true};
      return {};
    }
  }
  const Digits digits = take_long_digits();
  next = next_;
  return digits;
}

template <Argument kind>
[[gnu::always_inline]] inline ArgumentOf<kind> Reader::take_argument(Cursor& next) {
  if constexpr (kind == Argument::None) return {};
  if constexpr (kind == Argument::Byte1) return take_number<std::uint8_t>(next);
  if constexpr (kind == Argument::Byte2) return take_number<std::uint16_t>(next);
  if constexpr (kind == Argument::Byte4) return take_number<std::uint32_t>(next);
  if constexpr (kind == Argument::Int4) return take_number<std::int32_t>(next);
  if constexpr (kind == Argument::Byte8) {
    const auto number = take_number<std::int64_t>(next);
    if (number < 0) throw_length(number);
    return number;
  }
  if constexpr (kind == Argument::Float8) return std::bit_cast<double>(__builtin_bswap64(take_number<std::uint64_t>(next)));
  if constexpr (kind == Argument::Line) return take_line(next);
  if constexpr (kind == Argument::Decimal) return take_digits(next);
  if constexpr (kind == Argument::TwoLines) {
    const std::string_view first = take_line(next);
    return {first, take_line(next)};
  }
  if constexpr (kind == Argument::Count1) return take_counted(next, take_number<std::uint8_t>(next));
  if constexpr (kind == Argument::Count4) return take_counted(next, take_number<std::uint32_t>(next));
  if constexpr (kind == Argument::Count8) return take_counted(next, take_number<std::uint64_t>(next));
  if constexpr (kind == Argument::SignedCount4) {
    const auto count = take_number<std::int32_t>(next);
    if (count < 0) throw_length(count);
    return take_counted(next, static_cast<std::uint64_t>(count));
  }
}

}  // namespace gt::pickle
