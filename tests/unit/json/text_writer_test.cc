#include "lib/json/text_writer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tests/unit/base/support.h"

namespace gt::json {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::text_of;

TEST_CASE("strings are ASCII with Python's escapes") {
  struct Row {
    std::string_view utf8;
    std::string_view json;
  };
  const Row rows[] = {
      {"", R"("")"},
      {"plain / text ~", R"("plain / text ~")"},
      {"\"", R"("\"")"},
      {"\\", R"("\\")"},
      {"\n\r\t\f\b", R"("\n\r\t\f\b")"},
      {"\0\x01\x1f"sv, R"("\u0000\u0001\u001f")"},
      {"\v\a", R"("\u000b\u0007")"},
      {"\x7f", R"("\u007f")"},
      {"\xc2\x80", R"("\u0080")"},
      {"\xc3\xa9z", R"("\u00e9z")"},
      {"\xe2\x80\xa8", R"("\u2028")"},
      {"\xef\xbf\xbf", R"("\uffff")"},
      {"\xf0\x9f\x98\x80", R"("\ud83d\ude00")"},
      {"\xf4\x8f\xbf\xbf", R"("\udbff\udfff")"},
      {"\xed\xa0\x80", R"("\ud800")"},
      {"\xed\xb0\x80\xed\xa0\x80", R"("\udc00\ud800")"},
      {"</script>'", R"("</script>'")"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    std::string out;
    append_string(out, row.utf8);
    CHECK(out == row.json);
  }
}

TEST_CASE("floats are repr() with JavaScript's names for what is no number") {
  CHECK(float_text(0.1) == "0.1");
  CHECK(float_text(5) == "5.0");
  CHECK(float_text(-0.0) == "-0.0");
  CHECK(float_text(1e16) == "1e+16");
  CHECK(float_text(1e-5) == "1e-05");
  CHECK(float_text(std::numeric_limits<double>::infinity()) == "Infinity");
  CHECK(float_text(-std::numeric_limits<double>::infinity()) == "-Infinity");
  CHECK(float_text(std::nan("")) == "NaN");
}

TEST_CASE("containers are indented by two spaces, empty ones stay on their line, and nothing follows the end") {
  StringSink sink;
  TextWriter out(sink, 1000);
  out.open('{');
  out.key("\"a\":");
  out.open('[');
  out.item();
  out.scalar("1");
  out.item();
  out.open('[');
  out.close(']');
  out.item();
  out.open('{');
  out.close('}');
  out.close(']');
  out.key("\"b\":");
  out.string("x");
  out.close('}');
  out.finish();
  CHECK(sink.text() == "{\n  \"a\":[\n    1,\n    [],\n    {}\n  ],\n  \"b\":\"x\"\n}");
}

TEST_CASE("every level is indented by two spaces more") {
  constexpr std::size_t k_levels = 100;
  StringSink sink;
  TextWriter out(sink, 1'000'000);
  std::string expected = "[";
  out.open('[');
  for (std::size_t level = 1; level < k_levels; ++level) {
    out.item();
    out.open('[');
    expected += "\n" + std::string(2 * level, ' ') + "[";
  }
  out.item();
  out.scalar("1");
  expected += "\n" + std::string(2 * k_levels, ' ') + "1";
  for (std::size_t level = k_levels; level-- > 0;) {
    out.close(']');
    expected += "\n" + std::string(2 * level, ' ') + "]";
  }
  out.finish();
  CHECK(sink.text() == expected);
}

TEST_CASE("a scalar alone is a document") {
  StringSink sink;
  TextWriter out(sink, 10);
  out.scalar("null");
  out.finish();
  out.finish();
  CHECK(sink.text() == "null");
}

TEST_CASE("output beyond the limit is refused, and the sink never sees it") {
  StringSink sink;
  TextWriter exact(sink, 4);
  exact.scalar("null");
  exact.finish();
  CHECK(sink.text() == "null");

  StringSink small;
  TextWriter over(small, 3);
  over.scalar("null");
  const auto error = error_of([&] { over.finish(); });
  CHECK(code_of(error) == "limit.output");
  CHECK(text_of(error) ==
        "the JSON would have more than 3 bytes: the file is deep, or refers to the same parts over and over; gt2json "
        "--max-json-bytes allows more");
  CHECK(small.text().empty());

  StringSink large;
  TextWriter endless(large, 1'000'000);
  endless.open('[');
  const auto stopped = error_of([&] {
    for (int n = 0; n < 10'000'000; ++n) {
      endless.item();
      endless.scalar("12345678");
    }
  });
  CHECK(code_of(stopped) == "limit.output");
  CHECK(large.text().size() <= 1'000'000);
}

TEST_CASE("a text is plain if each of its bytes is, wherever the other one stands") {
  for (std::size_t size = 0; size <= 20; ++size) {
    const std::string plain(size, 'x');
    CHECK(is_plain(plain));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char other : {'"', '\\', '\n', '\0', '\x1f', '\x7f', '\x80', '\xff'}) {
        std::string text = plain;
        text[at] = other;
        CAPTURE(size);
        CAPTURE(at);
        CHECK_FALSE(is_plain(text));
      }
      for (const char good : {' ', '~', '!', '#', '[', ']'}) {
        std::string text = plain;
        text[at] = good;
        CHECK(is_plain(text));
      }
    }
  }
}

}  // namespace
}  // namespace gt::json
