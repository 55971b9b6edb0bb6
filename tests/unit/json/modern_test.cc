#include "lib/json/modern.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "lib/json/profile.h"
#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/encode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;

std::string modern(const object::Graph& graph) {
  StringSink sink;
  encode_modern(graph, sink, EncodeLimits());
  return testing::on_one_line(sink.text());
}

// As json2gt makes it of this JSON.
std::string pickled(std::string_view json, pickle::Protocol protocol = pickle::Protocol::Binary) {
  StringSink sink;
  pickle::encode(decode(json, Profile::Modern), sink, {.protocol = protocol});
  return sink.text();
}

struct Row {
  std::string_view pickle;
  std::string_view json;
};
const Row k_rows[] = {
    {"N."sv, "null"},
    {"(lI01\naI-5\naL99999999999999999999L\naF0.5\naF-inf\na."sv, "[true,-5,99999999999999999999,0.5,-Infinity]"},
    {"V\\u017c\\U0001f600\\ud800\n."sv, R"("\u017c\ud83d\ude00\ud800")"},
    {"C\x02\xe9"
     "a."sv,
     R"({"py/b64":"6WE="})"},
    {"\x96\x01\0\0\0\0\0\0\0\xe9."sv, R"({"py/reduce":[{"py/type":"builtins.bytearray"},{"py/tuple":[{"py/b64":"6Q=="}]}]})"},
    {"(cm\nC\nc__builtin__\nset\nc__builtin__\nxrange\nccopy_reg\n__newobj__\nt."sv,
     R"({"py/tuple":[{"py/type":"m.C"},{"py/type":"builtins.set"},{"py/type":"builtins.range"},{"py/type":"copyreg.__newobj__"}]})"},
    {"(lp1\n(lp2\nag2\nag1\na."sv, R"([[],{"py/id":1},{"py/id":0}])"},
    {"(lp1\n(dp2\nag2\na((lp3\ntag3\na."sv, R"([{},{"py/id":1},{"py/tuple":[[]]},{"py/id":2}])"},
    {"c__builtin__\nset\n((lI2\naI1\natR."sv, R"({"py/set":[2,1]})"},
    {"(lc__builtin__\nfrozenset\n((lI2\natRp1\nag1\na(lp2\nag2\na."sv,
     R"([{"py/reduce":[{"py/type":"builtins.frozenset"},{"py/tuple":[[2]]}]},{"py/id":1},[],{"py/id":3}])"},
    {"c__builtin__\nset\n((lc__builtin__\nfrozenset\n((lI2\natRatR."sv,
     R"({"py/set":[{"py/reduce":[{"py/type":"builtins.frozenset"},{"py/tuple":[[2]]}]}]})"},
    // Keys that are no texts, and those that jsonpickle would take for something else.
    {"(dVa\nI4\nsVpy/object\nI1\nsVjson://x\nI2\nsVdefault_factory\nI3\ns."sv,
     R"({"a":4,"json://\"py/object\"":1,"json://\"json://x\"":2,"json://\"default_factory\"":3})"},
    {"(dI1\nI1\nsNI2\nsF1.5\nI3\nsC\x01kI4\ns(I1\n(Va\nttI5\nscm\nC\nI6\ns."sv,
     R"({"json://1":1,"json://null":2,"json://1.5":3,"json://{\"py/b64\":\"aw==\"}":4,)"
     R"("json://{\"py/tuple\":[1,{\"py/tuple\":[\"a\"]}]}":5,"json://{\"py/type\":\"m.C\"}":6})"},
    {"(dp0\nVz\ng0\nsVy\n(lp1\nsI1\ng1\ns."sv, R"({"z":{"py/id":0},"y":[],"json://1":{"py/id":1}})"},
    // Instances.
    {"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtRp0\n(dS'me'\ng0\nsS'l'\n(lp1\nsS'm'\ng1\nsb."sv,
     R"({"py/object":"m.C","me":{"py/id":0},"l":[],"m":{"py/id":1}})"},
    {"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR(dV\xe9\nI1\nsS'default_factory'\nI2\nsb."sv,
     R"({"py/object":"m.C","\u00e9":1,"json://\"default_factory\"":2})"},
    {"cm\nC\n(I1\n(lp1\ntp2\n\x81(I2\ng1\ntb."sv,
     R"({"py/object":"m.C","py/newargs":{"py/tuple":[1,[]]},"py/state":{"py/tuple":[2,{"py/id":1}]}})"},
    {"cm\nC\n(t}Vk\nI1\ns\x92."sv, R"({"py/object":"m.C","py/newargsex":[{"py/tuple":[]},{"k":1}]})"},
    {"cm\nL\n)\x81(I1\n(lp1\ne}S'a'\ng1\nsb."sv, R"({"py/object":"m.L","a":[],"py/seq":[1,{"py/id":1}]})"},
    {"cm\nD\n)\x81(Vk\n(lp1\nI1\nI2\nu}S'a'\ng1\nsb."sv,
     R"({"py/object":"m.D","k":[],"json://1":2,"__dict__":{"a":{"py/id":1}}})"},
    {"(lcm\nD\n)\x81(Vk\nI1\nua(lp1\nag1\na."sv, R"([{"py/object":"m.D","k":1,"__dict__":{}},[],{"py/id":3}])"},
    {"ccopy_reg\n_reconstructor\n(cm\nP\nc__builtin__\ntuple\n(I1\n(lp1\nttR."sv,
     R"({"py/reduce":[{"py/type":"copyreg._reconstructor"},{"py/tuple":[{"py/type":"m.P"},{"py/type":"builtins.tuple"},)"
     R"({"py/tuple":[1,[]]}]}]})"},
    {"ccollections\ndefaultdict\n(c__builtin__\nlist\ntRI1\n(ls."sv,
     R"({"py/object":"collections.defaultdict","default_factory":{"py/type":"builtins.list"},"json://1":[]})"},
    // Calls.
    {"(lccollections\nOrderedDict\n(tR(Vb\nI1\nVa\n(lp1\nuag1\na."sv,
     R"([{"py/reduce":[{"py/type":"collections.OrderedDict"},{"py/tuple":[]},null,null,[["b",1],["a",[]]]]},{"py/id":5}])"},
    {"ccollections\ndeque\n((tI5\ntR(I1\nI2\ne."sv, ""},
    {"ccollections\nCounter\n((dVa\nI1\nstR."sv,
     R"({"py/reduce":[{"py/type":"collections.Counter"},{"py/tuple":[{"a":1}]},null,null,null]})"},
    {"cdecimal\nDecimal\n(V1.5\ntR."sv, R"({"py/reduce":[{"py/type":"decimal.Decimal"},{"py/tuple":["1.5"]},null,null,null]})"},
    {"c__builtin__\nValueError\n(I1\ntR."sv, ""},
    {"cdatetime\ndate\n(C\x04\x07\xe0\x03\x19tR."sv,
     R"({"py/object":"datetime.date","__reduce__":[{"py/type":"datetime.date"},["B+ADGQ=="]]})"},
    {"(lcdatetime\ndatetime\n(C\x0a\x07\xe0\x03\x19\0\0\0\0\0\0cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI0\nI0\ntRtRtRa(lp1\nag1\na."sv,
     ""},
    {"(lcuuid\nUUID\n)\x81}S'int'\nL5L\nsba(lp1\nag1\na."sv,
     R"([{"py/object":"uuid.UUID","hex":"00000000000000000000000000000005"},[],{"py/id":2}])"},
};

TEST_CASE("the JSON of each kind for today's jsonpickle, and the same graph through the pickle that json2gt makes of it") {
  for (const Row& row : k_rows) {
    CAPTURE(row.json);
    const object::Graph once = pickle::decode(row.pickle).graph;
    const std::string json = modern(once);
    if (!row.json.empty()) CHECK(json == row.json);
    for (const pickle::Protocol protocol : {pickle::Protocol::Text, pickle::Protocol::Binary}) {
      const std::string pickle = pickled(json, protocol);
      const object::Graph twice = pickle::decode(pickle).graph;
      CHECK(object::same_structure(once, once.root(), twice, twice.root()));
      CHECK(modern(twice) == json);
    }
  }
}

TEST_CASE("what jsonpickle itself writes otherwise") {
  struct Same {
    std::string_view json;
    std::string_view as_we_write_it;
  };
  const Same rows[] = {
      {R"([{"py/object":"m.P","py/newargs":{"py/tuple":[1,[2]]},"py/seq":[1,{"py/id":2}]},[],{"py/id":3}])",
       R"([{"py/object":"m.P","py/newargs":{"py/tuple":[1,[2]]}},[],{"py/id":3}])"},
      {R"({"py/object":"m.L","py/newargs":{"py/tuple":[1]},"py/seq":[2]})",
       R"({"py/object":"m.L","py/newargs":{"py/tuple":[1]},"py/seq":[2]})"},
      {R"({"py/reduce":[{"py/type":"collections.OrderedDict"},{"py/tuple":[]},null,null,{"py/tuple":[{"py/tuple":["a",1]}]}]})",
       R"({"py/reduce":[{"py/type":"collections.OrderedDict"},{"py/tuple":[]},null,null,[["a",1]]]})"},
      {R"({"py/reduce":[{"py/type":"collections.deque"},{"py/tuple":[{"py/tuple":[]},3]},null,{"py/tuple":[1]}]})",
       R"({"py/reduce":[{"py/type":"collections.deque"},{"py/tuple":[{"py/tuple":[]},3]},null,[1],null]})"},
      {R"({"py/reduce":["py/newobj",{"py/tuple":[{"py/type":"m.L"}]},{"a":1},{"py/tuple":[1]}]})",
       R"({"py/object":"m.L","a":1,"py/seq":[1]})"},
      {R"([{"py/reduce":[{"py/type":"builtins.frozenset"},{"py/tuple":[[1]]},{}]},[],{"py/id":4}])",
       R"([{"py/reduce":[{"py/type":"builtins.frozenset"},{"py/tuple":[[1]]}]},[],{"py/id":3}])"},
      {R"({"py/reduce":[{"py/type":"builtins.bytearray"},{"py/tuple":["a\u00ff","latin-1"]}]})",
       R"({"py/reduce":[{"py/type":"builtins.bytearray"},{"py/tuple":[{"py/b64":"Yf8="}]}]})"},
      {R"({"json://\"a\"":1,"b":{"py/function":"m.f"}})", R"({"b":{"py/type":"m.f"},"a":1})"},
  };
  for (const Same& row : rows) {
    CAPTURE(row.json);
    CHECK(modern(pickle::decode(pickled(row.json)).graph) == row.as_we_write_it);
  }
}

TEST_CASE("a key can be a frozenset, and have keys of its own") {
  constexpr std::string_view k_json =
      R"({"json://{\"py/reduce\":[{\"py/type\":\"builtins.frozenset\"},{\"py/tuple\":[[1]]}]}":2,)"
      R"("json://{\"py/object\":\"m.C\",\"a\":{\"json://1\":3}}":4})";
  const object::Graph graph = decode(k_json, Profile::Modern);
  const auto entries = graph.entries(graph.root());
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].key.is(object::Kind::FrozenSet));
  const object::Value inner = graph.find(entries[1].key, "a");
  REQUIRE(graph.entries(inner).size() == 1);
  CHECK(graph.int_of(graph.entries(inner)[0].key) == 1);
}

TEST_CASE("what cannot be said back is an error that names it") {
  struct Bad {
    std::string_view json;
    std::string_view code;
    std::string_view text;
  };
  const Bad rows[] = {
      {R"({"py/tuple":5})", "json.tag", "py/tuple is not a list"},
      {R"({"py/set":{}})", "json.tag", "py/set is not a list"},
      {R"({"py/b64":5})", "json.tag", "py/b64 is not a text"},
      {R"({"py/b64":"?"})", "json.tag", "py/b64 is not in base64: '?'"},
      {R"({"py/type":null})", "json.tag", "py/type is not a text"},
      {R"({"py/object":[]})", "json.tag", "py/object is not a text"},
      {R"({"py/reduce":[{"py/type":"m.C"}]})", "json.tag", "py/reduce is not a list of 2 to 5 parts"},
      {R"({"py/reduce":[{"py/type":"m.C"},null]})", "json.tag", "the second part of py/reduce is not a list"},
      {R"({"py/reduce":[1,{"py/tuple":[]}]})", "json.tag", "py/reduce does not begin with a class or function"},
      {R"({"py/object":"m.C","py/seq":1})", "json.tag", "py/seq is not a list"},
      {R"({"py/object":"m.C","json://1":1})", "json.tag", "the attribute 'json://1' is no text"},
      {R"({"py/object":"m.C","__dict__":1})", "json.tag", "__dict__ is not a dict"},
      {R"({"py/object":"datetime.date","__reduce__":[1]})", "json.tag",
       "__reduce__ is not a list of a class and its arguments"},
      {R"({"py/id":0})", "json.reference", "py/id 0 points to nothing: 0 objects came before it"},
      {R"([{"py/id":-1}])", "json.reference", "py/id -1 points to nothing: 1 object came before it"},
      {R"([{"py/id":"0"}])", "json.reference", "py/id is not a number"},
      {R"([{"py/object":"m.C","__dict__":{}},{"py/id":2}])", "json.reference", "py/id 2 points into what an object is made of"},
      {R"([{"py/iterator":[]}])", "graph.no-form", "no pickle can be made of an object whose tag is py/iterator"},
      {R"([{"py/repr":"sys/sys"}])", "graph.no-form", "no pickle can be made of an object whose tag is py/repr"},
      {R"([{"py/bytes":"a"}])", "graph.no-form", "no pickle can be made of an object whose tag is py/bytes"},
      {R"([{"py/b85":"a"}])", "graph.no-form", "no pickle can be made of an object whose tag is py/b85"},
      {R"({"py/object":"re.Pattern","pattern":"a"})", "graph.no-form", "no pickle can be made of re.Pattern"},
      {R"({"py/object":"m.C","__a":1})", "graph.no-form",
       "no pickle can be made of the attribute '__a', to which jsonpickle gives another name"},
      {R"({"py/object":"m.C","py/initargs":{"py/tuple":[]}})", "graph.no-form", "an object with py/initargs"},
      {R"({"py/object":"m.C","py/newargs":[1]})", "graph.no-form", "an object with py/newargs"},
      {R"({"py/reduce":[{"py/type":"os.system"},{"py/tuple":["true"]}]})", "pickle.unknown-call", "calls os.system"},
      {R"({"py/reduce":[{"py/function":"builtins.getattr"},{"py/tuple":[]}]})", "pickle.unknown-call",
       "calls __builtin__.getattr"},
      {R"({"json://":1})", "json.syntax", ""},
      {R"({"json://[]":1})", "graph.unhashable", ""},
      {R"({"py/set":[[]]})", "graph.unhashable", ""},
  };
  for (const Bad& row : rows) {
    CAPTURE(row.json);
    const auto error = testing::error_of([&] { pickled(row.json); });
    CHECK(testing::code_of(error) == row.code);
    CHECK(testing::text_of(error).starts_with(row.text));
  }
}

}  // namespace
}  // namespace gt::json
