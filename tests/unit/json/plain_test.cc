#include "lib/json/plain.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "lib/pickle/decode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;

std::string plain(std::string_view pickle, const EncodeLimits& limits = {}) {
  StringSink sink;
  encode_plain(pickle::decode(pickle).graph, sink, limits);
  return testing::on_one_line(sink.text());
}

TEST_CASE("lists, dicts, texts and numbers are plain JSON, in their own order") {
  CHECK(plain("(lI1\naL2L\naF0.5\naNaI01\naVa\naS'b'\na."sv) == R"([1,2,0.5,null,true,"a","b"])");
  CHECK(plain("(dVz\nI1\nsS'a'\n(lsVpy/object\nNs."sv) == R"({"z":1,"a":[],"py/object":null})");
  CHECK(plain("(lp1\n(lp2\nag2\na."sv) == "[[],[]]");
}

TEST_CASE("what plain JSON cannot say is an error with its path") {
  struct Row {
    std::string_view pickle;
    std::string_view text;
  };
  const Row rows[] = {
      {"(dVa\n(lI1\na(tas."sv, "a[1]: plain JSON cannot say a tuple"},
      {"(dVa\n(dVb\nc__builtin__\nset\n((ltRss."sv, "a.b: plain JSON cannot say a set"},
      {"(lcm\nC\na."sv, "[0]: plain JSON cannot say a class or function"},
      {"(im\nC\n."sv, "plain JSON cannot say an instance of m.C"},
      {"(lV\\ud83d\\ude00\na."sv, "[0]: plain JSON cannot say two surrogates, which JSON makes one character of"},
      {"(lFnan\na."sv, "[0]: plain JSON cannot say the number NaN"},
      {"(lS'\\xff'\na."sv, "[0]: plain JSON cannot say a byte string that is no text"},
      {"(dI1\nNs."sv, "?: plain JSON cannot say a key that is no text"},
      {"(lp1\ng1\na."sv, "[0]: plain JSON cannot say a list or dict that contains itself"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pickle);
    const auto error = testing::error_of([&] { plain(row.pickle); });
    CHECK(testing::code_of(error) == "graph.no-form");
    CHECK(testing::text_of(error) == std::string(row.text) + "; --lossless and --compat modern have a form for it");
  }
}

TEST_CASE("depth and size are limited") {
  CHECK(testing::code_of(testing::error_of([] { plain("(l(l(laa."sv, {.depth = 2}); })) == "limit.depth");
  CHECK(testing::code_of(testing::error_of([] { plain("(lV0123456789\na."sv, {.output_bytes = 10}); })) == "limit.output");
}

}  // namespace
}  // namespace gt::json
