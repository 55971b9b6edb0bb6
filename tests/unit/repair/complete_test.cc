#include "lib/repair/complete.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/base/text.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::repair {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;

TEST_CASE("what is whole in a cut pickle stays, what was being made is left out") {
  struct Row {
    std::string_view cut;
    std::string_view json;
  };
  const Row rows[] = {
      // Protocol 0: each item goes in by itself.
      {"(lp0\nI1\naI2\na", "[1,2]"},
      {"(lp0\nI1\naI2\n", "[1,2]"},
      {"(lp0\nI1\naI2", "[1]"},
      {"(lp0\nI1\na(I2\nI3\n", "[1]"},
      {"(dp0\nS'a'\nI1\nsS'b'\n", "{\"a\":1}"},
      {"(dp0\nS'a'\nI1\nsS'b'\n(lp1\nI5\na", "{\"a\":1,\"b\":[5]}"},
      {"(dp0\nS'a'\nI1\nsS'b'\nc__builtin__\nset\np1\n((lp2\nI5\na", "{\"a\":1}"},
      {"(dp0\nS'a'\nI1\nsS'b'\ncm\nC\np1\n", "{\"a\":1}"},
      {"(im\nC\np0\n(dp1\nS'a'\nI1\nsS'b'\nI2\nsS'c", "{\"py/object\":\"m.C\",\"a\":1,\"b\":2}"},
      {"(im\nC\np0\n(dp1\nS'a'\n(im\nD\n(dS'x'\nI5\ns", "{\"py/object\":\"m.C\",\"a\":{\"py/object\":\"m.D\",\"x\":5}}"},
      // Later protocols: items go in in groups.
      {"]q\0(K\x01K\x02"sv, "[1,2]"},
      {"}q\0(U\x01"
       "aK\x01U\x01"
       "b"sv,
       "{\"a\":1}"},
      {"}q\0(U\x01"
       "aK\x01U\x01"
       "b](K\x05"sv,
       "{\"a\":1,\"b\":[5]}"},
      {"\x80\x02}q\0(U\x01"
       "aK\x01U\x01"
       "bK\x05U\x01"
       "cK\x06"sv,
       "{\"a\":1}"},  // 5, c and 6 may have been parts of a tuple
      {"\x80\x02](K\x01K\x02K\x03K\x04K\x05"sv, "[1,2]"},
      {"\x80\x02"
       "cm\nC\n)\x81}(U\x01"
       "aK\x01U\x01"
       "bK\x02U\x01"
       "c"sv,
       "{\"py/object\":\"m.C\",\"a\":1}"},
      {"](]K\x01"sv, "[[]]"},  // 1 may be an item of the inner list or of the outer one
      {"](cm\nC\n"sv, "[]"},
      {"](K\x07(cm\nC\nK\x01"sv, "[7]"},
      // Damage in the middle.
      {"(lp0\nI1\na\xff(lp2\n", "[1]"},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.cut));
    const Completed completed = *complete(row.cut);
    CHECK(completed.bytes.starts_with(row.cut.substr(0, completed.cut)));
    CHECK(testing::json_of_pickle(completed.bytes) == row.json);
  }
}

TEST_CASE("a frame that was cut ends where the pickle does now") {
  const std::string_view in_frame = "\x80\x04\x95\x40\0\0\0\0\0\0\0]\x94(K\x01K\x02K\x03"sv;
  CHECK(testing::json_of_pickle(complete(in_frame)->bytes) == "[1]");
  CHECK(testing::json_of_pickle(complete(in_frame.substr(0, in_frame.size() - 1))->bytes) == "[1]");
  // The first frame is whole, the second was cut, and so was the length of the third.
  const std::string_view frames = "\x80\x04\x95\x02\0\0\0\0\0\0\0]\x94\x95\xff\xff\xff\xff\0\0\0\0(K\x01\x95\x40\0\0"sv;
  CHECK(testing::json_of_pickle(complete(frames)->bytes) == "[1]");
  // Damage in the middle of a frame that was whole.
  CHECK(testing::json_of_pickle(complete("\x80\x04\x95\x0c\0\0\0\0\0\0\0]\x94(K\x01\xffK\x02K\x03e."sv)->bytes) == "[1]");
}

TEST_CASE("a pickle that holds nothing whole, or breaks a rule, stays an error") {
  CHECK(code_of(error_of([] { complete("(I1\nI2\n"); })) == "pickle.truncated");
  CHECK(code_of(error_of([] { complete("cm\nC\n"); })) == "pickle.truncated");
  CHECK(code_of(error_of([] { complete("S'abc"); })) == "pickle.truncated");
  CHECK(code_of(error_of([] { complete("\xff"); })) == "pickle.unknown-opcode");
  CHECK(code_of(error_of([] { complete("(lp0\ng7\n"); })) == "pickle.memo-unset");
  CHECK_FALSE(complete("(lp0\n.").has_value());
}

TEST_CASE("a million levels are closed without recursion") {
  const std::string deep(1'000'000, ']');
  CHECK(complete(deep)->bytes.size() == 2 * deep.size());
}

}  // namespace
}  // namespace gt::repair
