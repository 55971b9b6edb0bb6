#include "lib/pickle/audit.h"

#include "lib/pickle/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

// A file that calls what the decoder does not know is never clean.
void audit(std::string_view bytes) {
  const pickle::Audit found = pickle::audit(bytes);
  try {
    pickle::decode(bytes, k_pickle_limits);
  } catch (const Error& error) {
    accept(error);
    if (error.code() == ErrorCode::PickleUnknownCall) require(!found.is_clean(), "an unknown call is not clean");
  }
}

}  // namespace gt::fuzz
