#include "lib/json/decode.h"
#include "lib/json/profile.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

// JSON of the lossless form, or of jsonpickle, in every form that there is.
void in_all_profiles(std::string_view bytes, const json::ReadLimits& limits) {
  for (const auto profile : {json::Profile::Compat2016, json::Profile::Modern, json::Profile::Lossless, json::Profile::Plain}) {
    try {
      StringSink sink;
      json::encode(json::decode(bytes, std::nullopt, limits), sink, profile, k_encode_limits);
      json::read(sink.text(), {.depth = 10'000});
    } catch (const Error& error) {
      accept(error);
    }
  }
}

}  // namespace

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
  in_all_profiles(bytes, limits);
}

}  // namespace gt::fuzz
