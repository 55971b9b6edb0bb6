#include "lib/json/read.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/survey.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

namespace {

bool passes_survey(std::string_view bytes) {
  try {
    pickle::survey(bytes, 0, k_pickle_limits, pickle::UnknownCalls::Refuse);
    return true;
  } catch (const Error& error) {
    accept(error);
    return false;
  }
}

}  // namespace

// A pickle becomes JSON that is well-formed, or an error; it is an error if a survey says so.
void pickle_to_json(std::string_view bytes) {
  const bool passes = passes_survey(bytes);
  std::string text;
  try {
    const object::Graph graph = pickle::decode(bytes, k_pickle_limits).graph;
    require(passes, "the survey refuses what can be decoded");
    text = encode(graph);
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
