#include "lib/json/lossless.h"
#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

std::string lossless(const object::Graph& graph) {
  StringSink sink;
  json::encode_lossless(graph, sink, k_encode_limits);
  return sink.text();
}

}  // namespace

// A graph written in the lossless form and read again is the same graph, down to how its instances are made and what its keys
// lost: written once more it is the same text.
void pickle_to_lossless(std::string_view bytes) {
  object::Graph once;
  std::string text;
  try {
    once = pickle::decode(bytes, k_pickle_limits).graph;
    text = lossless(once);
  } catch (const Error& error) {
    return accept(error);
  }
  try {
    const object::Graph twice = json::decode_lossless(text, {.depth = 10'000});
    require(object::same_structure(once, once.root(), twice, twice.root()), "the lossless form brings the same graph back");
    require(lossless(twice) == text, "and the same text");
  } catch (const Error& error) {
    require(false, error.what());
  }
}

}  // namespace gt::fuzz
