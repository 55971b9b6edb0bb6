#include "lib/json/modern.h"
#include "lib/json/plain.h"
#include "lib/json/read.h"
#include "lib/pickle/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

template <typename Encode>
void check_encoder(Encode&& encode) {
  StringSink sink;
  try {
    encode(sink);
  } catch (const Error& error) {
    return accept(error);
  }
  try {
    json::read(sink.text(), {.depth = 10'000});
  } catch (const Error& error) {
    require(false, error.what());
  }
}

}  // namespace

// Whatever a pickle holds, plain JSON and that of today's jsonpickle are well-formed, or there is an error.
void pickle_to_other_json(std::string_view bytes) {
  object::Graph graph;
  try {
    graph = pickle::decode(bytes, k_pickle_limits).graph;
  } catch (const Error& error) {
    return accept(error);
  }
  check_encoder([&](Sink& sink) { json::encode_plain(graph, sink, k_encode_limits); });
  check_encoder([&](Sink& sink) { json::encode_modern(graph, sink, k_encode_limits); });
}

}  // namespace gt::fuzz
