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
      {"\x8a\x02\x01\x02"sv, "LONG1", 0, "\x01\x02", ""},
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

TEST_CASE("opcodes of protocols that Python 2 never wrote are refused by name") {
  struct Row {
    unsigned char byte;
    std::string_view name;
    int protocol;
  };
  const Row rows[] = {
      {'B', "BINBYTES", 3},    {'C', "SHORT_BINBYTES", 3}, {0x8c, "SHORT_BINUNICODE", 4}, {0x8d, "BINUNICODE8", 4},
      {0x8e, "BINBYTES8", 4},  {0x8f, "EMPTY_SET", 4},     {0x90, "ADDITEMS", 4},         {0x91, "FROZENSET", 4},
      {0x92, "NEWOBJ_EX", 4},  {0x93, "STACK_GLOBAL", 4},  {0x94, "MEMOIZE", 4},          {0x95, "FRAME", 4},
      {0x96, "BYTEARRAY8", 5}, {0x97, "NEXT_BUFFER", 5},   {0x98, "READONLY_BUFFER", 5},
  };
  for (const Row& row : rows) {
    const std::string bytes = "N" + std::string(1, static_cast<char>(row.byte)) + std::string(20, '\0');
    Reader reader(bytes);
    reader.next();
    const auto error = error_of([&] { reader.next(); });
    CHECK(code_of(error) == "pickle.protocol");
    CHECK(text_of(error) == "byte 1: opcode " + std::string(row.name) + " belongs to pickle protocol " +
                                std::to_string(row.protocol) + ", which Python 2 never wrote; protocols 0 to 2 can be read");
  }
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
