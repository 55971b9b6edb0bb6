// The files outside that a scene file names.
#pragma once

#include <vector>

#include "lib/blend/contents.h"

namespace gt::blend {

// In the order of externals.def, then the files of sequencer strips. Throws SceneTooLarge if the names and paths take more than
// Limits::kept_bytes: strips may share blocks.
std::vector<External> read_externals(const Contents& contents, const Limits& limits);

}  // namespace gt::blend
