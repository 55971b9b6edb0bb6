#include "lib/pickle/audit.h"

#include <algorithm>

#include "lib/pickle/decode.h"
#include "lib/pickle/verdicts.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

// Of a message "calls module.Name, which ...": a class of Golem, or a type of Python that only holds data.
bool names_harmless_class(std::string_view message) {
  const std::string_view called = message.substr(0, message.find(','));
  const std::string_view name = called.substr(called.rfind(' ') + 1);
  const std::size_t dot = std::min(name.rfind('.'), name.size() - 1);
  return pickle::facts_of_name(name.substr(0, dot), name.substr(dot + 1)).verdict <= pickle::Verdict::Data;
}

}  // namespace

// A file that calls what the decoder does not know is never clean, unless it only gives arguments to a class that is known.
void audit(std::string_view bytes) {
  const pickle::Audit found = pickle::audit(bytes);
  try {
    pickle::decode(bytes, k_pickle_limits);
  } catch (const Error& error) {
    accept(error);
    if (error.code() == ErrorCode::PickleUnknownCall)
      require(!found.is_clean() || names_harmless_class(error.message()), "an unknown call is not clean");
  }
}

}  // namespace gt::fuzz
