#include "lib/render/plan.h"

#include <algorithm>

#include "lib/base/text.h"

namespace gt::render {
namespace {

// The range that the old program accepted, and what it took outside of it (BlenderRenderTaskBuilder).
constexpr std::int64_t k_max_subtasks = 100;
constexpr std::int64_t k_default_subtasks = 6;
// Blender's own limits (RNA: resolution_x, frame_end).
constexpr std::int64_t k_max_resolution = 65536;
constexpr std::int64_t k_max_frame = 1048574;

enum class EngineState : std::uint8_t { Present, Gone };

struct Engine {
  std::string_view name;
  EngineState state;
};

constexpr Engine k_engines[] = {
#define GT_ENGINE(name, state) {name, EngineState::state},
#include "lib/render/engines.def"
#undef GT_ENGINE
};

// What stands behind `place`, a path in the task or an option, cannot be rendered.
Error refused(std::string message, const std::string& place, std::string hint = {}) {
  if (place.rfind("--", 0) == 0) return Error(ErrorCode::Usage, place + ": " + message, {}, std::move(hint));
  return Error(ErrorCode::PlanInvalid, std::move(message), {.path = place}, std::move(hint));
}

void require_blender(const task::Definition& definition) {
  if (definition.renderer == task::Renderer::Blender) return;
  std::string what = "a task without a renderer (" + printable(definition.class_name) + ")";
  if (definition.renderer != task::Renderer::None) {
    what = "a " + std::string(to_string(definition.renderer)) + " task (" + printable(definition.options_class) + ")";
  }
  throw Error(ErrorCode::NotBlender, "this is " + what + "; only Blender tasks can be rendered");
}

std::array<std::int64_t, 2> plan_resolution(const task::Definition& definition) {
  for (const std::int64_t side : definition.resolution) {
    if (side >= 1 && side <= k_max_resolution) continue;
    throw refused("the picture is " + std::to_string(definition.resolution[0]) + " x " +
                      std::to_string(definition.resolution[1]) + " pixels; Blender renders 1 to " +
                      std::to_string(k_max_resolution) + " in each direction",
                  "resolution");
  }
  return definition.resolution;
}

std::string plan_engine(const task::Definition& definition, const PlanOptions& options) {
  const bool overridden = options.engine_override.has_value();
  const std::string& name = overridden ? *options.engine_override : definition.engine;
  if (name.empty() || (overridden && name == "scene")) return {};
  const std::string path = overridden ? "--engine-override" : "renderer_options.engine";
  const std::string hint = "give --engine-override CYCLES, or --engine-override scene for the engine that the scene names";
  const auto* engine =
      std::find_if(std::begin(k_engines), std::end(k_engines), [&](const Engine& e) { return e.name == name; });
  if (engine == std::end(k_engines)) throw refused("Blender has no render engine " + printable(name), path, hint);
  if (engine->state == EngineState::Gone) {
    throw refused("the engine " + name + " ended with Blender 2.79, the image has a later Blender", path, hint);
  }
  return name;
}

Format plan_format(const task::Definition& definition, const PlanOptions& options) {
  const std::string& name = options.format ? *options.format : definition.output_format;
  if (const auto format = find_format(name)) return *format;
  throw refused(
      "the picture format is " + (name.empty() ? "not given" : printable(name)) + "; Blender writes " + format_names(),
      options.format ? "--format" : "output_format", "give --format PNG");
}

std::int64_t plan_frame(const task::Definition& definition) {
  // The old program rendered stills as frame 1, whatever frame the scene was saved at.
  if (!definition.use_frames) return 1;
  const std::string path = "renderer_options.frames";
  if (definition.frames.size() != 1) {
    const std::string count = definition.frames.empty() ? "no" : std::to_string(definition.frames.size());
    throw refused(
        "the task uses frames and lists " + count + " frames; only stills, and animations of one frame, can be rendered", path);
  }
  const std::int64_t frame = definition.frames.front();
  if (frame < 0 || frame > k_max_frame) {
    throw refused("frame " + std::to_string(frame) + " is outside of 0 to " + std::to_string(k_max_frame), path);
  }
  return frame;
}

std::int64_t saved_strips(const task::Definition& definition, std::vector<Finding>& notes) {
  const std::int64_t total = definition.total_subtasks;
  const bool in_range = total >= 1 && total <= k_max_subtasks;
  if (in_range && !definition.optimize_total) return total;
  std::string why = definition.optimize_total
                        ? "the task leaves the number of subtasks to the program"
                        : "total_subtasks is " + std::to_string(total) + ", outside of 1 to " + std::to_string(k_max_subtasks);
  notes.push_back({Finding::Severity::Note,
                   why + ": " + std::to_string(k_default_subtasks) + " strips, as the old program; --strips N chooses another",
                   {}});
  return k_default_subtasks;
}

std::int64_t plan_strips(const task::Definition& definition, const PlanOptions& options, Plan& plan) {
  const std::int64_t strips = options.strips ? *options.strips : saved_strips(definition, plan.notes);
  const std::string path = options.strips ? "--strips" : "total_subtasks";
  const std::int64_t height = plan.resolution[1];
  if (strips < 1) throw refused(std::to_string(strips) + " strips; a picture has at least one", path);
  if (strips > height) {
    throw refused(std::to_string(strips) + " strips of a picture of " + std::to_string(height) + " rows", path,
                  "give --strips with at most " + std::to_string(height));
  }
  if (strips > 1 && plan.format.stitching == Stitching::Whole) {
    throw refused("strips of format " + std::string(plan.format.saved) + " cannot be joined, and the task is split into " +
                      std::to_string(strips),
                  path, "give --strips 1, or --format PNG");
  }
  return strips;
}

}  // namespace

Plan make_plan(const task::Definition& definition, const PlanOptions& options) {
  require_blender(definition);
  Plan plan{.format = plan_format(definition, options),
            .resolution = plan_resolution(definition),
            .engine = plan_engine(definition, options),
            .adaptive = options.adaptive,
            .compositing = options.compositing,
            .subtasks = {},
            .notes = {}};
  const std::int64_t frame = plan_frame(definition);
  std::int64_t number = 0;
  for (const Rows& rows : even_strips(plan.resolution[1], plan_strips(definition, options, plan))) {
    plan.subtasks.push_back({.number = ++number, .frames = {frame}, .rows = rows});
  }
  return plan;
}

std::string output_name(std::string_view base, std::int64_t frame, const Format& format) {
  std::string digits = std::to_string(frame);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return std::string(base) + digits + std::string(format.extension);
}

}  // namespace gt::render
