#include "lib/json/read.h"
#include "lib/pickle/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

// A pickle becomes JSON that is well-formed, or an error.
void pickle_to_json(std::string_view bytes) {
  std::string text;
  try {
    text = encode(pickle::decode(bytes, k_pickle_limits).graph);
  } catch (const Error& error) {
    return accept(error);
  }
  try {
    json::read(text);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::LimitDepth, error.what());
  }
}

}  // namespace gt::fuzz
