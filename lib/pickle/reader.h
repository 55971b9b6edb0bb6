// From pickle bytes to opcodes with their arguments; knows nothing of what they do.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/error.h"

namespace gt::pickle {

enum class Opcode : std::uint8_t {
#define GT_OPCODE(name, byte, argument, protocol) name,
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
};

std::string_view to_string(Opcode opcode);

// One opcode as it stands in the file. Views point into the pickle.
struct Instruction {
  Opcode opcode = Opcode::STOP;
  std::uint64_t offset = 0;  // of the opcode byte
  std::string_view text;     // Line (without \n), the counted bytes, or the first of two lines
  std::string_view second;   // the second of two lines
  std::int64_t number = 0;   // Byte1, Byte2, Int4
  double real = 0;           // Float8
};

// Errors in this module name the opcode and its offset.
Error error_at(const Instruction& at, ErrorCode code, std::string message, std::string hint = {});
// An error of the graph, which knows no offsets, with the place at which the pickle caused it.
Error error_at(const Instruction& at, const Error& cause);

class Reader {
 public:
  explicit Reader(std::string_view pickle) : bytes_(pickle) {}

  // The next instruction. Throws PickleTruncated at the end of the bytes or inside an argument, PickleUnknownOpcode, and
  // PickleProtocol for an opcode that Python 2 never wrote. Nothing is allocated for a length that lies.
  const Instruction& next();
  std::uint64_t position() const { return position_; }

 private:
  enum class Argument : std::uint8_t { None, Byte1, Byte2, Int4, Float8, Line, TwoLines, Count1, Count4, Later };
  struct OpcodeInfo {
    bool known = false;
    Opcode opcode = Opcode::STOP;
    Argument argument = Argument::None;
    std::uint8_t protocol = 0;
  };
  struct Table {
    OpcodeInfo by_byte[256];
  };
  static constexpr Table make_table();
  static const Table k_table;

  void read_argument(const OpcodeInfo& info);
  std::string_view take(std::uint64_t count);
  std::string_view take_line();
  std::uint64_t take_number(unsigned bytes);

  std::string_view bytes_;
  std::uint64_t position_ = 0;
  Instruction now_;
};

}  // namespace gt::pickle
