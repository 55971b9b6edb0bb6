#include "lib/pickle/disassemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "lib/base/text.h"
#include "lib/object/big_int.h"
#include "lib/object/python2.h"
#include "lib/pickle/literals.h"
#include "lib/pickle/outline.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {
namespace {

constexpr std::uint64_t k_depth_column = 48;
constexpr std::size_t k_name_width = 10;
// Python itself refuses to write longer integers; the work is quadratic.
constexpr std::size_t k_most_integer_bytes = 1024;

// One line at a time, handed on in pieces: a string of the pickle may be larger than memory.
class Line {
 public:
  explicit Line(Sink& sink) : sink_(sink) {}

  Line& operator<<(std::string_view text) {
    for (; text.size() > k_piece; text.remove_prefix(k_piece)) append(text.substr(0, k_piece));
    append(text);
    return *this;
  }
  void pad_to(std::uint64_t column) {
    while (length() < column) append(" ");
  }
  std::uint64_t length() const { return handed_on_ + buffer_.size() - start_; }
  void end() {
    append("\n");
    start_ = handed_on_ + buffer_.size();
  }
  void flush() {
    sink_.write(buffer_);
    handed_on_ += buffer_.size();
    buffer_.clear();
  }

 private:
  static constexpr std::size_t k_piece = std::size_t{64} << 10;
  void append(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() > k_piece) flush();
  }

  Sink& sink_;
  std::string buffer_;
  std::uint64_t handed_on_ = 0;
  std::uint64_t start_ = 0;
};

// One character of repr(), in ASCII: what Python 3 calls ascii().
void append_character(Line& line, char32_t c, char quote) {
  if (c == static_cast<unsigned char>(quote) || c == '\\') {
    const char escaped[] = {'\\', static_cast<char>(c)};
    line << std::string_view(escaped, 2);
  } else if (c >= 0x20 && c < 0x7F) {
    const char plain = static_cast<char>(c);
    line << std::string_view(&plain, 1);
  } else if (c == '\n' || c == '\r' || c == '\t') {
    line << (c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
  } else if (c < 0x100) {
    line << fmt::format("\\x{:02x}", static_cast<unsigned>(c));
  } else {
    line << (c < 0x10000 ? fmt::format("\\u{:04x}", static_cast<unsigned>(c))
                         : fmt::format("\\U{:08x}", static_cast<unsigned>(c)));
  }
}

char quote_for(std::string_view text) {
  return text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
}

bool is_decimal(std::string_view text) {
  const std::string_view magnitude = text.substr(text.starts_with('-') ? 1 : 0);
  if (magnitude.empty() || magnitude.find_first_not_of("0123456789") != std::string_view::npos) return false;
  return magnitude[0] != '0' || text == "0";
}

enum class Encoding : std::uint8_t { Latin1, Utf8 };

void append_repr(Line& line, std::string_view text, Encoding encoding) {
  const char quote = quote_for(text);
  const std::string_view mark(&quote, 1);
  const bool decodes = encoding == Encoding::Utf8 && is_utf8(text, Surrogates::Accept);
  line << mark;
  for (std::size_t i = 0; i < text.size();)
    append_character(line, decodes ? next_code_point(text, i) : static_cast<unsigned char>(text[i++]), quote);
  line << mark;
}

// The forms of shown.def.
struct Arguments {
  static void number(Line& line, const Instruction& at) { line << std::to_string(at.number); }
  static void real(Line& line, const Instruction& at) { line << object::python2_float_repr(at.real); }
  static void names(Line& line, const Instruction& at) {
    append_repr(line, std::string(at.text) + ' ' + std::string(at.second), Encoding::Utf8);
  }
  static void plain_text(Line& line, const Instruction& at) { append_repr(line, at.text, Encoding::Utf8); }
  static void latin1(Line& line, const Instruction& at) { append_repr(line, at.text, Encoding::Latin1); }
  static void utf8(Line& line, const Instruction& at) { append_repr(line, at.text, Encoding::Utf8); }
  static void bytes(Line& line, const Instruction& at) {
    line << "b";
    append_repr(line, at.text, Encoding::Latin1);
  }
  static void byte_array(Line& line, const Instruction& at) {
    line << "bytearray(";
    bytes(line, at);
    line << ")";
  }

  static void memo_key(Line& line, const Instruction& at) {
    if (is_decimal(at.text)) {
      line << at.text;
    } else {
      plain_text(line, at);
    }
  }
  static void int_text(Line& line, const Instruction& at) {
    if (at.text == "00" || at.text == "01") {
      line << (at.text == "01" ? "True" : "False");
    } else {
      integer(line, at, at.text);
    }
  }
  static void long_text(Line& line, const Instruction& at) {
    integer(line, at, at.text.ends_with('L') ? at.text.substr(0, at.text.size() - 1) : at.text);
  }
  static void float_text(Line& line, const Instruction& at) {
    if (const auto value = parse_float(at.text)) {
      line << object::python2_float_repr(*value);
    } else {
      plain_text(line, at);
    }
  }
  static void long_bytes(Line& line, const Instruction& at) {
    if (at.text.size() > k_most_integer_bytes) {
      line << fmt::format("<an integer of {} bytes>", at.text.size());
    } else {
      line << object::BigInt::from_twos_complement(at.text).to_decimal();
    }
  }

  // Digits as they are, other spellings as their value; what is no integer is shown as text.
  static void integer(Line& line, const Instruction& at, std::string_view digits) {
    if (is_decimal(digits)) {
      line << digits;
    } else if (const auto value = digits.size() > k_most_integer_bytes ? std::nullopt : parse_int(digits)) {
      line << (value->small ? std::to_string(*value->small) : value->big.to_decimal());
    } else {
      plain_text(line, at);
    }
  }

  static void quoted_string(Line& line, const Instruction& at) {
    const auto literal = parse_quoted(at.text);
    std::string decoded;
    const bool whole = literal && decode_string_escape(literal->content, decoded);
    append_repr(line, whole ? decoded : at.text, Encoding::Latin1);
  }
  static void raw_unicode(Line& line, const Instruction& at) {
    std::string decoded;
    const bool whole = decode_raw_unicode_escape(at.text, decoded);
    append_repr(line, whole ? decoded : at.text, whole ? Encoding::Utf8 : Encoding::Latin1);
  }
};

using Form = void (*)(Line&, const Instruction&);
struct Row {
  int protocol = 0;
  Form argument = nullptr;
};

constexpr std::array<Row, 256> make_rows() {
  std::array<Row, 256> rows;
#define GT_OPCODE(name, byte, argument, protocol) rows[static_cast<std::uint8_t>(Opcode::name)] = {protocol, nullptr};
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
#define GT_SHOWN(name, form) rows[static_cast<std::uint8_t>(Opcode::name)].argument = &Arguments::form;
#include "lib/pickle/shown.def"
#undef GT_SHOWN
  return rows;
}

const Row& row_of(Opcode opcode) {
  static constexpr std::array<Row, 256> k_rows = make_rows();
  return k_rows[static_cast<std::uint8_t>(opcode)];
}

std::string code_of(Opcode opcode) {
  const auto byte = static_cast<unsigned char>(opcode);
  return byte < 0x7F ? std::string(1, static_cast<char>(byte)) : fmt::format("\\x{:02x}", byte);
}

// The line of an instruction, without the depth that it leaves behind.
void append_instruction(Line& line, const Instruction& at, const Outline& before) {
  const std::string_view name = to_string(at.opcode);
  line << fmt::format("{:5}: {:<4} ", at.offset, code_of(at.opcode));
  for (auto i = std::min<std::uint64_t>(before.marks().size(), k_most_indented); i > 0; --i) line << "    ";
  line << name;
  const Form argument = row_of(at.opcode).argument;
  const auto mark = before.mark_taken_by(at);
  const bool counts = at.opcode == Opcode::MEMOIZE;
  if (argument == nullptr && !mark && !counts) return;
  for (std::size_t i = name.size(); i < k_name_width; ++i) line << " ";
  if (argument != nullptr) {
    line << " ";
    argument(line, at);
  }
  if (mark) line << fmt::format(" (MARK at {})", mark->offset);
  if (counts) line << fmt::format(" (as {})", before.stored());
}

void append_depth(Line& line, const Outline& after) {
  line.pad_to(k_depth_column);
  line << fmt::format(" ; stack {}", after.stack().size());
  if (!after.marks().empty()) line << fmt::format(", marks {}", after.marks().size());
}

}  // namespace

std::uint64_t disassemble(std::string_view file, std::uint64_t start, Sink& sink) {
  Reader reader(file, start);
  Outline outline;
  Line line(sink);
  int highest = 0;
  try {
    for (Opcode last = Opcode::NONE; last != Opcode::STOP;) {
      const Instruction& at = reader.next();
      append_instruction(line, at, outline);
      outline.apply(at);
      append_depth(line, outline);
      line.end();
      highest = std::max(highest, row_of(at.opcode).protocol);
      last = at.opcode;
    }
  } catch (const Error&) {
    if (line.length() > 0) line.end();
    line.flush();
    throw;
  }
  line << fmt::format("highest protocol among opcodes = {}", highest);
  line.end();
  line.flush();
  return reader.position();
}

}  // namespace gt::pickle
