#include "lib/pickle/reader.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "tests/unit/base/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::text_of;

TEST_CASE("an instruction is read with its argument and its offset") {
  struct Row {
    std::string_view bytes;
    std::string_view name;
    std::int64_t number;
    std::string_view text;
    std::string_view second;
  };
  const Row rows[] = {
      {"N"sv, "NONE", 0, "", ""},
      {"K\xff"sv, "BININT1", 255, "", ""},
      {"M\x34\x12"sv, "BININT2", 0x1234, "", ""},
      {"J\xff\xff\xff\xff"sv, "BININT", -1, "", ""},
      {"J\0\0\0\x80"sv, "BININT", -2147483648, "", ""},
      {"U\x03"
       "abc"sv,
       "SHORT_BINSTRING", 0, "abc", ""},
      {"U\0"sv, "SHORT_BINSTRING", 0, "", ""},
      {"T\x02\0\0\0\n\0"sv, "BINSTRING", 0, "\n\0"sv, ""},
      {"X\x02\0\0\0\xc3\xa9"sv, "BINUNICODE", 0, "\xc3\xa9", ""},
      {"S'a b'\n"sv, "STRING", 0, "'a b'", ""},
      {"cos\nsystem\n"sv, "GLOBAL", 0, "os", "system"},
      {"i\n\n"sv, "INST", 0, "", ""},
      {"r\xff\xff\xff\x7f"sv, "LONG_BINPUT", 2147483647, "", ""},
      {"r\xff\xff\xff\xff"sv, "LONG_BINPUT", 4294967295, "", ""},
      {"\x84\xff\xff\xff\xff"sv, "EXT4", -1, "", ""},
      {"\x95\x01\x02\0\0\0\0\0\0"sv, "FRAME", 0x201, "", ""},
      {"\x8a\x02\x01\x02"sv, "LONG1", 0, "\x01\x02", ""},
      {"C\x01x"sv, "SHORT_BINBYTES", 0, "x", ""},
      {"B\x01\0\0\0x"sv, "BINBYTES", 0, "x", ""},
      {"\x8c\x01x"sv, "SHORT_BINUNICODE", 0, "x", ""},
      {"\x8d\x01\0\0\0\0\0\0\0x"sv, "BINUNICODE8", 0, "x", ""},
      {"\x8e\x01\0\0\0\0\0\0\0x"sv, "BINBYTES8", 0, "x", ""},
      {"\x96\x01\0\0\0\0\0\0\0x"sv, "BYTEARRAY8", 0, "x", ""},
      {"\x94"sv, "MEMOIZE", 0, "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string bytes = "N" + std::string(row.bytes);
    Reader reader(bytes);
    reader.next();
    const Instruction& now = reader.next();
    CHECK(to_string(now.opcode) == row.name);
    CHECK(now.offset == 1);
    CHECK(reader.position() == bytes.size());
    if (row.number != 0) CHECK(now.number == row.number);
    if (!row.text.empty()) CHECK(now.text == row.text);
    if (!row.second.empty()) CHECK(now.second == row.second);
  }
  Reader reader("G\x3f\xf8\0\0\0\0\0\0"sv);
  CHECK(reader.next().real == 1.5);
}

TEST_CASE("a line of digits is a number wherever it stands, and anything else is left to who reads the line") {
  struct Row {
    std::string_view line;
    bool plain;
    std::uint64_t number;
  };
  const Row rows[] = {
      {"0", true, 0},
      {"7", true, 7},
      {"42", true, 42},
      {"123456", true, 123456},
      {"1234567", true, 1234567},
      {"12345678", true, 12345678},
      {"123456789", true, 123456789},
      {"999999999999999999", true, 999999999999999999},
      {"1000000000000000000", false, 0},
      {"00", false, 0},
      {"01", false, 0},
      {"0123456", false, 0},
      {"", false, 0},
      {"-1", false, 0},
      {"+1", false, 0},
      {" 1", false, 0},
      {"1 ", false, 0},
      {"12a4567", false, 0},
      {"1\xff", false, 0},
      {"1:", false, 0},
      {"1/", false, 0},
      {"\xb1", false, 0},
  };
  for (const Row& row : rows) {
    // At the end of the file, and with enough behind it.
    for (const std::string_view behind : {""sv, "."sv, "1234567890"sv, "\n\n\n\n\n\n\n\n"sv}) {
      const std::string bytes = "I" + std::string(row.line) + "\n" + std::string(behind);
      CAPTURE(bytes);
      Reader reader(bytes);
      CHECK(reader.take_opcode() == Opcode::INT);
      const Digits digits = reader.take_argument<Argument::Decimal>();
      CHECK(digits.plain == row.plain);
      if (row.plain) CHECK(digits.number == row.number);
      CHECK(reader.line() == row.line);
      CHECK(reader.position() == row.line.size() + 2);
    }
  }
  for (const std::string_view cut : {"I1234567"sv, "I12345678"sv, "I1"sv, "I"sv}) {
    Reader reader(cut);
    reader.take_opcode();
    CHECK(code_of(error_of([&] { reader.take_argument<Argument::Decimal>(); })) == "pickle.truncated");
  }
}

TEST_CASE("a reader that starts inside a file says the offsets of the file") {
  Reader reader("N.K\x05."sv, 2);
  CHECK(reader.next().offset == 2);
  CHECK(reader.next().opcode == Opcode::STOP);
  CHECK(reader.position() == 5);
}

TEST_CASE("every other byte is an opcode or is refused with its value") {
  int known = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string bytes(1, static_cast<char>(byte));
    Reader reader(bytes);
    const auto error = error_of([&] { reader.next(); });
    if (code_of(error) == "pickle.unknown-opcode") {
      char text[64];
      std::snprintf(text, sizeof text, "byte 0: byte 0x%02x is no pickle opcode", static_cast<unsigned>(byte));
      CHECK(text_of(error) == text);
    } else {
      ++known;
    }
  }
  CHECK(known == 68);  // what pickletools of Python 3 knows
}

}  // namespace
}  // namespace gt::pickle
