// Differences of two tasks as JSON, in fields.
#pragma once

#include <string_view>
#include <vector>

#include "lib/rewrite/changes.h"

namespace gt::batch {

// What is different in `after`, in the order of its text, then what is not there any more. A text that is no JSON differs as a
// whole. At most 100 changes, the last saying so.
std::vector<rewrite::Change> field_changes(std::string_view before, std::string_view after);

}  // namespace gt::batch
