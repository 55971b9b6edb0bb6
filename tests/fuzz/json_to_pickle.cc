#include <optional>

#include "lib/json/profile.h"
#include "lib/pickle/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

namespace {

void check(std::string_view bytes, std::optional<json::Profile> profile) {
  object::Graph graph;
  try {
    graph = json::decode(bytes, profile, {.depth = 1000, .integer_digits = 2000});
  } catch (const Error& error) {
    return accept(error);
  }
  for (const pickle::Protocol protocol : k_protocols) {
    std::string pickle;
    try {
      pickle = encode_pickle(graph, protocol);
    } catch (const Error& error) {
      accept(error);
      continue;
    }
    try {
      pickle::decode(pickle);
    } catch (const Error& error) {
      accept(error);
      require(error.code() != ErrorCode::PickleUnknownCall, error.what());
    }
  }
}

}  // namespace

// What json2gt makes of any JSON is a pickle that runs nothing, or an error. JSON can hold calls whose arguments do not fit:
// for those there is a pickle, and an error from whoever reads it.
void json_to_pickle(std::string_view bytes) {
  check(bytes, std::nullopt);
  check(bytes, json::Profile::Modern);
}

}  // namespace gt::fuzz
