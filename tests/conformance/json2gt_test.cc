// json2gt against the recorded cases: from the JSON of 2016 back to a pickle, and from a pickle to a pickle.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>

#include "lib/json/decode.h"
#include "lib/json/encode.h"
#include "lib/json/lossless.h"
#include "lib/json/profile.h"
#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/encode.h"
#include "tests/conformance/cases.h"

namespace gt::conformance {
namespace {

constexpr pickle::Protocol k_protocols[] = {pickle::Protocol::Text, pickle::Protocol::Binary};

std::string pickled(const object::Graph& graph, pickle::Protocol protocol) {
  StringSink sink;
  pickle::encode(graph, sink, {.protocol = protocol});
  return sink.text();
}

std::string json_of(std::string_view pickle) {
  StringSink sink;
  json::encode_2016(pickle::decode(pickle).graph, sink, {});
  return sink.text();
}

// Empty if the JSON comes back through a pickle byte by byte, else what happened.
std::string difference_by_pickle(const std::string& json, pickle::Protocol protocol) {
  try {
    const std::string back = json_of(pickled(json::decode(json, json::Restore::Whole), protocol));
    return back == json ? "" : first_difference(json, back);
  } catch (const Error& error) {
    return error.what();
  }
}

TEST_CASE("the JSON of 2016 made a pickle and JSON again is the same, except for json2gt_differs.tsv") {
  const Manifest manifest(data_directory() / "corpus/MANIFEST.tsv");
  std::map<std::string, std::string> differs;
  int compared = 0;
  for (std::size_t row = 0; row < manifest.size(); ++row) {
    const std::string& name = manifest.at(row, "name");
    const auto recorded = data_directory() / "corpus" / (name + ".json");
    if (!std::filesystem::exists(recorded)) continue;
    const std::string json = read_bytes(recorded);
    if (json.empty()) continue;
    for (const pickle::Protocol protocol : k_protocols)
      if (const std::string what = difference_by_pickle(json, protocol); !what.empty()) differs[name] = what;
    ++compared;
  }
  CHECK(compared == 431);
  Exceptions(data_directory() / "json2gt_differs.tsv").check(differs);
}

object::Graph through_lossless_json(const object::Graph& graph) {
  StringSink sink;
  json::encode_lossless(graph, sink, {});
  return json::decode_lossless(sink.text());
}

TEST_CASE("every recorded pickle written again, in both protocols and through the lossless JSON, is the same graph") {
  const Manifest manifest(data_directory() / "corpus/MANIFEST.tsv");
  int compared = 0;
  for (std::size_t row = 0; row < manifest.size(); ++row) {
    const std::string& name = manifest.at(row, "name");
    const std::string bytes = read_bytes(data_directory() / "corpus" / (name + ".gt"));
    pickle::Decoded once;
    try {
      once = pickle::decode(bytes);
    } catch (const Error&) {
      continue;
    }
    ++compared;
    const object::Graph read = through_lossless_json(once.graph);
    CHECK_MESSAGE(object::same_structure(once.graph, once.graph.root(), read, read.root()), name);
    for (const pickle::Protocol protocol : k_protocols) {
      for (const object::Graph* graph : std::initializer_list<const object::Graph*>{&once.graph, &read}) {
        const std::string again = pickled(*graph, protocol);
        const pickle::Decoded twice = pickle::decode(again);
        CHECK_MESSAGE(object::same_structure(once.graph, once.graph.root(), twice.graph, twice.graph.root()), name);
      }
    }
  }
  CHECK(compared == 454);
}

std::string modern_json(const object::Graph& graph) {
  StringSink sink;
  json::encode(graph, sink, json::Profile::Modern, {});
  return sink.text();
}

TEST_CASE("every recorded pickle comes back from the JSON for today's jsonpickle, but for what that JSON does not tell") {
  const Manifest manifest(data_directory() / "corpus/MANIFEST.tsv");
  int compared = 0;
  int no_form = 0;
  int same_graph = 0;  // at once; the others have str of Python 2 or other things that become what the JSON has for them
  for (std::size_t row = 0; row < manifest.size(); ++row) {
    const std::string& name = manifest.at(row, "name");
    CAPTURE(name);
    const std::string bytes = read_bytes(data_directory() / "corpus" / (name + ".gt"));
    pickle::Decoded once;
    std::string json;
    try {
      once = pickle::decode(bytes);
      json = modern_json(once.graph);
    } catch (const Error& error) {
      no_form += error.code() == ErrorCode::GraphNoForm ? 1 : 0;
      continue;
    }
    ++compared;
    for (const pickle::Protocol protocol : k_protocols) {
      const std::string pickle = pickled(json::decode(json, json::Profile::Modern), protocol);
      const pickle::Decoded twice = pickle::decode(pickle);
      const std::string again = modern_json(twice.graph);
      CHECK_MESSAGE(again == json, first_difference(json, again));
      const std::string pickle_again = pickled(json::decode(again, json::Profile::Modern), protocol);
      const pickle::Decoded thrice = pickle::decode(pickle_again);
      CHECK(object::same_structure(twice.graph, twice.graph.root(), thrice.graph, thrice.graph.root()));
      same_graph += object::same_structure(once.graph, once.graph.root(), twice.graph, twice.graph.root()) ? 1 : 0;
    }
  }
  CHECK(compared == 444);
  CHECK(no_form == 10);
  CHECK(same_graph == 264);
}

}  // namespace
}  // namespace gt::conformance
