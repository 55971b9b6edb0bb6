// The task that submit-task is given.
#pragma once

#include <string>
#include <vector>

#include "lib/task/definition.h"

namespace gt::submit {

struct LoadedTask {
  task::Definition definition;
  std::uint64_t size = 0;         // of the file
  std::string sha256 = {};        // of its bytes
  std::vector<Finding> findings;  // what was converted or noticed on the way
};

// Reads a pickle or JSON, by content. A plain Blender task is made a Docker task first, which a finding says.
LoadedTask load_docker_task(const std::string& path);

}  // namespace gt::submit
