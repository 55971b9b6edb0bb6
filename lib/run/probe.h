// Which Blender an image has, asked of a container.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/run/container_runner.h"
#include "lib/run/run_plan.h"

namespace gt::run {

struct BlenderFacts {
  std::optional<std::array<int, 3>> version;  // absent: the image has no Blender that starts
  std::vector<std::string> engines;           // CYCLES, ...
  bool has_denoiser = false;
};

// Runs `script` (scripts/docker_probe.py) in a container of the plan's image, with its isolation, in directories below `place`,
// which must exist. Throws ContainerFailed, ResultInvalid, and what the runner throws.
BlenderFacts probe_image(const RunPlan& plan, const std::string& script, const std::filesystem::path& place,
                         ContainerRunner& runner);

}  // namespace gt::run
