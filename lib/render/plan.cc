#include "lib/render/plan.h"

#include <algorithm>
#include <set>

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

// The frames of the task, each once, in its order.
std::vector<std::int64_t> plan_frames(const task::Definition& definition, std::vector<Finding>& notes) {
  // The old program rendered stills as frame 1, whatever frame the scene was saved at.
  if (!definition.use_frames) return {1};
  const std::string path = "renderer_options.frames";
  if (definition.frames.empty()) throw refused("the task uses frames and lists none", path);
  std::vector<std::int64_t> frames;
  std::set<std::int64_t> seen;
  for (const std::int64_t frame : definition.frames) {
    if (frame < 0 || frame > k_max_frame)
      throw refused("frame " + std::to_string(frame) + " is outside of 0 to " + std::to_string(k_max_frame), path);
    if (seen.insert(frame).second) frames.push_back(frame);
  }
  if (frames.size() != definition.frames.size()) {
    notes.push_back({Finding::Severity::Note,
                     "the task lists " + std::to_string(definition.frames.size()) + " frames, " +
                         std::to_string(frames.size()) + " of them different: each is rendered once",
                     {.path = path}});
  }
  return frames;
}

std::string parts_text(std::int64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// How the old program divides the work: strips of each frame, or frames of each part.
struct Division {
  std::int64_t strips = 1;
  std::int64_t frames_per_part = 1;
};

// BlenderRenderTaskBuilder: a still. Out of its range, or left to the program, it has k_default_subtasks strips.
Division divide_still(const task::Definition& definition, std::vector<Finding>& notes) {
  const std::int64_t total = definition.total_subtasks;
  const bool in_range = total >= 1 && total <= k_max_subtasks;
  if (in_range && !definition.optimize_total) return {.strips = total};
  std::string why = definition.optimize_total
                        ? "the task leaves the number of subtasks to the program"
                        : "total_subtasks is " + std::to_string(total) + ", outside of 1 to " + std::to_string(k_max_subtasks);
  notes.push_back({Finding::Severity::Note,
                   why + ": " + std::to_string(k_default_subtasks) + " strips, as the old program; --strips N chooses another",
                   {}});
  return {.strips = k_default_subtasks};
}

// FrameRenderingTaskBuilder: as many strips of each frame as fit into the number of subtasks, or as many frames for each
// subtask as are needed.
Division divide_frames(const task::Definition& definition, std::int64_t frames, std::vector<Finding>& notes) {
  if (definition.optimize_total) return {};
  const std::int64_t total = definition.total_subtasks;
  if (total < 1) throw refused(std::to_string(total) + " subtasks; an animation has at least one", "total_subtasks");
  Division out;
  if (total > frames) {
    out.strips = total / frames;
  } else {
    out.frames_per_part = (frames + total - 1) / total;
  }
  const std::int64_t parts = out.strips > 1 ? out.strips * frames : (frames + out.frames_per_part - 1) / out.frames_per_part;
  if (parts != total) {
    notes.push_back({Finding::Severity::Note,
                     "total_subtasks is " + std::to_string(total) + ": " + std::to_string(parts) +
                         ", as the old program, so that all have the same number of " +
                         (total > frames ? "strips (" + parts_text(out.strips, "strip") + " of each of "
                                         : "frames (" + std::to_string(out.frames_per_part) + " at most, of ") +
                         parts_text(frames, "frame") + ")",
                     {}});
  }
  return out;
}

// The number of strips that can be: of the task, or of --strips.
std::int64_t checked_strips(std::int64_t strips, const Plan& plan, const std::string& path, std::vector<Finding>& notes) {
  const std::int64_t height = plan.resolution[1];
  if (strips < 1) throw refused(std::to_string(strips) + " strips; a picture has at least one", path);
  if (strips > height) {
    throw refused(std::to_string(strips) + " strips of a picture of " + std::to_string(height) + " rows", path,
                  "give --strips with at most " + std::to_string(height));
  }
  const std::int64_t most = most_strips(height, picture::row_granularity(plan.format.kind));
  if (strips <= most) return strips;
  notes.push_back({Finding::Severity::Note,
                   parts_text(most, "strip") + " instead of " + std::to_string(strips) + ": " + std::string(plan.format.saved) +
                       " can only be cut at multiples of " + std::to_string(picture::row_granularity(plan.format.kind)) +
                       " rows without loss",
                   {.path = path}});
  return most;
}

Division plan_division(const task::Definition& definition, const PlanOptions& options, Plan& plan) {
  const auto frames = static_cast<std::int64_t>(plan.frames.size());
  Division out;
  if (options.strips) {
    out.strips = *options.strips;
  } else if (plan.is_animation) {
    out = divide_frames(definition, frames, plan.notes);
  } else {
    out = divide_still(definition, plan.notes);
  }
  out.strips = checked_strips(out.strips, plan, options.strips ? "--strips" : "total_subtasks", plan.notes);
  return out;
}

void add_subtasks(const Division& division, Plan& plan) {
  const std::vector<Rows> strips = even_strips(plan.resolution[1], division.strips, picture::row_granularity(plan.format.kind));
  std::int64_t number = 0;
  for (std::size_t i = 0; i < plan.frames.size(); ++i) {
    for (const Rows& rows : strips) {
      ++number;
      const std::int64_t part = division.strips > 1 ? number : static_cast<std::int64_t>(i) / division.frames_per_part + 1;
      plan.subtasks.push_back({.number = number, .frame = plan.frames[i], .rows = rows, .part = part});
    }
  }
}

// What the user says, else what the task does.
Setting plan_compositing(const task::Definition& definition, const PlanOptions& options) {
  if (options.compositing) return *options.compositing;
  if (!definition.compositing) return Setting::Scene;
  return *definition.compositing ? Setting::On : Setting::Off;
}

}  // namespace

std::string_view to_string(Setting setting) {
  constexpr std::string_view k_words[] = {"scene", "off", "on"};
  return k_words[static_cast<std::size_t>(setting)];
}

Plan make_plan(const task::Definition& definition, const PlanOptions& options) {
  require_blender(definition);
  Plan plan{.format = plan_format(definition, options),
            .resolution = plan_resolution(definition),
            .engine = plan_engine(definition, options),
            .adaptive = options.adaptive,
            .compositing = plan_compositing(definition, options),
            .is_animation = definition.use_frames,
            .strips = 1,
            .frames = {},
            .subtasks = {},
            .notes = {}};
  plan.frames = plan_frames(definition, plan.notes);
  const Division division = plan_division(definition, options, plan);
  plan.strips = division.strips;
  add_subtasks(division, plan);
  return plan;
}

std::vector<Group> make_groups(const Plan& plan, const std::vector<std::int64_t>& subtasks, std::int64_t count) {
  std::vector<Group> groups;
  std::int64_t last_part = 0;
  std::size_t turn = 0;
  // Strips of one frame go faster together, if that leaves no container without work.
  const bool by_frame = plan.strips > 1 && static_cast<std::int64_t>(plan.frames.size()) >= count;
  for (const std::int64_t number : subtasks) {
    const std::int64_t part = by_frame ? (number - 1) / plan.strips + 1 : plan.subtask(number).part;
    if (part != last_part) {
      turn = last_part == 0 ? 0 : (turn + 1) % static_cast<std::size_t>(std::max<std::int64_t>(count, 1));
      last_part = part;
      if (turn == groups.size()) groups.emplace_back();
    }
    groups[turn].push_back(number);
  }
  return groups;
}

std::string output_name(std::string_view base, std::int64_t frame, const Format& format) {
  std::string digits = std::to_string(frame);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return std::string(base) + digits + std::string(format.extension);
}

}  // namespace gt::render
