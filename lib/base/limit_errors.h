// Errors of data of which no JSON can be written within the limits: several modules find that out, each in its way.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/error.h"

namespace gt {

// LimitDepth. `other_reason`: what else may be the matter, such as "a tuple contains itself".
Error depth_limit_error(std::uint64_t levels, std::string_view other_reason = {});
// LimitNodes
Error containers_limit_error(std::uint64_t lists_and_objects);
// LimitOutput
Error output_limit_error(std::uint64_t bytes);

}  // namespace gt
