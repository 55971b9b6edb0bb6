#include "lib/pickle/decode.h"
#include "lib/repair/complete.h"
#include "lib/repair/mend.h"
#include "lib/repair/unwrap.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {
namespace {

// What was mended once needs no more, and what was completed does not end in the middle.
void check_pickle(std::string_view bytes) {
  const repair::Mended mended = repair::mend(bytes);
  if (!mended.repairs.empty()) require(repair::mend(mended.bytes).repairs.empty(), "a mended pickle needs no repair");
  const auto completed = repair::complete(bytes);
  if (!completed) return;
  try {
    pickle::decode(completed->bytes, k_pickle_limits);
  } catch (const Error& error) {
    accept(error);
    require(error.code() != ErrorCode::PickleTruncated, "a completed pickle has an end");
  }
}

}  // namespace

void repair(std::string_view bytes) {
  try {
    const repair::Unwrapped unwrapped = repair::unwrap(bytes);
    check_pickle(unwrapped.repairs.empty() ? bytes : std::string_view(unwrapped.bytes));
  } catch (const Error& error) {
    accept(error);
  }
}

}  // namespace gt::fuzz
