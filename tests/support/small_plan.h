// A plan of small pictures, for what shows runs without carrying them out.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "lib/run/run_plan.h"

namespace gt::testing {

inline run::RunPlan small_plan(std::vector<std::int64_t> frames, std::int64_t strips) {
  run::RunPlan out;
  out.plan.format = *render::find_format("PNG");
  out.plan.resolution = {96, 60};
  out.plan.engine = "CYCLES";
  out.plan.is_animation = frames.size() > 1;
  out.plan.strips = strips;
  for (const std::int64_t frame : frames)
    for (const render::Rows& rows : render::even_strips(60, strips))
      out.plan.subtasks.push_back(
          {.number = static_cast<std::int64_t>(out.plan.subtasks.size()) + 1, .frame = frame, .rows = rows});
  out.plan.frames = std::move(frames);
  out.image = {.repository = "golem/blender", .tag = "latest", .id = {}};
  out.image.id = "sha256:1";
  out.output = "/tmp/out.png";
  return out;
}

}  // namespace gt::testing
