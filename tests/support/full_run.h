// How much a test does.
#pragma once

#include <cstdlib>

namespace gt::testing {

// With the counts that an issue states, not the small ones of a daily run.
inline bool is_full_run() { return std::getenv("GT_TOOLS_FULL") != nullptr; }

}  // namespace gt::testing
