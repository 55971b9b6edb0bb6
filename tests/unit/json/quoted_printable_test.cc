#include "lib/json/quoted_printable.h"

#include <doctest/doctest.h>

#include <string>

// What quopri.encodestring and quopri.decodestring of CPython 2.7.18 gave.
namespace gt::json {
namespace {

using namespace std::literals;

TEST_CASE("bytes become quoted-printable, and come back") {
  struct Row {
    std::string_view bytes;
    std::string_view text;
    std::string_view back;  // empty: the bytes; line ends are made alike, so a mixture does not come back
  };
  const Row rows[] = {
      {"\xff", "=FF", {}},
      {"\xff\n", "=FF\n", {}},
      {"a=b\xff", "a=3Db=FF", {}},
      {"\xff ", "=FF=20", {}},
      {"\xff\x09", "=FF=09", {}},
      {" \n\xff", "=20\n=FF", {}},
      {" \x09\n\xff", " =09\n=FF", {}},
      {"\xff\x0d\n", "=FF\x0d\n", {}},
      {"\xff"
       "a\x0d\nb\n",
       "=FFa\x0d\nb\x0d\n",
       "\xff"
       "a\x0d\nb\x0d\n"},
      {"\xff"
       "a\nb\x0d\n",
       "=FFa\nb\n",
       "\xff"
       "a\nb\n"},
      {".\xff", ".=FF", {}},
      {"\xff.", "=FF.", {}},
      {".\n\xff", "=2E\n=FF", {}},
      {"\xff\n.", "=FF\n=2E", {}},
      {"\xff\n..", "=FF\n..", {}},
      {"\x00\xff"sv, "=00=FF", {}},
      {"\x7f\xff", "=7F=FF", {}},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
       "\xff",
       "=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=\n=FF=FF=FF=FF=FF",
       {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\naaaaa=FF",
       {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n=FF",
       {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n=FF",
       {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n=FF",
       {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=FF",
       {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n=FF",
       {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n=FF",
       {}},
      {"                                                                                \xff",
       "                                                                           =\n     =FF",
       {}},
      {"\xff\x0d", "=FF\x0d", {}},
      {"\x0d\xff", "\x0d=FF", {}},
      {"\xff = \x09=\n", "=FF =3D \x09=3D\n", {}},
      {"za\xbf\xf3\xb3\xe6", "za=BF=F3=B3=E6", {}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\xff",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\nb=FF",
       {}},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
       "=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF",
       {}},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
       "aaa",
       "=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FFaaa",
       {}},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
       "aaaabbbbb",
       "=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FF=FFaaa=\nabbbbb",
       {}},
      {".\x0d\xff", "=2E\x0d=FF", {}},
      {"\xff"
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x0d\n.",
       "=FFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x0d\n=2E",
       {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(encode_quoted_printable(row.bytes) == row.text);
    CHECK(decode_quoted_printable(row.text) == (row.back.empty() ? row.bytes : row.back));
  }
}

TEST_CASE("lines are broken before column 76") {
  const std::string a(75, 'a');
  struct Row {
    std::string bytes;
    std::string text;
  };
  const Row rows[] = {
      {std::string(80, 'a') + "\xff", a + "=\naaaaa=FF"},
      {std::string(76, 'a') + "\n\xff", a + "a\n=FF"},
      {a + "b\xff", a + "=\nb=FF"},
      {a + "\n\xff", a + "\n=FF"},
      {a + "\xff", a + "=\n=FF"},
      {std::string(73, 'a') + "\xff", std::string(73, 'a') + "=\n=FF"},
      {std::string(72, 'a') + "\xff", std::string(72, 'a') + "=FF"},
      {std::string(80, ' ') + "\xff", std::string(75, ' ') + "=\n     =FF"},
  };
  for (const Row& row : rows) {
    CHECK(encode_quoted_printable(row.bytes) == row.text);
    CHECK(decode_quoted_printable(row.text) == row.bytes);
  }
}

TEST_CASE("what is no escape stays as it is") {
  struct Row {
    std::string_view text;
    std::string_view bytes;
  };
  const Row rows[] = {
      {"", ""},
      {"=", ""},
      {"==", "="},
      {"=3D", "="},
      {"=3d", "="},
      {"=3", "=3"},
      {"=zz", "=zz"},
      {"a=\nb", "ab"},
      {"a=\x0d\nb", "ab"},
      {"a=\x0d"
       "b\nc",
       "ac"},
      {"a=  \nb", "a=  \nb"},
      {"=41=42", "AB"},
      {"=4", "=4"},
      {"===41", "=A"},
      {"a \nb", "a \nb"},
      {"=\n", ""},
      {"=4g", "=4g"},
      {"_", "_"},
      {"abc=", "abc"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(decode_quoted_printable(row.text) == row.bytes);
  }
}

TEST_CASE("every byte comes back from where it stands alone, first and last") {
  for (int value = 0; value < 256; ++value) {
    if (value == 10 || value == 13) continue;
    const std::string byte(1, static_cast<char>(value));
    for (const std::string& bytes : {byte, "a" + byte, byte + "a", "a\n" + byte, byte + byte})
      CHECK(decode_quoted_printable(encode_quoted_printable(bytes)) == bytes);
  }
}

}  // namespace
}  // namespace gt::json
