// A summary as lines "key value", sorted: what tests compare, and what tests/docker/blend_truth.py writes of Blender's own
// view.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/blend/summary.h"

namespace gt::testing {

template <typename Value>
std::string shown(const std::optional<Value>& value) {
  if (!value) return "unknown";
  return std::to_string(static_cast<long long>(*value));
}

inline std::vector<std::string> listing(const blend::Scene& scene) {
  const std::string prefix = "scene " + scene.name + " ";
  std::vector<std::string> out;
  const auto line = [&](const char* key, const std::string& value) { out.push_back(prefix + key + " " + value); };
  line("engine", scene.engine);
  line("frames", fmt::format("{} {} {}", scene.frame_start, scene.frame_end, scene.frame_current));
  line("resolution", fmt::format("{} {} {}", scene.resolution_x, scene.resolution_y, scene.percentage));
  line("camera", shown(std::optional(scene.has_camera)));
  line("image",
       fmt::format("{} {} {} {}", scene.image.type, shown(scene.image.depth), scene.image.planes, shown(scene.image.quality)));
  line("compositing", shown(std::optional(scene.compositing)));
  line("sequencer", shown(std::optional(scene.sequencer)));
  line("stamp", shown(std::optional(scene.stamp)));
  line("adaptive", shown(scene.cycles.adaptive_sampling));
  line("denoising", shown(scene.cycles.denoising));
  line("samples", shown(scene.cycles.samples));
  return out;
}

inline std::string listing(const blend::External& external) {
  constexpr const char* k_extents[] = {"one", "sequence", "tiles"};
  return fmt::format("file {} | {} | {} | {} | {}", to_string(external.kind), external.name, external.path,
                     k_extents[static_cast<std::size_t>(external.extent)], external.packed ? "packed" : "outside");
}

inline std::vector<std::string> listing(const blend::Summary& summary) {
  std::vector<std::string> out = {fmt::format("version {}.{}", summary.header.version, shown(summary.subversion)),
                                  "active " + summary.active_scene};
  for (const blend::Scene& scene : summary.scenes)
    for (std::string& line : listing(scene)) out.push_back(std::move(line));
  for (const blend::External& external : summary.externals) out.push_back(listing(external));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace gt::testing
