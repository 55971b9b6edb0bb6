#include "lib/repair/mend.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "lib/base/text.h"
#include "tests/unit/base/support.h"

namespace gt::repair {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::text_of;

TEST_CASE("what happened to a pickle is undone, and told with its offset in the file") {
  struct Row {
    std::string_view damaged;
    std::string_view mended;
    std::vector<std::string> told;
  };
  const Row rows[] = {
      // Line ends of Windows text mode.
      {"(lp0\r\nS'a'\r\np1\r\na."sv,
       "(lp0\nS'a'\np1\na.",
       {"warning: byte 4: repaired: 3 line ends of Windows (\\r\\n) became \\n"}},
      {"Va\r\r\np0\r\n.", "Va\r\np0\n.", {"warning: byte 3: repaired: 2 line ends of Windows (\\r\\n) became \\n"}},
      {"I1\r\r\np5\r\r\n.",
       "I1\np5\n.",
       {"warning: byte 3: repaired: 2 line ends of Windows (\\r\\n) became \\n",
        "warning: byte 2: repaired: 2 line ends of Windows (\\r\\n) became \\n"}},
      {"(im\r\nC\r\n.", "(im\nC\n.", {"warning: byte 3: repaired: 2 line ends of Windows (\\r\\n) became \\n"}},
      {"I01\r\n.", "I01\n.", {"warning: byte 3: repaired: 1 line end of Windows (\\r\\n) became \\n"}},
      // A binary one: the text had 2 bytes, the number was 10.
      {"(X\x02\0\0\0\r\nbK\r\nt."sv,
       "(X\x02\0\0\0\nbK\nt."sv,
       {"warning: byte 6: repaired: 2 line ends of Windows (\\r\\n) became \\n"}},
      // Bytes behind the end.
      {"N.garbage", "N.", {"warning: byte 2: repaired: 7 bytes behind the end of the pickle were left out: garbage"}},
      {"N.\x1a", "N.", {"warning: byte 2: repaired: 1 byte behind the end of the pickle was left out: \\x1a"}},
      {"S'a'\r\n.\r\n",
       "S'a'\n.",
       {"warning: byte 4: repaired: 2 line ends of Windows (\\r\\n) became \\n",
        "warning: byte 7: repaired: 1 byte behind the end of the pickle was left out: \\x0a"}},
      // The end-of-file mark of text mode, in place of STOP.
      {"S'a'\n\x1a\x1a\0\0"sv,
       "S'a'\n.",
       {"warning: byte 5: repaired: 4 bytes of an end-of-file mark of Windows text mode (0x1a) were left out: "
        "\\x1a\\x1a\\x00\\x00",
        "warning: byte 5: repaired: the STOP at the end was missing; everything before it is whole"}},
      // STOP missing.
      {"(im\nC\n(dS'a'\nI1\nsb",
       "(im\nC\n(dS'a'\nI1\nsb.",
       {"warning: byte 18: repaired: the STOP at the end was missing; everything before it is whole"}},
      {"(im\nC\np0\n(dS'a'\nI1\nsbp1\n",
       "(im\nC\np0\n(dS'a'\nI1\nsbp1\n.",
       {"warning: byte 24: repaired: the STOP at the end was missing; everything before it is whole"}},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.damaged));
    const Mended mended = mend(row.damaged);
    CHECK(mended.bytes == row.mended);
    std::vector<std::string> told;
    for (const Finding& finding : mended.repairs) told.push_back(to_string(finding));
    CHECK(told == row.told);
    CHECK(mend(mended.bytes).repairs.empty());
  }
}

TEST_CASE("what needs no repair, and what cannot be repaired, stays as it is") {
  const std::string_view rows[] = {
      "N.",
      "(lp0\nVa\r\np1\na.",          // a text that ends with a carriage return
      "X\x02\0\0\0\r\n."sv,          // a line end of Windows within a string
      "(S'a'\nX\x02\0\0\0\r\nt."sv,  // the same beside other line ends
      "N.I1\n.",                     // a second pickle is no rubbish
      "(lp0\nS'a",                   // cut
      "(im\nC\n(dS'a'\nI1\ns",
      "just text",
      "",
  };
  for (const std::string_view row : rows) {
    CAPTURE(printable(row));
    const Mended mended = mend(row);
    CHECK(mended.bytes.empty());
    CHECK(mended.repairs.empty());
  }
}

TEST_CASE("where two readings are possible, there is no repair") {
  struct Row {
    std::string_view damaged;
    std::string_view text;
  };
  const Row rows[] = {
      {"Va\r\n.",
       "byte 2: cannot be repaired with certainty: each of its lines is a text that may end with a carriage return or with a "
       "line end of Windows; it can be read as it is without --repair"},
      {"(lp0\r\nS'a'\np1\r\na.",
       "byte 10: cannot be repaired with certainty: 2 of its 3 line ends are those of Windows, so that no single program wrote "
       "it; look for another copy"},
      // The offsets are those of the file as it was given.
      {"(lp0\r\r\nI1\r\r\r\na.",
       "byte 4: cannot be repaired with certainty: 1 of its 2 line ends are those of Windows, so that no single program wrote "
       "it; look for another copy"},
      {"I1\r\r\r\r\r\r\n.",
       "byte 0: cannot be repaired with certainty: it went through Windows text mode more than 4 times, or other carriage "
       "returns were added; look for another copy"},
      {"(lp0\nS'a'\np1\na",
       "byte 14: cannot be repaired with certainty: it ends without STOP where more of its last value may have followed; "
       "--partial takes what is there"},
      {"(lp0\nS'a'\np1\na\x1a"
       "S'b'\na.",
       "byte 14: cannot be repaired with certainty: what follows an end-of-file mark of Windows text mode (0x1a) may or may "
       "not "
       "belong to it; look for another copy"},
  };
  for (const Row& row : rows) CHECK(text_of(error_of([&] { mend(row.damaged); })) == row.text);
}

TEST_CASE("behind a byte order mark, bytes outside ASCII have two readings unless they are no UTF-8") {
  CHECK(code_of(error_of([] { mend("V\xc3\xa4\np0\n.", ByteOrderMark::Removed); })) == "repair.ambiguous");
  CHECK(mend("V\xe4\np0\n.", ByteOrderMark::Removed).repairs.empty());
  CHECK(mend("Va\np0\n.", ByteOrderMark::Removed).repairs.empty());
  CHECK(mend("V\xc3\xa4\np0\n.").repairs.empty());
}

}  // namespace
}  // namespace gt::repair
