#include "lib/base/text.h"

#include <doctest/doctest.h>

#include <string>

namespace gt {
namespace {

using namespace std::literals;

TEST_CASE("valid_utf8 keeps all that is text and shows the other bytes as hex") {
  CHECK(valid_utf8("za\xc5\xbc \n\t\x1b\x7f") == "za\xc5\xbc \n\t\x1b\x7f");
  CHECK(valid_utf8("a\0b"sv) == "a\0b"sv);
  CHECK(valid_utf8("a\xff\xc3") == "a\\xff\\xc3");
  CHECK(valid_utf8("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(valid_utf8("") == "");
}

TEST_CASE("printable shows text as it is and everything else as hex") {
  struct Row {
    std::string_view bytes;
    std::string_view shown;
  };
  const Row rows[] = {
      {"", ""},
      {"task.gt", "task.gt"},
      {"za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87", "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87"},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"a\0b"sv, "a\\x00b"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b", "\\xc2\\x9b"},  // CSI as a C1 control: one terminal command in two bytes
      {"\xc2\xa0", "\xc2\xa0"},    // the first character behind the C1 controls
      {"\xff\xfe", "\\xff\\xfe"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // a surrogate is not UTF-8
      {"\xc3", "\\xc3"},
      {"\xe2\x82"
       "x",
       "\\xe2\\x82x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.shown);
    CHECK(printable(row.bytes) == row.shown);
  }
}

TEST_CASE("printable cuts what is too long, never inside a character") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdef", 5) == "abcde...");
  CHECK(printable("abcdef", 0) == "...");
  CHECK(printable("", 0) == "");
  CHECK(printable("ab\xc3\xa9z", 3) == "ab\xc3\xa9...");
  CHECK(printable(std::string(200, 'x')) == std::string(80, 'x') + "...");
}

TEST_CASE("utf8_length accepts exactly the sequences of Unicode, surrogates on request") {
  struct Row {
    std::string_view bytes;
    std::size_t reject;  // Surrogates::Reject
    std::size_t accept;
  };
  const Row rows[] = {
      {"", 0, 0},
      {"a", 1, 1},
      {"\0"sv, 1, 1},
      {"\x7f", 1, 1},
      {"\x80", 0, 0},  // a continuation alone
      {"\xbf", 0, 0},
      {"\xc0\x80", 0, 0},  // overlong NUL: Java writes it
      {"\xc1\xbf", 0, 0},  // overlong
      {"\xc2\x80", 2, 2},
      {"\xdf\xbf", 2, 2},
      {"\xc2", 0, 0},  // cut
      {"\xc2\x7f", 0, 0},
      {"\xc2\xc0", 0, 0},
      {"\xe0\x80\x80", 0, 0},  // overlong
      {"\xe0\x9f\xbf", 0, 0},  // the last overlong of three
      {"\xe0\xa0\x80", 3, 3},
      {"\xe2\x82\xac", 3, 3},
      {"\xe2\x82", 0, 0},
      {"\xe2", 0, 0},
      {"\xe2\x82x", 0, 0},
      {"\xed\x9f\xbf", 3, 3},      // U+D7FF
      {"\xed\xa0\x80", 0, 3},      // U+D800
      {"\xed\xbf\xbf", 0, 3},      // U+DFFF
      {"\xee\x80\x80", 3, 3},      // U+E000
      {"\xef\xbf\xbf", 3, 3},      // U+FFFF
      {"\xf0\x80\x80\x80", 0, 0},  // overlong
      {"\xf0\x8f\xbf\xbf", 0, 0},  // the last overlong of four
      {"\xf0\x90\x80\x80", 4, 4},  // U+10000
      {"\xf4\x8f\xbf\xbf", 4, 4},  // U+10FFFF
      {"\xf4\x90\x80\x80", 0, 0},  // U+110000
      {"\xf5\x80\x80\x80", 0, 0},
      {"\xf8\x88\x80\x80\x80", 0, 0},  // five bytes: before 2003
      {"\xfe", 0, 0},
      {"\xff", 0, 0},
      {"\xf0\x9f\x98", 0, 0},
      {"\xf0\x9f\x98"
       "a",
       0, 0},
      {"abc", 1, 1},  // only the first counts
      {"\xc3\xa9\xff", 2, 2},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.bytes));
    CHECK(utf8_length(row.bytes, Surrogates::Reject) == row.reject);
    CHECK(utf8_length(row.bytes, Surrogates::Accept) == row.accept);
  }
}

TEST_CASE("is_short_ascii looks at each byte, and knows texts of up to eight") {
  for (std::size_t size = 0; size <= 8; ++size) {
    const std::string text(size, '\x7f');
    CAPTURE(size);
    CHECK(is_short_ascii(text));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = '\x80';
      CAPTURE(at);
      CHECK_FALSE(is_short_ascii(other));
    }
  }
  CHECK_FALSE(is_short_ascii("123456789"));
}

TEST_CASE("is_utf8 looks at the whole text") {
  CHECK(is_utf8("", Surrogates::Reject));
  CHECK(is_utf8("za\xc5\xbc\xf0\x9f\x98\x80", Surrogates::Reject));
  CHECK_FALSE(is_utf8("za\xc5\xbc\xff", Surrogates::Accept));
  CHECK_FALSE(is_utf8("abc\xc5", Surrogates::Accept));
  CHECK_FALSE(is_utf8("a\xed\xb0\x80", Surrogates::Reject));
  CHECK(is_utf8("a\xed\xb0\x80", Surrogates::Accept));
}

TEST_CASE("code points go to UTF-8 and come back") {
  struct Row {
    char32_t code_point;
    std::string_view utf8;
  };
  const Row rows[] = {
      {0, "\0"sv},
      {0x7F, "\x7f"},
      {0x80, "\xc2\x80"},
      {0x7FF, "\xdf\xbf"},
      {0x800, "\xe0\xa0\x80"},
      {0xD800, "\xed\xa0\x80"},
      {0xFFFF, "\xef\xbf\xbf"},
      {0x10000, "\xf0\x90\x80\x80"},
      {0x1F600, "\xf0\x9f\x98\x80"},
      {0x10FFFF, "\xf4\x8f\xbf\xbf"},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<unsigned>(row.code_point));
    std::string out = "<";
    append_utf8(out, row.code_point);
    CHECK(out == "<" + std::string(row.utf8));
    std::size_t offset = 1;
    CHECK(next_code_point(out, offset) == row.code_point);
    CHECK(offset == out.size());
  }
}

}  // namespace
}  // namespace gt
