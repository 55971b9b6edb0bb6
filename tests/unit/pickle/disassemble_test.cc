#include "lib/pickle/disassemble.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/unit/base/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::text_of;

std::string dis(std::string_view pickle) {
  StringSink sink;
  disassemble(pickle, 0, sink);
  return sink.text();
}

// The first line, without the depth.
std::string line_of(std::string_view instruction) {
  const std::string text = dis(std::string(instruction) + '.');
  const std::string line = text.substr(0, text.find('\n'));
  return line.substr(0, line.find_last_not_of(' ', line.rfind(" ; stack ")) + 1);
}

TEST_CASE("lines have offset, opcode, argument, the mark that ends, and the depth that is left") {
  CHECK(dis("\x80\x04(lp0\n(K\x05"
            "ta\x94."sv) ==
        "    0: \\x80 PROTO      4                         ; stack 0\n"
        "    2: (    MARK                                 ; stack 0, marks 1\n"
        "    3: l        LIST       (MARK at 2)           ; stack 1\n"
        "    4: p    PUT        0                         ; stack 1\n"
        "    7: (    MARK                                 ; stack 1, marks 1\n"
        "    8: K        BININT1    5                     ; stack 2, marks 1\n"
        "   10: t        TUPLE      (MARK at 7)           ; stack 2\n"
        "   11: a    APPEND                               ; stack 1\n"
        "   12: \\x94 MEMOIZE    (as 1)                    ; stack 1\n"
        "   13: .    STOP                                 ; stack 0\n"
        "highest protocol among opcodes = 4\n");
}

TEST_CASE("arguments are shown as Python 3 writes them, in ASCII") {
  struct Row {
    std::string_view instruction;
    std::string_view shown;
  };
  const Row rows[] = {
      {"I00\n", "    0: I    INT        False"},
      {"I01\n", "    0: I    INT        True"},
      {"I-5\n", "    0: I    INT        -5"},
      {"I 0012\n", "    0: I    INT        12"},
      {"I5x\n", "    0: I    INT        '5x'"},
      {"L123456789012345678901L\n", "    0: L    LONG       123456789012345678901"},
      {"F1e16\n", "    0: F    FLOAT      1e+16"},
      {"Fx\n", "    0: F    FLOAT      'x'"},
      {"G\x3f\xf8\0\0\0\0\0\0"sv, "    0: G    BINFLOAT   1.5"},
      {"S'a\\x1b\\n'\n", "    0: S    STRING     'a\\x1b\\n'"},
      {"S'it\\'s'\n", "    0: S    STRING     \"it's\""},
      {"S'cut\n", "    0: S    STRING     \"'cut\""},
      {"V\\u017c\xe4\n", "    0: V    UNICODE    '\\u017c\\xe4'"},
      {"U\x02\xff'"sv, "    0: U    SHORT_BINSTRING \"\\xff'\""},
      {"C\x02\xff'"sv, "    0: C    SHORT_BINBYTES b\"\\xff'\""},
      {"\x8c\x04\xf0\x9f\x98\x80"sv, "    0: \\x8c SHORT_BINUNICODE '\\U0001f600'"},
      {"\x8c\x02\xff\xff"sv, "    0: \\x8c SHORT_BINUNICODE '\\xff\\xff'"},
      {"\x96\x01\0\0\0\0\0\0\0a"sv, "    0: \\x96 BYTEARRAY8 bytearray(b'a')"},
      {"\x8a\x02\xff\xff"sv, "    0: \\x8a LONG1      -1"},
      {"\x8a\0"sv, "    0: \\x8a LONG1      0"},
      {"cos.path\njoin\n", "    0: c    GLOBAL     'os.path join'"},
      {"P5\n", "    0: P    PERSID     '5'"},
      {"\x82\x07"sv, "    0: \\x82 EXT1       7"},
      {"\x97"sv, "    0: \\x97 NEXT_BUFFER"},
  };
  for (const Row& row : rows) CHECK(line_of(row.instruction) == row.shown);
}

TEST_CASE("of a broken pickle the good part is shown, and the opcode that breaks it") {
  struct Row {
    std::string_view pickle;
    std::string_view last_line;
    std::string_view error;
  };
  const Row rows[] = {
      {"K\x01"sv, "    0: K    BININT1    1                         ; stack 1\n",
       "byte 2: the pickle ends here without a STOP opcode: the file was cut"},
      {"N\xff"sv, "    0: N    NONE                                 ; stack 1\n", "byte 1: byte 0xff is no pickle opcode"},
      {"Nl"sv, "    1: l    LIST\n", "byte 1: opcode LIST needs a MARK, but there is none on the stack"},
      {"Na"sv, "    1: a    APPEND\n", "byte 1: opcode APPEND needs 2 values on the stack"},
      {"g1\n"sv, "    0: g    GET        1\n", "byte 0: opcode GET reads memo 1, which was never set"},
      {"NU\x05"sv, "    0: N    NONE                                 ; stack 1\n",
       "byte 1: opcode SHORT_BINSTRING needs 5 bytes, but the file ends after 0: it was cut, or the length lies"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.error);
    StringSink sink;
    const auto error = error_of([&] { disassemble(row.pickle, 0, sink); });
    CHECK(text_of(error) == row.error);
    CHECK(sink.text().ends_with(row.last_line));
  }
}

TEST_CASE("a second pickle is shown from its own offset on") {
  StringSink sink;
  const std::uint64_t second = disassemble("N.I5\n.", 0, sink);
  CHECK(second == 2);
  CHECK(disassemble("N.I5\n.", second, sink) == 6);
  CHECK(sink.text().find("    2: I    INT        5") != std::string::npos);
}

class CountingSink : public Sink {
 public:
  void write(std::string_view bytes) override { bytes_ += bytes.size(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::uint64_t bytes_ = 0;
};

TEST_CASE("millions of levels are shown without recursion, in lines that do not grow") {
  const std::size_t k_levels = std::getenv("GT_TOOLS_FULL") != nullptr ? 10'000'000 : 300'000;
  const std::string pickle = std::string(k_levels, '(') + std::string(k_levels, 'l') + '.';
  CountingSink sink;
  CHECK(disassemble(pickle, 0, sink) == pickle.size());
  CHECK(sink.bytes() / pickle.size() < 250);
}

TEST_CASE("a lying memo index or length costs nothing") {
  CHECK(line_of("Nr\xff\xff\xff\xff") == "    0: N    NONE");
  CHECK(code_of(error_of([] { dis("N\x8e\xff\xff\xff\xff\xff\xff\xff\x7f."sv); })) == "pickle.truncated");
}

}  // namespace
}  // namespace gt::pickle
