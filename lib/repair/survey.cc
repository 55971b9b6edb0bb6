#include "lib/repair/survey.h"

#include <array>

#include "lib/pickle/reader.h"

namespace gt::repair {
namespace {

using pickle::Argument;
using pickle::Instruction;
using pickle::Opcode;

constexpr bool is_line(Argument kind) {
  return kind == Argument::Line || kind == Argument::Decimal || kind == Argument::TwoLines;
}

// Opcodes whose lines no pickler ends with \r. Texts and persistent ids may have one: Python 2 does not escape it.
constexpr std::array<bool, 256> make_plain_lines() {
  std::array<bool, 256> out{};
#define GT_OPCODE(name, byte, argument, protocol) out[static_cast<std::uint8_t>(Opcode::name)] = is_line(Argument::argument);
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
  out[static_cast<std::uint8_t>(Opcode::UNICODE)] = false;
  out[static_cast<std::uint8_t>(Opcode::PERSID)] = false;
  return out;
}
constexpr std::array<bool, 256> k_plain_lines = make_plain_lines();

bool has_windows_line(const Instruction& at) {
  return k_plain_lines[static_cast<std::uint8_t>(at.opcode)] && (at.text.ends_with('\r') || at.second.ends_with('\r'));
}

bool is_put(Opcode opcode) {
  return opcode == Opcode::PUT || opcode == Opcode::BINPUT || opcode == Opcode::LONG_BINPUT || opcode == Opcode::MEMOIZE;
}

}  // namespace

Survey survey(std::string_view pickle) {
  Survey out;
  pickle::Reader reader(pickle);
  try {
    do {
      out.end = reader.position();
      const Instruction& at = reader.next();
      out.has_windows_lines = out.has_windows_lines || has_windows_line(at);
      out.outline.apply(at);
      if (!is_put(at.opcode)) out.last = at.opcode;
    } while (out.last != Opcode::STOP);
    out.end = reader.position();
  } catch (const Error& error) {
    out.error = error;
  }
  return out;
}

}  // namespace gt::repair
