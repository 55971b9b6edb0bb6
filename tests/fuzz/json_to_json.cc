#include "lib/json/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

// jsonpickle JSON becomes a graph, in both modes, and that becomes JSON that can be read.
void json_to_json(std::string_view bytes) {
  const json::ReadLimits limits{.depth = 1000, .integer_digits = 2000};
  for (const auto mode : {json::Restore::As2016, json::Restore::Whole}) {
    try {
      const std::string once = encode(json::decode(bytes, mode, limits));
      json::read(once, {.depth = 10'000});
    } catch (const Error& error) {
      accept(error);
    }
  }
}

}  // namespace gt::fuzz
