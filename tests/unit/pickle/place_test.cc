#include "lib/pickle/place.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/base/text.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::error_of;

// Each pickle ends with byte 0xff, which is no opcode, where something is under construction.
TEST_CASE("an error says the way to what was under construction") {
  struct Row {
    std::string_view pickle;
    std::string_view path;
  };
  const Row rows[] = {
      {"\xff"sv, ""},
      {"N\xff"sv, ""},
      {"]\xff"sv, "[0]"},
      {"(lp1\nI1\naI2\na\xff"sv, "[2]"},
      {"](K\x01K\x02\xff"sv, "[1]"},
      {"(dp1\nS'a'\n\xff"sv, "a"},
      {"(dp1\nS'a'\nI1\nsS'b'\nI2\n\xff"sv, "b"},
      {"}(U\x01\x61K\x01U\x01\x62\xff"sv, "b"},
      {"}(K\x01K\x02K\x03\xff"sv, "[3]"},
      {"}(U\x01\x61K\x01\xff"sv, "a"},
      // Protocol 0 of a task: instance, state, key, instance, state, key, list.
      {"(im\nC\np1\n(dp2\nS'renderer_options'\np3\n(im\nD\n(dp4\nS'environment'\n(im\nE\n(dS'software'\n(lp5\n\xff"sv,
       "renderer_options.environment.software[0]"},
      // Protocol 2 of the same.
      {"cm\nC\n)\x81}(U\x01xN"
       "U\x10renderer_optionscm\nD\n)\x81}(U\x0b"
       "environmentcm\nE\n)\x81}(U\x08software](K\x01K\x02\xff"sv,
       "renderer_options.environment.software[1]"},
      {"(dS'\\x1b'\n\xff"sv, "\\x1b"},
      {"((I1\n}S'a'\n\xff"sv, "a"},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.pickle, 200));
    const auto error = error_of([&] { decode(row.pickle); });
    REQUIRE(error);
    CHECK(error->where().path == row.path);
  }
}

TEST_CASE("a way without end is cut") {
  const std::string deep(1'000'000, ']');
  const auto error = error_of([&] { decode(deep); });
  REQUIRE(error);
  CHECK(error->where().path.size() < 400);
}

TEST_CASE("an error of a text pickle says the line of its opcode, of a binary one none") {
  struct Row {
    std::string_view pickle;
    std::uint64_t line;  // 0: none
  };
  const Row rows[] = {
      {"\xff"sv, 1},    {"I1\n\xff"sv, 2},        {"I1\nI2\n0\xff"sv, 3}, {"V\xe9\n\xff"sv, 2},
      {"K\n\xff"sv, 2}, {"\x80\x02N\n\xff"sv, 0}, {"K\x01\n\xff"sv, 0},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.pickle));
    const auto error = error_of([&] { decode(row.pickle); });
    REQUIRE(error);
    CHECK(error->where().line.value_or(0) == row.line);
  }
  CHECK(line_of("N.I1\n\xff", 2, 5) == 2);  // of the second pickle of a file
}

TEST_CASE("the message names offset, line, way and opcode") {
  const auto error = error_of([] { decode("(dS'a'\ncos\nsystem\n)R."sv); });
  CHECK(testing::text_of(error) ==
        "byte 19, line 4: a: opcode REDUCE calls os.system, which is not a type that a task file may name; nothing was run");
}

}  // namespace
}  // namespace gt::pickle
