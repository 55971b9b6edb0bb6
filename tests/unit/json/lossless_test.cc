#include "lib/json/lossless.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "lib/json/decode.h"
#include "lib/json/modern.h"
#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/encode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;

std::string lossless(const object::Graph& graph) {
  StringSink sink;
  encode_lossless(graph, sink, EncodeLimits());
  return sink.text();
}

// The value on one line.
std::string value_of(std::string_view pickle) {
  const std::string text = testing::on_one_line(lossless(pickle::decode(pickle).graph));
  constexpr std::string_view k_begin = R"({"gt-tools":"lossless-1","value":)";
  REQUIRE(text.starts_with(k_begin));
  return text.substr(k_begin.size(), text.size() - k_begin.size() - 1);
}

std::string repickled(const object::Graph& graph) {
  StringSink sink;
  pickle::encode(graph, sink, {.protocol = pickle::Protocol::Binary});
  return sink.text();
}

struct Row {
  std::string_view pickle;
  std::string_view json;
};
const Row k_rows[] = {
    {"N."sv, "null"},
    {"I01\n."sv, "true"},
    {"I5\n."sv, "5"},
    {"L5L\n."sv, R"({"long":"5"})"},
    {"L-99999999999999999999L\n."sv, R"({"long":"-99999999999999999999"})"},
    {"F1.0\n."sv, "1.0"},
    {"F-inf\n."sv, R"({"float":"-inf"})"},
    {"G\xff\xf8\0\0\0\0\0\x01."sv, R"({"float":"fff8000000000001"})"},
    {"V\xe9\n."sv, R"("\u00e9")"},
    {"V\\ud83d\\ude00\n."sv, R"({"text":["\ud83d","\ude00"]})"},
    {"V\\U0001f600\\ud83d\n."sv, R"("\ud83d\ude00\ud83d")"},
    {"S'\\xe9a'\n."sv, R"({"str":"\u00e9a"})"},
    {"C\x02\xe9"
     "a."sv,
     R"({"bytes":"\u00e9a"})"},
    {"\x96\x01\0\0\0\0\0\0\0\xe9."sv, R"({"bytearray":"\u00e9"})"},
    {"cm\nC\n."sv, R"({"global":["m","C"]})"},
    {"(lp1\n(lag1\na."sv, R"({"id":1,"list":[[],{"ref":1}]})"},
    {"(I1\n(ltp1\n."sv, R"({"tuple":[1,[]]})"},
    {"((lp1\ng1\nt."sv, R"({"tuple":[{"id":1,"list":[]},{"ref":1}]})"},
    {"c__builtin__\nset\n((lI2\naI1\natR."sv, R"({"set":[2,1]})"},
    {"c__builtin__\nfrozenset\n((ltR."sv, R"({"frozenset":[]})"},
    {"Pname\n."sv, R"({"persistent":["name"]})"},
    {"(dVpy/object\nI1\ns."sv, R"({"dict":{"py/object":1}})"},
    {"(dI1\nI2\nsV1\nI3\ns."sv, R"({"dict":[[1,2],["1",3]]})"},
    {"(dVk\nI1\nsVk\nI2\ns."sv, R"({"dict":[["k",1],["k",2]]})"},
    {"(im\nC\n(dS'a'\nI1\nsb."sv, R"({"object":["m","C"],"classic":true,"attributes":{"a":1}})"},
    {"cm\nC\n)\x81}Va\nI1\nsb."sv, R"({"object":["m","C"],"attributes":[["a",1]]})"},
    {"cm\nC\n)\x81(S'k'\nI1\nu}S'a'\nI2\ns}S's'\nI3\ns\x86"
     "b."sv,
     R"({"object":["m","C"],"items":{"k":1},"attributes":{"a":2},"slots":{"s":3}})"},
    {"cm\nC\n(I1\nt\x81I2\nb."sv, R"({"object":["m","C"],"newargs":{"tuple":[1]},"state":2})"},
    {"ccopy_reg\n_reconstructor\n(cm\nP\nc__builtin__\ntuple\n(I1\nttR."sv,
     R"({"object":["m","P"],"by-base":true,"newargs":{"tuple":[{"tuple":[1]}]}})"},
    {"cm\nC\n)\x81(I1\ne."sv, R"({"object":["m","C"],"seq":{"raw":[1]}})"},
    {"(im\nC\np1\n(dS'me'\ng1\nsb."sv, R"({"id":1,"object":["m","C"],"classic":true,"attributes":{"me":{"ref":1}}})"},
    {"cdecimal\nDecimal\n(V1.5\ntR."sv,
     R"({"object":["decimal","Decimal"],"reduce":{"raw":[{"global":["decimal","Decimal"]},{"tuple":["1.5"]},null,null,null]}})"},
};

TEST_CASE("the lossless form of each kind, and the same graph from it") {
  for (const Row& row : k_rows) {
    CAPTURE(row.json);
    CHECK(value_of(row.pickle) == row.json);
    const object::Graph once = pickle::decode(row.pickle).graph;
    const std::string text = lossless(once);
    const object::Graph twice = decode_lossless(text);
    CHECK(object::same_structure(once, once.root(), twice, twice.root()));
    CHECK(lossless(twice) == text);
    CHECK(repickled(twice) == repickled(once));
  }
}

TEST_CASE("a set of JSON keeps that its order is the one in which it is walked") {
  const object::Graph once = decode(R"({"py/set":[16,8]})", Restore::Whole);
  CHECK(testing::json_of(decode_lossless(lossless(once))) == R"({"py/set":[16,8]})");
}

TEST_CASE("a dict with many keys and many lost values is written in the time of a walk") {
  std::string pickle = "(d";
  for (int i = 0; i < 100'000; ++i) pickle += "I" + std::to_string(i) + "\nNs";
  for (int i = 0; i < 100'000; ++i) pickle += "I0\nI" + std::to_string(i) + "\ns";
  pickle += ".";
  const object::Graph once = pickle::decode(pickle).graph;
  REQUIRE(once.lost_values().size() == 100'000);
  const std::string text = lossless(once);
  const object::Graph twice = decode_lossless(text);
  CHECK(twice.lost_values().size() == 100'000);
  CHECK(repickled(twice) == repickled(once));
}

TEST_CASE("what is none of the lossless form is rejected") {
  struct Bad {
    std::string_view value;
    std::string_view code;
    std::string_view text;
  };
  const Bad rows[] = {
      {R"({})", "json.tag", "an object has no tag of the lossless form: {}"},
      {R"({"py/object":"m.C"})", "json.tag", "an object has no tag of the lossless form: 'py/object'"},
      {R"({"ref":1})", "json.reference", "a \"ref\" names no \"id\" before it"},
      {R"([{"id":1,"list":[]},{"id":1,"list":[]}])", "json.reference", "an \"id\" is no number, or two have the same"},
      {R"({"long":"5x"})", "json.tag", "\"long\" is no integer: 5x"},
      {R"({"float":"nan"})", "json.tag", "\"float\" is neither inf nor -inf nor the 16 hexadecimal digits of a double: nan"},
      {R"({"str":"\u0100"})", "json.tag", "bytes have a character above U+00FF: '\xc4\x80'"},
      {R"({"global":["m"]})", "json.tag", "a name is not a list of module and name"},
      {R"({"tuple":5})", "json.tag", "tuple is not a list"},
      {R"({"dict":[[1]]})", "json.tag", "an entry is not a list of key and value"},
      {R"({"dict":[[[],1]]})", "graph.unhashable", ""},
      {R"({"persistent":[]})", "json.tag", "\"persistent\" is not a list of one name"},
      {R"({"object":["m","C"],"classic":1})", "json.tag", "\"classic\" is neither true nor false"},
  };
  for (const Bad& row : rows) {
    CAPTURE(row.value);
    const std::string document = R"({"gt-tools":"lossless-1","value":)" + std::string(row.value) + "}";
    const auto error = testing::error_of([&] { decode_lossless(document); });
    CHECK(testing::code_of(error) == row.code);
    CHECK(testing::text_of(error).find(row.text) != std::string::npos);
  }
  CHECK(testing::code_of(testing::error_of([] { decode_lossless("[]"); })) == "json.tag");
  CHECK(testing::code_of(testing::error_of([] { decode_lossless(R"({"gt-tools":"lossless-1"})"); })) == "json.tag");
}

TEST_CASE("parts that are no lists where jsonpickle needs lists are no crash but an error") {
  for (const std::string_view members : {R"("by-base":true)", R"("reduce":5)", R"("newargsex":5)", R"("seq":1)"}) {
    CAPTURE(members);
    const std::string document = R"({"gt-tools":"lossless-1","value":{"object":["m","C"],)" + std::string(members) + "}}";
    const object::Graph graph = decode_lossless(document);
    StringSink sink;
    CHECK(testing::code_of(testing::error_of([&] { encode_modern(graph, sink, {}); })) == "graph.no-form");
  }
}

}  // namespace
}  // namespace gt::json
