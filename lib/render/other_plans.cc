#include <algorithm>
#include <string_view>

#include "lib/base/text.h"
#include "lib/render/plan_parts.h"

namespace gt::render {
namespace {

using task::Renderer;

// The range that the old program accepted (BlenderRenderTaskBuilder, LuxRenderTaskBuilder).
constexpr std::int64_t k_max_subtasks = 100;
// LuxRenderTaskBuilder's own.
constexpr std::int64_t k_default_films = 5;
// Blender's own limit (RNA: resolution_x).
constexpr std::int64_t k_max_resolution = 65536;
// What a LuxRender film can be written as.
constexpr std::string_view k_lux_formats[] = {"PNG", "EXR", "TGA"};

void require_no_blender_options(const PlanOptions& options, const std::string& task) {
  const std::string why = "is for Blender; this is a " + task + " task";
  if (options.strips) throw refused(why, "--strips");
  if (options.engine_override) throw refused(why, "--engine-override");
  if (options.adaptive != Setting::Scene) throw refused(why, "--adaptive");
  if (options.compositing) throw refused(why, "--compositing");
}

Format lux_format(const task::Definition& definition, const PlanOptions& options) {
  const std::string& name = options.format ? *options.format : definition.output_format;
  const auto format = find_format(name);
  const bool is_known =
      format && std::find(std::begin(k_lux_formats), std::end(k_lux_formats), format->saved) != std::end(k_lux_formats);
  if (is_known) return *format;
  throw refused("the picture format is " + (name.empty() ? "not given" : printable(name)) + "; LuxRender writes PNG, EXR, TGA",
                options.format ? "--format" : "output_format", "give --format PNG");
}

// What a renderer is that no image has.
std::string_view about(Renderer renderer) {
  switch (renderer) {
    case Renderer::ThreeDSMax: return ", made for Autodesk's 3ds Max, a program for Windows that no image has";
    case Renderer::VRay: return ", made for V-Ray, a commercial renderer that no image has";
    case Renderer::Pbrt: return ", made for PBRT, which the old program ran as pbrt.exe, and no image has";
    case Renderer::None:
    case Renderer::Blender:
    case Renderer::LuxRender:
    case Renderer::Unknown: break;
  }
  return {};
}

Error not_for_containers(const task::Definition& definition) {
  std::string what = "a " + std::string(to_string(definition.renderer)) + " task";
  if (definition.renderer == Renderer::None) what = "a task without a renderer";
  if (definition.renderer == Renderer::Unknown) what = "a task of an unknown renderer";
  const std::string& name = definition.options_class.empty() ? definition.class_name : definition.options_class;
  what += " (" + printable(name) + ")";
  return Error(ErrorCode::NotBlender, "this is " + what + std::string(about(definition.renderer)) +
                                          "; only Blender, LuxRender and Python tasks can be rendered");
}

}  // namespace

Work work_of(const task::Definition& definition) {
  if (definition.renderer == Renderer::Blender) return Work::Blender;
  if (definition.renderer == Renderer::LuxRender) return Work::LuxRender;
  const bool has_program = definition.main_scene_file.empty() && !definition.main_program_file.empty();
  if (definition.renderer == Renderer::None && has_program) return Work::Python;
  throw not_for_containers(definition);
}

Error refused(std::string message, const std::string& place, std::string hint) {
  if (place.rfind("--", 0) == 0) return Error(ErrorCode::Usage, place + ": " + message, {}, std::move(hint));
  return Error(ErrorCode::PlanInvalid, std::move(message), {.path = place}, std::move(hint));
}

std::array<std::int64_t, 2> plan_resolution(const task::Definition& definition) {
  for (const std::int64_t side : definition.resolution) {
    if (side >= 1 && side <= k_max_resolution) continue;
    throw refused("the picture is " + std::to_string(definition.resolution[0]) + " x " +
                      std::to_string(definition.resolution[1]) + " pixels; " + std::string(to_string(definition.renderer)) +
                      " renders 1 to " + std::to_string(k_max_resolution) + " in each direction",
                  "resolution");
  }
  return definition.resolution;
}

std::int64_t plan_total(const task::Definition& definition, std::int64_t otherwise, const std::string& text,
                        std::vector<Finding>& notes) {
  const std::int64_t total = definition.total_subtasks;
  const bool in_range = total >= 1 && total <= k_max_subtasks;
  if (in_range && !definition.optimize_total) return total;
  const std::string why = definition.optimize_total ? "the task leaves the number of subtasks to the program"
                                                    : "total_subtasks is " + std::to_string(total) + ", outside of 1 to " +
                                                          std::to_string(k_max_subtasks);
  notes.push_back({Finding::Severity::Note, why + ": " + std::to_string(otherwise) + " " + text, {}});
  return otherwise;
}

Plan plan_films(const task::Definition& definition, const PlanOptions& options) {
  require_no_blender_options(options, "LuxRender");
  Plan plan{.renderer = Renderer::LuxRender, .format = lux_format(definition, options)};
  plan.resolution = plan_resolution(definition);
  plan.frames = {1};
  const std::int64_t films = plan_total(definition, k_default_films, "films, as the old program", plan.notes);
  const auto add = [&](Step step) {
    const auto number = static_cast<std::int64_t>(plan.subtasks.size()) + 1;
    plan.subtasks.push_back({.number = number, .frame = 1, .rows = {0, plan.resolution[1]}, .part = number, .step = step});
  };
  for (std::int64_t film = 0; film < films; ++film) add(Step::Film);
  if (films > 1) add(Step::Merge);
  add(Step::Image);
  return plan;
}

Plan plan_program(const task::Definition& definition, const PlanOptions& options) {
  require_no_blender_options(options, "Python");
  if (options.format) throw refused("is for pictures; this is a Python task, whose program writes what it will", "--format");
  Plan plan{.renderer = Renderer::None};
  plan.frames = {1};
  plan.subtasks = {{.number = 1, .frame = 1, .rows = {0, 1}, .part = 1, .step = Step::Program}};
  // The old program gave each subtask the same script and the same resources.
  if (definition.total_subtasks > 1)
    plan.notes.push_back({Finding::Severity::Note,
                          "total_subtasks is " + std::to_string(definition.total_subtasks) + ": the program runs once",
                          {}});
  return plan;
}

}  // namespace gt::render
