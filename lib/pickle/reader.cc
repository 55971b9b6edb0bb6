#include "lib/pickle/reader.h"

#include <fmt/format.h>

#include <bit>

namespace gt::pickle {
namespace {

constexpr std::string_view k_names[] = {
#define GT_OPCODE(name, byte, argument, protocol) #name,
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
};

}  // namespace

std::string_view to_string(Opcode opcode) { return k_names[static_cast<std::size_t>(opcode)]; }

Error error_at(const Instruction& at, ErrorCode code, std::string message, std::string hint) {
  return Error(code, std::move(message), {.offset = at.offset, .opcode = std::string(to_string(at.opcode))}, std::move(hint));
}

Error error_at(const Instruction& at, const Error& cause) { return error_at(at, cause.code(), "fails: " + cause.message()); }

constexpr Reader::Table Reader::make_table() {
  Table table;
#define GT_OPCODE(name, byte, argument_kind, first_protocol) \
  table.by_byte[static_cast<unsigned char>(byte)] = {true, Opcode::name, Argument::argument_kind, first_protocol};
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
  return table;
}

constexpr Reader::Table Reader::k_table = Reader::make_table();

const Instruction& Reader::next() {
  now_.offset = position_;
  if (position_ >= bytes_.size())
    throw Error(ErrorCode::PickleTruncated, "the pickle ends here without a STOP opcode: the file was cut",
                {.offset = position_});
  const auto byte = static_cast<unsigned char>(bytes_[position_]);
  const OpcodeInfo& info = k_table.by_byte[byte];
  if (!info.known)
    throw Error(ErrorCode::PickleUnknownOpcode, fmt::format("byte 0x{:02x} is no pickle opcode", byte), {.offset = position_});
  now_.opcode = info.opcode;
  ++position_;
  if (info.argument != Argument::None) read_argument(info);
  return now_;
}

void Reader::read_argument(const OpcodeInfo& info) {
  switch (info.argument) {
    case Argument::None: return;
    case Argument::Byte1: now_.number = static_cast<std::int64_t>(take_number(1)); return;
    case Argument::Byte2: now_.number = static_cast<std::int64_t>(take_number(2)); return;
    case Argument::Int4: now_.number = static_cast<std::int32_t>(take_number(4)); return;
    case Argument::Float8: now_.real = std::bit_cast<double>(__builtin_bswap64(take_number(8))); return;
    case Argument::Line: now_.text = take_line(); return;
    case Argument::TwoLines:
      now_.text = take_line();
      now_.second = take_line();
      return;
    case Argument::Count1: now_.text = take(take_number(1)); return;
    case Argument::Count4: {
      const auto count = static_cast<std::int32_t>(take_number(4));
      if (count < 0) throw error_at(now_, ErrorCode::PickleBadArgument, fmt::format("has the length {}", count));
      now_.text = take(static_cast<std::uint64_t>(count));
      return;
    }
    case Argument::Later:
      throw error_at(now_, ErrorCode::PickleProtocol,
                     fmt::format("belongs to pickle protocol {}, which Python 2 never wrote; protocols 0 to 2 can be read",
                                 info.protocol));
  }
}

std::string_view Reader::take(std::uint64_t count) {
  const std::uint64_t left = bytes_.size() - position_;
  if (count > left)
    throw error_at(now_, ErrorCode::PickleTruncated,
                   fmt::format("needs {} bytes, but the file ends after {}: it was cut, or the length lies", count, left));
  const std::string_view out = bytes_.substr(position_, count);
  position_ += count;
  return out;
}

std::string_view Reader::take_line() {
  const std::size_t end = bytes_.find('\n', position_);
  if (end == std::string_view::npos)
    throw error_at(now_, ErrorCode::PickleTruncated, "has a line without an end: the file was cut");
  const std::string_view out = bytes_.substr(position_, end - position_);
  position_ = end + 1;
  return out;
}

std::uint64_t Reader::take_number(unsigned count) {
  const std::string_view digits = take(count);
  std::uint64_t out = 0;
  for (unsigned i = count; i-- > 0;) out = out << 8 | static_cast<unsigned char>(digits[i]);
  return out;
}

}  // namespace gt::pickle
