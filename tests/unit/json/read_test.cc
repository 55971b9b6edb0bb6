#include "lib/json/read.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "lib/base/text.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::json_of;
using testing::text_of;

TEST_CASE("what Python's json.loads accepts is read") {
  struct Row {
    std::string_view text;
    std::string_view json;  // written again
  };
  const Row rows[] = {
      {"null", "null"},
      {"true", "true"},
      {"false", "false"},
      {" \t\r\n5 \n", "5"},
      {"0", "0"},
      {"-0", "0"},
      {"-7", "-7"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", "9223372036854775808"},
      {"-123456789012345678901234567890", "-123456789012345678901234567890"},
      {"1.5", "1.5"},
      {"-1.5e3", "-1500.0"},
      {"1e5", "100000.0"},
      {"1E+5", "100000.0"},
      {"1e-7", "1e-07"},
      {"1e400", "Infinity"},
      {"1e-400", "0.0"},
      {"0.0", "0.0"},
      {"-0.0", "-0.0"},
      {"NaN", "NaN"},
      {"Infinity", "Infinity"},
      {"-Infinity", "-Infinity"},
      {"\"\"", "\"\""},
      {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\b\f\n\r\t")"},
      {R"("\u0041\u017c")", R"("A\u017c")"},
      {R"("\u00E9")", R"("\u00e9")"},
      {R"("\ud83d\ude00")", R"("\ud83d\ude00")"},
      {R"("\ud800")", R"("\ud800")"},  // a lone surrogate
      {R"("\ude00\ud83d")", R"("\ude00\ud83d")"},
      {R"("\ud83dA")", R"("\ud83dA")"},
      {R"("\ud83d\u0041")", R"("\ud83dA")"},
      {R"("\u0000")", R"("\u0000")"},
      {"\"\xc5\xbc\"", R"("\u017c")"},
      {"\"\x7f\"", R"("\u007f")"},
      {"[]", "[]"},
      {"[ ]", "[]"},
      {"{}", "{}"},
      {"{ }", "{}"},
      {"[1,[2,[3]]]", "[1,[2,[3]]]"},
      {"[ 1 , 2 ]", "[1,2]"},
      {R"({"a":1,"b":[{}]})", R"({"a":1,"b":[{}]})"},
      {R"({ "a" : 1 , "b" : 2 })", R"({"a":1,"b":2})"},
      {R"({"a":1,"a":2})", R"({"a":2})"},  // the last one counts
      {R"({"\u0061":1,"a":2,"b":3})", R"({"a":2,"b":3})"},
      {R"({"":1})", R"({"":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::string json;
    const auto error = error_of([&] { json = json_of(read(row.text)); });
    CHECK(text_of(error) == "no error");
    CHECK(json == row.json);
  }
}

TEST_CASE("what Python's json.loads rejects is rejected where it goes wrong") {
  constexpr std::string_view k_cut = "the JSON ends in the middle: the file was cut";
  constexpr std::string_view k_behind = "something stands after the end of the JSON value";
  struct Row {
    std::string_view text;
    std::uint64_t offset;
    std::string_view message;
  };
  const Row rows[] = {
      {"", 0, k_cut},
      {"  ", 2, k_cut},
      {"[", 1, k_cut},
      {"[1", 2, k_cut},
      {"[1,", 3, k_cut},
      {"{\"a\"", 4, k_cut},
      {"{\"a\":", 5, k_cut},
      {"\"abc", 4, k_cut},
      {"\"abc\\", 5, k_cut},
      {"-", 1, k_cut},
      {"\xEF\xBB\xBF{}", 0, "a byte order mark stands before the JSON"},
      {"{} x", 3, k_behind},
      {"{}{}", 2, k_behind},
      {"01", 1, k_behind},
      {"1.", 1, k_behind},
      {"1.e5", 1, k_behind},
      {"1e", 1, k_behind},
      {"1e+", 1, k_behind},
      {"nullx", 4, k_behind},
      {"5 // five", 2, k_behind},
      {"[1,]", 3, "expected a value, found ']'"},
      {"[,1]", 1, "expected a value before ','"},
      {"[1,,2]", 3, "expected a value, found ','"},
      {"[1 2]", 3, "expected ',' or ']' in a list"},
      {"[1}", 2, "expected ',' or ']' in a list"},
      {"{\"a\":1,}", 7, "expected the name of a member in double quotes"},
      {"{,}", 1, "expected a value before ','"},
      {"{a:1}", 1, "expected the name of a member in double quotes"},
      {"{'a':1}", 1, "expected the name of a member in double quotes"},
      {"{1:1}", 1, "expected the name of a member in double quotes"},
      {"{\"a\" 1}", 5, "expected ':' after the name of a member"},
      {"{\"a\":1 \"b\":2}", 7, "expected ',' or '}' in an object"},
      {"{\"a\":1]", 6, "expected ',' or '}' in an object"},
      {"/* c */ 1", 0, "expected a value, found '/'"},
      {"[1, // c\n2]", 4, "expected a value, found '/'"},
      {"nul", 0, "expected a value, found 'n'"},
      {"True", 0, "expected a value, found 'T'"},
      {"'a'", 0, "expected a value, found '''"},
      {"+1", 0, "expected a value, found '+'"},
      {".5", 0, "expected a value, found '.'"},
      {"-a", 1, "expected a digit after '-'"},
      {"--1", 1, "expected a digit after '-'"},
      {"\x1b[2J", 0, "expected a value, found '\\x1b'"},
      {"\"a\nb\"", 2, "a control character stands in a string"},
      {"\"a\0b\""sv, 2, "a control character stands in a string"},
      {"[\"\x1f\"]", 2, "a control character stands in a string"},
      {"\"ab\\x41\"", 3, "'\\x' is no escape of JSON"},
      {"\"\\\x01\"", 1, "'\\\\x01' is no escape of JSON"},
      {"\"\\u12\"", 3, "\\u is not followed by four hexadecimal digits"},
      {"\"a\\u12g4\"", 4, "\\u is not followed by four hexadecimal digits"},
      {"\"\\ud83d\\u-123\"", 9, "\\u is not followed by four hexadecimal digits"},
      {"[\"\xff\"]", 2, "a string is not UTF-8: \\xff"},
      {"{\"\xc3\":1}", 2, "a string is not UTF-8: \\xc3"},
      {"\"\xc0\x80\"", 1, "a string is not UTF-8: \\xc0\\x80"},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.text, 200));
    const auto error = error_of([&] { read(row.text); });
    CHECK(code_of(error) == "json.syntax");
    CHECK(text_of(error) == "byte " + std::to_string(row.offset) + ": " + std::string(row.message));
  }
}

TEST_CASE("a document cut at any byte is an error") {
  const std::string_view whole =
      R"({"py/object":"m.C","a":[1,-2.5e3,true,null,NaN,"\ud83d\ude00\n"],"b":{"c":{}},"d":-Infinity})";
  CHECK(text_of(error_of([&] { read(whole); })) == "no error");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    const std::string cut(whole.substr(0, length));
    const auto error = error_of([&] { read(cut); });
    REQUIRE(code_of(error) == "json.syntax");
    REQUIRE(error->where().offset.value() <= length);
  }
}

TEST_CASE("depth is bounded and never recursed over") {
  const std::string good = std::string(1000, '[') + std::string(1000, ']');
  CHECK(text_of(error_of([&] { read(good); })) == "no error");
  const std::string over = std::string(1001, '[') + std::string(1001, ']');
  const auto error = error_of([&] { read(over); });
  CHECK(code_of(error) == "limit.depth");
  CHECK(text_of(error) == "byte 1000: the JSON is nested deeper than 1000 levels; gt2json --max-depth allows more");
  const std::string endless(1'000'000, '[');
  CHECK(code_of(error_of([&] { read(endless); })) == "limit.depth");
  CHECK(code_of(error_of([&] { read(endless, {.depth = 2'000'000, .integer_digits = 10}); })) == "json.syntax");
  CHECK(code_of(error_of([] { read("5", {.depth = 0, .integer_digits = 10}); })) == "no error");
  CHECK(code_of(error_of([] { read("[]", {.depth = 0, .integer_digits = 10}); })) == "limit.depth");
}

TEST_CASE("an integer with too many digits is refused before it is read") {
  const std::string digits(30, '9');
  CHECK(json_of(read(digits, {.depth = 10, .integer_digits = 30})) == digits);
  const auto error = error_of([&] { read(digits, {.depth = 10, .integer_digits = 29}); });
  CHECK(code_of(error) == "limit.size");
  CHECK(text_of(error) ==
        "byte 30: an integer has 30 digits, more than the limit of 29; gt2json --max-integer-digits allows more");
  CHECK(code_of(error_of([] { read(std::string(2'000'000, '1')); })) == "limit.size");
}

}  // namespace
}  // namespace gt::json
