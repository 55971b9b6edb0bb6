#include "lib/pickle/writer.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/object/python2.h"
#include "lib/pickle/literals.h"

namespace gt::pickle {
namespace {

constexpr Form k_text{"", "(l", "(d", "(t", "", "a", "", "s", ""};
constexpr Form k_binary{"\x80\x02", "]", "}", ")", "(", "", "e", "", "u"};

}  // namespace

Writer::Writer(Sink& sink, const EncodeOptions& options)
    : sink_(sink), options_(options), form_(options.protocol == Protocol::Binary ? k_binary : k_text) {}

void Writer::write(std::string_view opcodes) {
  buffer_ += opcodes;
  if (buffer_.size() >= k_flush_bytes) flush();
}

void Writer::flush() {
  flushed_ += buffer_.size();
  if (flushed_ > options_.output_bytes)
    throw Error(ErrorCode::LimitOutput,
                fmt::format("the pickle would have more than {} bytes: the data refers to the same parts over and over",
                            options_.output_bytes));
  sink_.write(buffer_);
  buffer_.clear();
}

void Writer::finish() {
  if (!buffer_.empty()) flush();
}

template <typename Number>
void Writer::number(char opcode, Number value) {
  static_assert(std::endian::native == std::endian::little);
  char text[1 + sizeof value];
  text[0] = opcode;
  std::memcpy(text + 1, &value, sizeof value);
  write({text, sizeof text});
}

// With the opcode for lengths below 256, if there is one, or with the one for longer ones.
void Writer::counted(char short_opcode, char long_opcode, std::string_view text) {
  if (text.size() > std::numeric_limits<std::int32_t>::max())
    throw Error(ErrorCode::GraphNoForm, fmt::format("protocol 2 has no form for a string of {} bytes", text.size()));
  if (short_opcode != 0 && text.size() < 256) {
    number(short_opcode, static_cast<std::uint8_t>(text.size()));
  } else {
    number(long_opcode, static_cast<std::uint32_t>(text.size()));
  }
  write(text);
}

// --- scalars

void Writer::boolean(bool truth) {
  if (binary()) return write(truth ? "\x88" : "\x89");
  write(truth ? "I01\n" : "I00\n");
}

// What does not fit 32 bits is text in protocol 2, too: as LONG1 Python 2 would read it as a long.
void Writer::integer(std::int64_t value) {
  if (binary() && value >= 0 && value < 0x100) return number('K', static_cast<std::uint8_t>(value));
  if (binary() && value >= 0 && value < 0x10000) return number('M', static_cast<std::uint16_t>(value));
  if (binary() && value == static_cast<std::int32_t>(value)) return number('J', static_cast<std::int32_t>(value));
  write(fmt::format("I{}\n", value));
}

void Writer::long_integer(const object::BigInt& value) {
  if (!binary()) return write("L" + value.to_decimal() + "L\n");
  counted('\x8a', '\x8b', value.to_twos_complement());
}

void Writer::real(double value) {
  // repr() does not show the sign of NaN, but float() reads it.
  const std::string_view sign = std::isnan(value) && std::signbit(value) ? "-" : "";
  if (!binary()) return write(fmt::format("F{}{}\n", sign, object::python2_float_repr(value)));
  number('G', __builtin_bswap64(std::bit_cast<std::uint64_t>(value)));
}

void Writer::bytes(std::string_view text) {
  if (binary()) return counted('U', 'T', text);
  write("S" + object::python2_repr(text, object::Kind::Bytes) + "\n");
}

void Writer::text(std::string_view utf8) {
  if (binary()) return counted(0, 'X', utf8);
  write("V" + encode_raw_unicode_escape(utf8) + "\n");
}

void Writer::latin1_arguments(std::string_view bytes_of_text) {
  std::string characters;
  for (const char byte : bytes_of_text) append_utf8(characters, static_cast<unsigned char>(byte));
  write("(");
  text(characters);
  bytes("latin1");
  write("tR");
}

void Writer::binary_bytes(std::string_view text) {
  name(text.empty() ? "__builtin__" : "_codecs", text.empty() ? "bytes" : "encode");
  text.empty() ? write("(tR") : latin1_arguments(text);
}

void Writer::byte_array(std::string_view text) {
  name("__builtin__", "bytearray");
  text.empty() ? write("(tR") : latin1_arguments(text);
}

// --- names

std::string Writer::lines(std::string_view module, std::string_view name) const {
  for (const std::string_view part : {module, name})
    if (part.find('\n') != std::string_view::npos)
      throw Error(ErrorCode::GraphNoForm, "a name in a pickle cannot have a line end: '" + printable(part) + "'");
  return fmt::format("{}\n{}\n", module, name);
}

void Writer::name(std::string_view module, std::string_view name) {
  const auto [known, first] = names_.try_emplace(lines(module, name));
  if (!first) return get(known->second);
  write("c" + known->first);
  known->second = put();
}

void Writer::classic_instance(std::string_view module, std::string_view name) { write("(i" + lines(module, name)); }

// --- the memo

void Writer::memo(char text_opcode, char short_opcode, char long_opcode, std::uint32_t value) {
  if (!binary()) return write(fmt::format("{}{}\n", text_opcode, value));
  if (value < 0x100) return number(short_opcode, static_cast<std::uint8_t>(value));
  number(long_opcode, value);
}

// The first is 1, as in the desktop program's files.
std::uint32_t Writer::put() {
  memo('p', 'q', 'r', ++memoized_);
  return memoized_;
}

void Writer::get(std::uint32_t number) { memo('g', 'h', 'j', number); }

}  // namespace gt::pickle
