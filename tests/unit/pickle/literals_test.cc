#include "lib/pickle/literals.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

// Expected values: int(), long(), float() and the codecs of CPython 2.7.18.
namespace gt::pickle {
namespace {

using namespace std::literals;

std::string int_text(std::string_view text) {
  const auto literal = parse_int(text);
  if (!literal) return "bad";
  return literal->small ? std::to_string(*literal->small) : literal->big.to_decimal() + "L";
}

std::string long_text(std::string_view text) {
  const auto literal = parse_long(text);
  return literal ? literal->to_decimal() : "bad";
}

struct Row {
  std::string_view text;
  std::string_view value;
};

TEST_CASE("INT reads what int() and long() read") {
  const Row rows[] = {
      {"5", "5"},
      {" 5", "5"},
      {"5 ", "5"},
      {"- 5", "-5"},
      {"+5", "5"},
      {"-5", "-5"},
      {"--5", "bad"},
      {"5L", "5L"},
      {"5l", "5L"},
      {"0x10", "bad"},
      {"010", "10"},
      {"", "bad"},
      {" ", "bad"},
      {"5\r", "5"},
      {"5\t", "5"},
      {"\v5", "5"},
      {"+ 5L", "5L"},
      {"1 2", "bad"},
      {"00", "0"},
      {"0005", "5"},
      {"-0", "0"},
      {"5LL", "bad"},
      {"L", "bad"},
      {"-", "bad"},
      {"1.0", "bad"},
      {"5 L", "bad"},
      {"99999999999999999999", "99999999999999999999L"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"-9223372036854775809", "-9223372036854775809L"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", "9223372036854775808L"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(int_text(row.text) == row.value);
  }
}

TEST_CASE("LONG reads what long(text, 0) reads") {
  const Row rows[] = {
      {"5", "5"},
      {"5L", "5"},
      {"0x10L", "16"},
      {"0X1f", "31"},
      {"0o17", "15"},
      {"0O7", "7"},
      {"017", "15"},
      {"08", "bad"},
      {"0b101", "5"},
      {"0L", "0"},
      {"0", "0"},
      {"0l", "0"},
      {"00", "0"},
      {"-0x10L", "-16"},
      {" 5L ", "5"},
      {"", "bad"},
      {"L", "bad"},
      {"0x", "bad"},
      {"0b2", "bad"},
      {"0xL", "bad"},
      {"+7L", "7"},
      {"-", "bad"},
      {"1e5", "bad"},
      {"5 L", "bad"},
      {"-123456789012345678901234567890L", "-123456789012345678901234567890"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(long_text(row.text) == row.value);
  }
}

// Known bug: parse_int skips blanks behind the sign as Python does, parse_long does not.
TEST_CASE("LONG may have blanks behind its sign") {
  CHECK(long_text("- 5L") == "-5");
  CHECK(long_text("-  0x1L") == "-1");
}

TEST_CASE("FLOAT reads what float() reads") {
  constexpr double k_inf = std::numeric_limits<double>::infinity();
  struct FloatRow {
    std::string_view text;
    double value;
  };
  const FloatRow good[] = {
      {"1.5", 1.5},     {" 1.5 ", 1.5},     {"1e5", 1e5},       {".5", 0.5},
      {"5.", 5.0},      {"inf", k_inf},     {"-inf", -k_inf},   {"+Infinity", k_inf},
      {"1e400", k_inf}, {"-1e400", -k_inf}, {"1e-400", 0},      {"1.5\r", 1.5},
      {"00.5", 0.5},    {"+1.5", 1.5},      {"5e-324", 5e-324}, {"1.7976931348623157e308", 1.7976931348623157e308},
      {"0.1", 0.1},
  };
  for (const FloatRow& row : good) {
    CAPTURE(row.text);
    REQUIRE(parse_float(row.text).has_value());
    CHECK(*parse_float(row.text) == row.value);
  }
  CHECK(std::signbit(*parse_float("-0.0")));
  for (const std::string_view nan : {"nan", "NaN", "-nan"}) CHECK(std::isnan(parse_float(nan).value_or(0)));
  for (const std::string_view bad :
       {"", " ", "1_0", "0x1p3", "1.5L", "- 1.5", "1,5", "infin", "nan(1)", "+-1", "1e", "1e+", ".", "1.5x", "--1", "e5"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_float(bad).has_value());
  }
}

TEST_CASE("short numbers with a point are the nearest float, as strtod() says") {
  std::uint64_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    std::string text = std::to_string(random >> (random % 47 + 8));  // up to 17 digits
    text.insert((random >> 32) % (text.size() + 1), ".");
    CAPTURE(text);
    REQUIRE(parse_float(text).has_value());
    CHECK(*parse_float(text) == std::strtod(text.c_str(), nullptr));
  }
}

TEST_CASE("a STRING stands between two quotes of one kind") {
  CHECK(parse_quoted("'abc'")->content == "abc");
  CHECK_FALSE(parse_quoted("'abc'")->escaped);
  CHECK(parse_quoted("\"it's\"")->content == "it's");
  CHECK(parse_quoted("''")->content.empty());
  CHECK(parse_quoted("'a\\n'")->escaped);
  for (const std::string_view bad : {"", "'", "abc", "'abc", "abc'", "'abc\"", "'abc'\r", " 'abc'"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_quoted(bad).has_value());
  }
}

TEST_CASE("string-escape") {
  struct EscapeRow {
    std::string_view text;
    std::optional<std::string> value;
  };
  const EscapeRow rows[] = {
      {"plain", "plain"},
      {R"(a\x41b)", "aAb"},
      {R"(\x4)", std::nullopt},
      {R"(\xzz)", std::nullopt},
      {R"(\x)", std::nullopt},
      {R"(\101)", "A"},
      {R"(\1)", "\x01"},
      {R"(\18)",
       "\x01"
       "8"},
      {R"(\777)", "\xff"},
      {R"(\0)", "\0"s},
      {R"(\1234)", "S4"},
      {R"(\n\t\r\a\b\f\v\\)", "\n\t\r\a\b\f\v\\"},
      {R"(\'\")", "'\""},
      {R"(\q)", "\\q"},
      {R"(\u0041)", "\\u0041"},
      {"\\\n", ""},
      {"\\", std::nullopt},
      {"a\\", std::nullopt},
  };
  for (const EscapeRow& row : rows) {
    CAPTURE(row.text);
    std::string decoded = "what was there";
    CHECK(decode_string_escape(row.text, decoded) == row.value.has_value());
    if (row.value) CHECK(decoded == *row.value);
  }
}

TEST_CASE("raw-unicode-escape") {
  struct EscapeRow {
    std::string_view text;
    std::optional<std::string> value;
  };
  const EscapeRow rows[] = {
      {"abc", "abc"},
      {R"(\u0041)", "A"},
      {R"(\u004)", std::nullopt},
      {R"(\u)", std::nullopt},
      {R"(\u00g1)", std::nullopt},
      {R"(\\u0041)", R"(\\u0041)"},  // an even run of backslashes escapes nothing, and stays
      {R"(\\\u0041)", R"(\\A)"},
      {R"(\u005cn)", R"(\n)"},  // how Windows paths are saved
      {R"(\U0001f600)", "\xf0\x9f\x98\x80"},
      {R"(\U0001f60)", std::nullopt},
      {R"(\U00110000)", std::nullopt},
      {R"(\ud800)", "\xed\xa0\x80"},
      {R"(\U0000d800)", "\xed\xa0\x80"},
      {R"(\ud83d\ude00)", "\xed\xa0\xbd\xed\xb8\x80"},  // two code points on a UCS4 build
      {R"(\x41)", R"(\x41)"},
      {"\\", "\\"},
      {"\xe9", "\xc3\xa9"},  // Latin-1
  };
  for (const EscapeRow& row : rows) {
    CAPTURE(row.text);
    std::string decoded = "what was there";
    CHECK(decode_raw_unicode_escape(row.text, decoded) == row.value.has_value());
    if (row.value) CHECK(decoded == *row.value);
  }
}

}  // namespace
}  // namespace gt::pickle
