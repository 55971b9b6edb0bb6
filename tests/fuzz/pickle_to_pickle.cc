#include "lib/object/compare.h"
#include "lib/pickle/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

// A graph that can be written as a pickle is the same graph when it is read again. The text of protocol 0 has one NaN only.
void pickle_to_pickle(std::string_view bytes) {
  object::Graph once;
  try {
    once = pickle::decode(bytes, k_pickle_limits).graph;
  } catch (const Error& error) {
    return accept(error);
  }
  for (const pickle::Protocol protocol : k_protocols) {
    std::string again;
    try {
      again = encode_pickle(once, protocol);
    } catch (const Error& error) {
      accept(error);
      continue;
    }
    try {
      const pickle::Decoded twice = pickle::decode(again);
      if (protocol == pickle::Protocol::Text && again.find("nan\n") != std::string::npos) continue;
      require(object::same_structure(once, once.root(), twice.graph, twice.graph.root()),
              "a pickle brings the same graph back");
    } catch (const Error& error) {
      require(false, error.what());
    }
  }
}

}  // namespace gt::fuzz
