// json2gt as a function of its arguments and streams.
#pragma once

#include "tools/common/command.h"

namespace gt::tools {

int json2gt_command(int argc, const char* const* argv, const Streams& streams) noexcept;

}  // namespace gt::tools
