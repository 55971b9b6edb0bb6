#include "lib/run/html.h"

#include <doctest/doctest.h>

#include "lib/base/error.h"

namespace gt::run {
namespace {

using namespace std::literals;

TEST_CASE("text stays text, whatever is in it") {
  struct Row {
    std::string_view bytes;
    std::string_view shown;
  };
  const Row rows[] = {
      {"", ""},
      {"a.blend", "a.blend"},
      {"<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
      {"\" onload=\"x", "&quot; onload=&quot;x"},
      {"&lt;", "&amp;lt;"},
      {"{{name}}", "{{name}}"},
      {"one\n  two\n", "one\n  two\n"},
      {"a\r\tb\0c"sv, "a\\x0d\\x09b\\x00c"},
      {"\x1b[31m\x7f", "\\x1b[31m\\x7f"},
      {"\xff<\xc3", "\\xff&lt;\\xc3"},
      {"za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 \xf0\x9f\x98\x80", "za\xc5\xbc\xc3\xb3\xc5\x82\xc4\x87 \xf0\x9f\x98\x80"},
      // A name that would be read from right to left: evil<RLO>gnp.exe
      {"evil\u202egnp.exe", "evil\\xe2\\x80\\xaegnp.exe"},
      {"\u2066\u2069\u202a", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9\\xe2\\x80\\xaa"},
      {"\u2070\u2029", "\u2070\u2029"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.shown);
    CHECK(html(row.bytes) == row.shown);
  }
  CHECK(html("abcdef", 3) == "abc...");
  CHECK(html("a\u00e9", 2) == "a\\xc3...");
}

TEST_CASE("a link is a path, whatever is in it") {
  CHECK(href("containers/00001-1/stderr.log") == "containers/00001-1/stderr.log");
  CHECK(href("javascript:alert(1)") == "javascript%3Aalert%281%29");
  CHECK(href("../a \"b\"/#c?d%&\n\xff") == "../a%20%22b%22/%23c%3Fd%25%26%0A%FF");
}

TEST_CASE("bytes in the page") {
  CHECK(data_uri("") == "data:image/png;base64,");
  CHECK(data_uri("a") == "data:image/png;base64,YQ==");
  CHECK(data_uri("ab") == "data:image/png;base64,YWI=");
  CHECK(data_uri("abc") == "data:image/png;base64,YWJj");
  CHECK(data_uri("\xff\0\x01\x02"sv) == "data:image/png;base64,/wABAg==");
}

TEST_CASE("a template is filled once: what is put in is not looked at again") {
  CHECK(fill("a{{x}}b{{y}}{{x}}", {{"x", "{{y}}"}, {"y", "2"}}) == "a{{y}}b2{{y}}");
  CHECK(fill("none }} {{", {}) == "none }} {{");
  try {
    fill("a{{x}}", {});
    FAIL("it was filled");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::Bug);
  }
}

TEST_CASE("numbers as people read them") {
  CHECK(size_text(0) == "0 bytes");
  CHECK(size_text(1) == "1 byte");
  CHECK(size_text(1023) == "1023 bytes");
  CHECK(size_text(1024) == "1.0 KiB");
  CHECK(size_text((1 << 20) - 1) == "1.0 MiB");
  CHECK(size_text(std::uint64_t{3} << 29) == "1.5 GiB");
  CHECK(size_text(UINT64_MAX) == "16.0 EiB");
  CHECK(duration_text(-5) == "0.00 s");
  CHECK(duration_text(250) == "0.25 s");
  CHECK(duration_text(9'994) == "9.99 s");
  CHECK(duration_text(9'995) == "10.0 s");
  CHECK(duration_text(59'949) == "59.9 s");
  CHECK(duration_text(59'950) == "1 min");
  CHECK(duration_text(245'000) == "4 min 5 s");
  CHECK(duration_text(3'599'499) == "59 min 59 s");
  CHECK(duration_text(3'599'500) == "1 h");
  CHECK(duration_text(7'380'000) == "2 h 3 min");
  CHECK(duration_text(14'400'000) == "4 h");
  CHECK(utc_text(0) == "1970-01-01 00:00:00 UTC");
  CHECK(utc_text(1'443'448'985'999) == "2015-09-28 14:03:05 UTC");
  CHECK(utc_text(INT64_MAX) == "9999-12-31 23:59:59 UTC");
  CHECK(utc_text(-1) == "1970-01-01 00:00:00 UTC");
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1000) == "1,000");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(count_text(-123) == "-123");
}

}  // namespace
}  // namespace gt::run
