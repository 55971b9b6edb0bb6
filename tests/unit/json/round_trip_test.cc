#include <doctest/doctest.h>

#include <string>

#include "lib/json/decode.h"
#include "lib/json/encode.h"
#include "lib/object/compare.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;

std::string encoded(const object::Graph& graph) {
  StringSink sink;
  encode_2016(graph, sink, EncodeLimits());
  return sink.text();
}

// What JSON tells apart: no byte strings with ASCII (they come back as unicode), no colliding or reserved keys.
const std::string_view k_pickles[] = {
    "N."sv,
    "F0.1\n."sv,
    "V\\u017c\\U0001f600\n."sv,
    "U\x02z\xbf."sv,
    "](K\x01]q\0h\0}VK\nh\0se."sv,
    "](K\x01K\x02\x86)\x85"
    "e."sv,
    "c__builtin__\nset\n](K\x0aK\x09K\x08"
    "e\x85R."sv,
    "c__builtin__\nfrozenset\n](K\x0aK\x09K\x08"
    "e\x85R."sv,
    "](c__builtin__\nfrozenset\n]\x85Rq\0]q\1h\0h\1e."sv,
    "cm\nC\n."sv,
    "](cexceptions\nValueError\ncm\nC\ne."sv,
    "(im\nC\np0\n(dVme\ng0\nsVlist\n(lp1\ng0\nasVagain\ng1\nsb."sv,
    "cm\nC\nK\x01\x85\x81K\x05"
    "b."sv,
    "cm\nC\n)\x81K\x01"
    "aK\x02"
    "a."sv,
    "cm\nC\n)\x81(K\x01]lb."sv,
    "cdatetime\ndate\nS'\\x07\\xe0\\x03\\x19'\n\x85R."sv,
    "cdatetime\ntimedelta\nK\x01K\x02K\x03\x87R."sv,
    "cdecimal\nDecimal\nV1.5\n\x85R."sv,
    "](cdecimal\nDecimal\nV1.5\n\x85R]q\1h\1e."sv,
    "ccollections\nOrderedDict\n]]VK\naK\x01"
    "aa\x85R."sv,
    "ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RVk\n]s."sv,
    "(ignr.renderingtaskstate\nRenderingTaskDefinition\n."sv,
    "(ignr.task.blenderrendertask\nBlenderRendererOptions\n."sv,
    "cgnr.docker_environments\nBlenderDockerEnvironment\n)R."sv,
};

TEST_CASE("JSON that was written is read and written to the same bytes") {
  for (const std::string_view pickle : k_pickles) {
    const std::string once = encoded(pickle::decode(pickle).graph);
    CAPTURE(once);
    std::string twice;
    const auto error = testing::error_of([&] { twice = encoded(decode(once, Restore::Whole)); });
    CHECK(testing::text_of(error) == "no error");
    CHECK(twice == once);
  }
}

TEST_CASE("the graph of JSON that was written is the graph that JSON gives") {
  for (const std::string_view pickle : k_pickles) {
    const std::string first_text = encoded(pickle::decode(pickle).graph);
    CAPTURE(first_text);
    const object::Graph first = decode(first_text, Restore::Whole);
    const std::string second_text = encoded(first);
    const object::Graph second = decode(second_text, Restore::Whole);
    CHECK(object::same_structure(first, first.root(), second, second.root()));
    CHECK(object::same_structure(second, second.root(), first, first.root()));
  }
}

}  // namespace
}  // namespace gt::json
