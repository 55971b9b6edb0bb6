// blender2docker as a function of its arguments and streams.
#pragma once

#include "tools/common/command.h"

namespace gt::tools {

int blender2docker_command(int argc, const char* const* argv, const Streams& streams) noexcept;

}  // namespace gt::tools
