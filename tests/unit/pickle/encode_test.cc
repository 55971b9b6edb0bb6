#include "lib/pickle/encode.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "lib/json/decode.h"
#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;

std::string encoded(const object::Graph& graph, Protocol protocol, UnknownCalls unknown_calls = UnknownCalls::Refuse) {
  StringSink sink;
  encode(graph, sink, {.protocol = protocol, .unknown_calls = unknown_calls});
  return sink.text();
}

std::string from_json(std::string_view json, Protocol protocol = Protocol::Text) {
  return encoded(json::decode(json, json::Restore::Whole), protocol);
}

TEST_CASE("what protocols 0 and 2 write") {
  struct Row {
    std::string_view json;
    std::string_view text;
    std::string_view binary;
  };
  const Row rows[] = {
      {"null", "N."sv, "\x80\x02N."sv},
      {"true", "I01\n."sv, "\x80\x02\x88."sv},
      {"false", "I00\n."sv, "\x80\x02\x89."sv},
      {"5", "I5\n."sv, "\x80\x02K\x05."sv},
      {"256", "I256\n."sv, "\x80\x02M\0\x01."sv},
      {"-1", "I-1\n."sv, "\x80\x02J\xff\xff\xff\xff."sv},
      {"4294967296", "I4294967296\n."sv, "\x80\x02I4294967296\n."sv},
      {"18446744073709551615", "L18446744073709551615L\n."sv, "\x80\x02\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0."sv},
      {"-9223372036854775809", "L-9223372036854775809L\n."sv, "\x80\x02\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\xff."sv},
      {"0.1", "F0.1\n."sv, "\x80\x02G\x3f\xb9\x99\x99\x99\x99\x99\x9a."sv},
      {"-Infinity", "F-inf\n."sv, "\x80\x02G\xff\xf0\0\0\0\0\0\0."sv},
      {R"("a\\\n\u00e9\u017c\ud83d\ude00")", "Va\\u005c\\u000a\xe9\\u017c\\U0001f600\np1\n."sv,
       "\x80\x02X\x0b\0\0\0a\\\n\xc3\xa9\xc5\xbc\xf0\x9f\x98\x80q\x01."sv},
      {R"({"py/bytes":"=FF'=0A"})", "S\"\\xff'\\n\"\np1\n."sv, "\x80\x02U\x03\xff'\nq\x01."sv},
      {"[]", "(lp1\n."sv, "\x80\x02]q\x01."sv},
      {"[1,[2]]", "(lp1\nI1\na(lp2\nI2\naa."sv,
       "\x80\x02]q\x01(K\x01]q\x02(K\x02"
       "ee."sv},
      {R"({"a":1})", "(dp1\nVa\np2\nI1\ns."sv, "\x80\x02}q\x01(X\x01\0\0\0aq\x02K\x01u."sv},
      {R"({"py/tuple":[]})", "(t."sv, "\x80\x02)."sv},
      {R"({"py/tuple":[1,2]})", "(I1\nI2\ntp1\n."sv, "\x80\x02K\x01K\x02\x86q\x01."sv},
      {R"({"py/tuple":[1,2,3,4]})", "(I1\nI2\nI3\nI4\ntp1\n."sv, "\x80\x02(K\x01K\x02K\x03K\x04tq\x01."sv},
      {R"({"py/set":[1]})", "c__builtin__\nset\np1\n((lI1\natRp2\n."sv,
       "\x80\x02"
       "c__builtin__\nset\nq\x01(](K\x01"
       "etRq\x02."sv},
      {R"([[],{"py/id":1}])", "(lp1\n(lp2\nag2\na."sv,
       "\x80\x02]q\x01(]q\x02h\x02"
       "e."sv},
      {R"({"py/type":"m.C"})", "cm\nC\np1\n."sv,
       "\x80\x02"
       "cm\nC\nq\x01."sv},
      {R"({"py/object":"m.C","a":1})",
       "ccopy_reg\n_reconstructor\np1\n(cm\nC\np2\nc__builtin__\nobject\np3\nNtRp4\n(dS'a'\np5\nI1\nsb."sv,
       "\x80\x02"
       "cm\nC\nq\x01)\x81q\x02}(U\x01"
       "aq\x03K\x01ub."sv},
      {R"({"py/object":"gnr.gnrtaskstate.GNROptions"})", "(ignr.gnrtaskstate\nGNROptions\np1\n."sv,
       "\x80\x02("
       "cgnr.gnrtaskstate\nGNROptions\nq\x01oq\x02."sv},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    CHECK(from_json(row.json) == row.text);
    CHECK(from_json(row.json, Protocol::Binary) == row.binary);
  }
}

// What a pickle says comes back the same: kinds, values, sharing, and how instances are made.
const std::string_view k_pickles[] = {
    "L5L\n."sv,
    "\x80\x03"
    "C\x03\xff\0\nC\0\x86."sv,
    "\x80\x05\x96\x02\0\0\0\0\0\0\0\xff\0q\0h\0\x86."sv,
    "S''\n."sv,
    "G\x7f\xf8\0\0\0\0\0\0."sv,
    "G\xff\xf8\0\0\0\0\0\0."sv,
    "(dI1\nS'int'\nsS'1'\nS'str'\nsV1\\u017c\nNsI00\nNs."sv,
    "(lp1\n(dp2\nag2\na(tag1\na."sv,
    "(lp1\n(g1\ntp2\na0g2\n."sv,  // a tuple in a list in the tuple
    "(lp1\n((g1\ntp2\ng2\nta."sv,
    "c__builtin__\nset\n((lI3\naI1\natR."sv,
    "c__builtin__\nfrozenset\n((lI3\naI1\natRp1\n(g1\ng1\nt."sv,
    "ccollections\nOrderedDict\n((lI00\ntR."sv,
    "Pname\np1\n(g1\ng1\nt."sv,
    "K\x05Q."sv,
    "cm\nC\n."sv,
    "(im\nClassic\np1\n(dS'me'\ng1\nsb."sv,
    "(imd\nClassic\n."sv,
    "cm\nC\n)\x81q\1}S'me'\nh\1sb."sv,
    "cm\nC\nK\x01\x85\x81K\x05"
    "b."sv,
    "cm\nC\n)}Vkey\nK\x01s\x92."sv,
    "cm\nMyList\n)\x81(K\x01K\x02"
    "e}Va\nK\x01sb."sv,
    "cm\nMyDict\n)\x81(Vk\nK\x01u}Va\nK\x01sb."sv,
    "ccopy_reg\n_reconstructor\n(cm\nMyInt\nc__builtin__\nint\nI5\ntR."sv,
    "ccopy_reg\n_reconstructor\n(cm\nMyComplex\nc__builtin__\ncomplex\nc__builtin__\ncomplex\n(F1.0\nF2.0\ntRtR."sv,
    "ccopy_reg\n_reconstructor\n(cm\nPoint\nc__builtin__\ntuple\n(I1\nI2\nttR."sv,
    "ccopy_reg\n_reconstructor\n(cm\nMyDict\nc__builtin__\ndict\n(dVk\nI1\nstR(dVa\nI2\nsb."sv,
    "ccopy_reg\n_reconstructor\n(cm\nMyList\nc__builtin__\nlist\n(lI1\natR(dVa\nI2\nsb."sv,
    "cm\nSlots\n)\x81N}Va\nK\x01s\x86"
    "b."sv,
    "cm\nSlots\n)\x81}Vd\nNs}Va\nK\x01s\x86"
    "b."sv,
    "c__builtin__\ncomplex\nG?\xf0\0\0\0\0\0\0G@\0\0\0\0\0\0\0\x86R."sv,
    "cdatetime\ndatetime\nS'\\x07\\xe0\\x03\\x19\\x01\\x02\\x03\\x00\\x00\\x00'\n\x85R."sv,
    "cdatetime\ntimedelta\nK\x01K\x02K\x03\x87R."sv,
    "cdecimal\nDecimal\nV1.5\n\x85R."sv,
    "cexceptions\nValueError\nVtext\n\x85R}Va\nK\x01sb."sv,
    "ccollections\nOrderedDict\n)Rq\1(VK\nh\1Vb\nK\x02u."sv,  // contains itself
    "ccollections\nOrderedDict\n]]VK\naK\x01"
    "aa\x85R."sv,
    "ccollections\ndeque\n)Rq\1(K\x01h\1e."sv,
    "ccollections\ndeque\n)K\x03\x86Rq\1(K\x01h\1e."sv,
    "ccollections\nCounter\n}Va\nK\x03s\x85R."sv,
    "ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RVk\n]s."sv,
    "(ignr.renderingtaskstate\nRenderingTaskDefinition\n."sv,
    "cexamples.gnr.m\nC\nK\x01\x85\x81."sv,  // no classic class, although of 2015
    "cgnr.docker_environments\nBlenderDockerEnvironment\n)R."sv,
    "(dS'k'\nI1\nsS'k'\nI2\nsS'k'\nI3\nsS'other'\nNs."sv,  // the values 1 and 2 are lost, but known
    "cm\nMyDict\n)\x81(S'k'\nI1\nS'k'\nI2\nu}S'k'\nI3\nsS'a'\nNsb."sv,
};

void check_comes_back(std::string_view pickle, Protocol protocol) {
  const Decoded once = decode(pickle);
  const std::string text = encoded(once.graph, protocol);
  CAPTURE(text);
  const Decoded twice = decode(text);
  CHECK(object::same_structure(once.graph, once.graph.root(), twice.graph, twice.graph.root()));
  CHECK(encoded(twice.graph, protocol) == text);
}

TEST_CASE("a pickle that was decoded and encoded is the same graph, and the same bytes from then on") {
  for (const std::string_view pickle : k_pickles) {
    CAPTURE(pickle);
    check_comes_back(pickle, Protocol::Text);
    check_comes_back(pickle, Protocol::Binary);
  }
}

TEST_CASE("a set that JSON has in the order in which it was walked is filled so that it is walked so again") {
  // 16 collides with 8 and 0: the order is that of the filling.
  for (const std::string_view json : {R"({"py/set":[8,16,0]})"sv, R"({"py/set":[16,8,0]})"sv, R"({"py/set":[0,16,8]})"sv})
    CHECK(testing::json_of_pickle(from_json(json)) == json);
}

TEST_CASE("no pickle is written that would run code, or that cannot be") {
  struct Row {
    std::string_view json;
    std::string_view code;
    std::string_view text;
  };
  const Row rows[] = {
      {R"({"py/object":"m.C","py/reduce":[{"py/type":"os.system"},{"py/tuple":["id"]}]})", "pickle.unknown-call",
       "calls os.system, which is not a type that a task file may name; no pickle is written that would run it"},
      {R"({"py/object":"m.C","py/reduce":[{"py/function":"m.f"},{"py/tuple":[]},null,null,null]})", "pickle.unknown-call",
       "calls m.f, which is not a type that a task file may name; no pickle is written that would run it"},
      {R"({"py/object":"subprocess.Popen"})", "pickle.unknown-call",
       "calls subprocess.Popen, which is not a type that a task file may name; no pickle is written that would run it"},
      {R"({"py/object":"m.C","py/initargs":[1]})", "graph.no-form",
       "an object with py/initargs cannot be written as a pickle: its constructor would run to read it"},
      {R"({"py/object":"m.C","py/newargs":[1]})", "graph.no-form",
       "an object with py/newargs cannot be written as a pickle: they are no tuple"},
      {R"({"py/object":"gnr.renderingtaskstate.AdvanceRenderingVerificationOptions","py/newargs":{"py/tuple":[1]}})",
       "graph.no-form",
       "an object with py/newargs cannot be written as a pickle: its class is a classic one, which has no __new__"},
      {R"({"py/object":"m.C","py/reduce":[]})", "graph.no-form",
       "an object with py/reduce cannot be written as a pickle: it does not begin with a callable and a tuple of arguments"},
      {R"({"py/object":"__builtin__.bytearray","py/seq":[256]})", "graph.no-form",
       "a __builtin__.bytearray with attributes or items cannot be written as a pickle: the class makes it of arguments"},
      {R"({"py/object":"m.C","__reduce__":"text"})", "graph.no-form",
       "an object with __reduce__ cannot be written as a pickle: it does not begin with a callable and a tuple of arguments"},
      {R"({"py/object":"datetime.timedelta","__reduce__":[{"py/type":"datetime.timedelta"},{"py/tuple":[1]}],"py/seq":[5]})",
       "graph.no-form",
       "an object with __reduce__ and other attributes cannot be written as a pickle: it has no place for them"},
      {R"({"py/object":"m.C","py/seq":5})", "graph.no-form",
       "an object with py/seq cannot be written as a pickle: it is no list"},
      {R"({"py/iterator":[1]})", "graph.no-form",
       "an iterator or a module cannot be written as a pickle: Python cannot save it either"},
      {R"({"py/type":"m.C\nd"})", "graph.no-form", "a name in a pickle cannot have a line end: 'C\\x0ad'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const auto error = testing::error_of([&] { from_json(row.json); });
    CHECK(testing::code_of(error) == row.code);
    CHECK(testing::text_of(error) == row.text);
  }
}

TEST_CASE("a call of an unknown callable is written where such calls are kept") {
  const std::string_view pickle = "cm\nColor\np1\n(I1\ntRp2\n."sv;
  const Decoded kept = decode(pickle, {}, UnknownCalls::Keep);
  CHECK(encoded(kept.graph, Protocol::Text, UnknownCalls::Keep) == "cm\nColor\np1\n(I1\ntRp2\n.");
}

TEST_CASE("a tuple that contains nothing but itself is refused") {
  object::Graph graph;
  const object::Value outer = graph.make_sequence(object::Kind::Tuple);
  const object::Value inner = graph.make_sequence(object::Kind::Tuple);
  graph.append(outer, inner);
  graph.append(inner, outer);
  graph.set_root(outer);
  const auto error = testing::error_of([&] { encoded(graph, Protocol::Text); });
  CHECK(testing::text_of(error) ==
        "a tuple, set or call that contains itself cannot be written as a pickle: no list, dict or object lies between");
}

TEST_CASE("sets for whose order there is no way to fill them are not tried without end") {
  const std::string set = R"({"py/set":[0.5,0.77,6.0,1e+300,-Infinity,Infinity,-1.5]})";
  std::string sets = "[" + set;
  for (int i = 0; i < 10'000; ++i) sets += "," + set;
  const std::string pickle = from_json(sets + "]");
  const object::Graph graph = decode(pickle).graph;
  CHECK(graph.items(graph.root()).size() == 10'001);
}

TEST_CASE("the size of what is written is limited, and depth costs no stack") {
  object::Graph deep;
  object::Value v = deep.make_sequence(object::Kind::Tuple, {});
  for (int i = 0; i < 1'000'000; ++i) v = deep.make_sequence(object::Kind::Tuple, {&v, 1});
  deep.set_root(v);
  StringSink sink;
  encode(deep, sink, {.protocol = Protocol::Binary});
  CHECK(sink.text().size() > 2'000'000);
  const auto error = testing::error_of([&] { encode(deep, sink, {.output_bytes = 100'000}); });
  CHECK(testing::code_of(error) == "limit.output");
}

}  // namespace
}  // namespace gt::pickle
