#include "lib/json/encode.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::json_of_pickle;
using testing::text_of;

struct Row {
  std::string_view pickle;
  std::string_view json;
};

void check(const Row& row) {
  CAPTURE(row.json);
  std::string json;
  const auto error = error_of([&] { json = json_of_pickle(row.pickle); });
  CHECK(text_of(error) == "no error");
  CHECK(json == row.json);
}

TEST_CASE("lists and instances are numbered from 0 in the order in which they are met, and written once") {
  const Row rows[] = {
      {"(]q\0h\0h\0t."sv, R"({"py/tuple":[[],{"py/id":0},{"py/id":0}]})"},
      {"](](lq\1h\1e."sv, R"([[],[],{"py/id":2}])"},
      // An instance is 0, its list 1.
      {"(im\nC\np0\n(dS'l'\n(lp1\nsS'm'\ng1\nsS'n'\ng0\nsb."sv,
       R"({"py/object":"m.C","m":{"py/id":1},"l":[],"n":{"py/id":0}})"},
      // A root dict has no number: its first list is 0.
      {"}(S'a'\n]q\0S'b'\nh\0u."sv, R"({"a":[],"b":{"py/id":0}})"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("attributes are numbered in the order of their names, though written in the order of the table") {
  check({"}(S'a'\nNS'b'\n]q\0S'c'\nh\0u."sv, R"({"a":null,"c":{"py/id":0},"b":[]})"});
}

TEST_CASE("shared dicts, tuples and sets are written again, their lists become references") {
  const Row rows[] = {
      {"](}q\0h\0e."sv, "[{},{}]"},
      {"](}S'l'\n]sq\0h\0e."sv, R"([{"l":[]},{"l":{"py/id":1}}])"},
      {"](]\x85q\0h\0e."sv, R"([{"py/tuple":[[]]},{"py/tuple":[{"py/id":1}]}])"},
      {"](c__builtin__\nset\n]K\x01"
       "a\x85Rq\0h\0e."sv,
       R"([{"py/set":[1]},{"py/set":[1]}])"},
      {"](cm\nC\nq\0h\0e."sv, R"([{"py/type":"m.C"},{"py/type":"m.C"}])"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("a frozenset has two numbers: its own and that of the list that it is made of") {
  check({"](c__builtin__\nfrozenset\n]\x85Rq\0]q\1h\0h\1e."sv,
         R"([{"py/object":"__builtin__.frozenset","py/reduce":[{"py/type":"__builtin__.frozenset"},{"py/tuple":[[]]},)"
         R"(null,null,null]},[],{"py/id":1},{"py/id":3}])"});
}

TEST_CASE("cycles: through a list or an instance a reference, through dicts alone an error") {
  check({"]q\0h\0a."sv, R"([{"py/id":0}])"});
  check({"]q\0}S'up'\nh\0sa."sv, R"([{"up":{"py/id":0}}])"});
  for (const std::string_view pickle : {"}q\0S'me'\nh\0s."sv, "}q\0S'a'\n}S'b'\nh\0ss."sv}) {
    const auto error = error_of([&] { json_of_pickle(pickle); });
    CHECK(code_of(error) == "limit.depth");
    CHECK(text_of(error) ==
          "the data is nested deeper than 1000 levels, or a dict contains itself; gt2json --max-depth allows more");
  }
}

TEST_CASE("keys that are no strings are written as their repr, None as null") {
  const Row rows[] = {
      {"}(K\x01"
       "S'i'\nL5L\nS'l'\nF0.5\nS'f'\nNS'n'\nK\x01K\x02\x86S't'\n)S'e'\nu."sv,
       R"j({"0.5":"f","1":"i","5L":"l","()":"e","(1, 2)":"t","null":"n"})j"},
      {"}I01\nNs."sv, R"({"True":null})"},
      {"}(V\\u017c\n\x85NS'x'\nNu."sv, R"j({"x":null,"(u'\\u017c',)":null})j"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("two keys that become one name: the value of the later stays, with a warning") {
  StringSink sink;
  // Both sort as 1, so the order of the dict decides: '1' lies in slot 0, 1 in slot 1.
  const auto decoded = pickle::decode("}(K\x01S'int'\nS'1'\nS'text'\nu."sv);
  const auto findings = encode_2016(decoded.graph, sink, EncodeLimits());
  CHECK(testing::on_one_line(sink.text()) == R"({"1":"int"})");
  REQUIRE(findings.size() == 1);
  CHECK(to_string(findings[0]) == "warning: two keys of a dict become '1' in JSON: only one value was kept, as in 2016");
  // Both values were numbered, though one is not written.
  check({"](}(K\x01]S'1'\n]u]q\0h\0e."sv, R"([{"1":[]},[],{"py/id":3}])"});
}

TEST_CASE("names that jsonpickle keeps for itself are left out, with a warning, and count for nothing") {
  for (const std::string_view name : {"py/bytes"sv, "py/function"sv, "py/id"sv, "py/initargs"sv, "py/iterator"sv,
                                      "py/newargs"sv, "py/newargsex"sv, "py/newobj"sv, "py/object"sv, "py/reduce"sv, "py/ref"sv,
                                      "py/repr"sv, "py/seq"sv, "py/set"sv, "py/state"sv, "py/tuple"sv, "py/type"sv}) {
    StringSink sink;
    const std::string pickle = "](}(S'" + std::string(name) + "'\n]S'a'\nNu]q\1h\1e.";
    const auto decoded = pickle::decode(std::string_view(pickle).substr(0, pickle.size()));
    const auto findings = encode_2016(decoded.graph, sink, EncodeLimits());
    CHECK(testing::on_one_line(sink.text()) == R"([{"a":null},[],{"py/id":1}])");
    REQUIRE(findings.size() == 1);
    CHECK(to_string(findings[0]) ==
          "warning: the key '" + std::string(name) + "' is reserved by jsonpickle: it was left out, as in 2016");
  }
  check({"}S'py/other'\nNs."sv, R"({"py/other":null})"});
}

TEST_CASE("byte strings that are no UTF-8 become quoted-printable, as values only") {
  check({"U\x03za\xbf."sv, R"({"py/bytes":"za=BF"})"});
  check({"U\x02\xc3\xa9."sv, R"("\u00e9")"});
  check({"U\x03\xed\xa0\x80."sv, R"("\ud800")"});  // Python 2.7 takes encoded surrogates
  check({"U\x02\xc0\x80."sv, R"({"py/bytes":"=C0=80"})"});
  const auto key = error_of([] { json_of_pickle("}U\x02\xc3\xa9Ns."sv); });
  CHECK(code_of(key) == "graph.key");
  check({"}X\x02\0\0\0\xc3\xa9Ns."sv, R"({"\u00e9":null})"});
}

TEST_CASE("sets are written in the order of Python's table") {
  check(
      {"c__builtin__\nset\n](K\x0aK\x09K\x08"
       "e\x85R."sv,
       R"({"py/set":[8,9,10]})"});
  check(
      {"c__builtin__\nset\n](K\x08K\0K\x10"
       "e\x85R."sv,
       R"({"py/set":[8,0,16]})"});
}

TEST_CASE("tuples that hold the one below twice, forty times over, are refused at once") {
  std::string pickle = ")";
  for (int level = 0; level < 40; ++level) pickle += "2\x86";
  pickle += ".";
  const auto error = error_of([&] { json_of_pickle(pickle); });
  CHECK(code_of(error) == "limit.nodes");
  CHECK(text_of(error) ==
        "the JSON would have more than 1000000 lists and objects: the file refers to the same parts over and over; gt2json "
        "--max-nodes allows more");
}

TEST_CASE("a large text that is written again and again is refused at the limit of the output") {
  std::string pickle = "X" + std::string("\0\0\1\0"sv) + std::string(65536, 'x') + "q\0"s + "0](";
  for (int n = 0; n < 2000; ++n) pickle += "h\0"s;
  pickle += "e.";
  const auto decoded = pickle::decode(pickle);
  StringSink sink;
  const auto error = error_of([&] { encode_2016(decoded.graph, sink, EncodeLimits()); });
  CHECK(code_of(error) == "limit.output");
  CHECK(text_of(error) ==
        "the JSON would have more than 67108864 bytes: the file is deep, or refers to the same parts over and over; gt2json "
        "--max-json-bytes allows more");
  CHECK(sink.text().size() <= (std::size_t{64} << 20));
}

TEST_CASE("the limits grow with the input") {
  CHECK(EncodeLimits::for_input(0).output_bytes == std::uint64_t{64} << 20);
  CHECK(EncodeLimits::for_input(0).containers == 1'000'000);
  CHECK(EncodeLimits::for_input(std::uint64_t{2} << 20).output_bytes == std::uint64_t{128} << 20);
  CHECK(EncodeLimits::for_input(1000).containers == 1'008'000);
  CHECK(EncodeLimits::for_input(std::uint64_t{1} << 34).containers == 1'000'000 + (std::uint64_t{8} << 34));
}

TEST_CASE("depth counts the brackets that are written") {
  const auto lists = [](int levels) {
    return std::string(static_cast<std::size_t>(levels), ']') + "N" + std::string(static_cast<std::size_t>(levels), 'a') + ".";
  };
  CHECK(text_of(error_of([&] { json_of_pickle(lists(1000)); })) == "no error");
  CHECK(code_of(error_of([&] { json_of_pickle(lists(1001)); })) == "limit.depth");
  const auto tuples = [](int levels) {
    std::string out = "N";
    for (int n = 0; n < levels; ++n) out += '\x85';
    return out + ".";
  };
  CHECK(text_of(error_of([&] { json_of_pickle(tuples(500)); })) == "no error");  // an object and a list each
  CHECK(code_of(error_of([&] { json_of_pickle(tuples(501)); })) == "limit.depth");
}

}  // namespace
}  // namespace gt::json
