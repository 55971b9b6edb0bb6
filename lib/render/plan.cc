#include "lib/render/plan.h"

#include <algorithm>
#include <set>

#include "lib/base/text.h"
#include "lib/render/plan_parts.h"

namespace gt::render {
namespace {

// What the old program took where the task does not say (BlenderRenderTaskBuilder).
constexpr std::int64_t k_default_strips = 6;
// Blender's own limit (RNA: frame_end).
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
    out.strips = plan_total(definition, k_default_strips, "strips, as the old program; --strips N chooses another", plan.notes);
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

Plan plan_strips(const task::Definition& definition, const PlanOptions& options) {
  Plan plan{.renderer = task::Renderer::Blender,
            .format = plan_format(definition, options),
            .resolution = plan_resolution(definition),
            .engine = plan_engine(definition, options),
            .adaptive = options.adaptive,
            .compositing = plan_compositing(definition, options),
            .is_animation = definition.use_frames};
  plan.frames = plan_frames(definition, plan.notes);
  const Division division = plan_division(definition, options, plan);
  plan.strips = division.strips;
  add_subtasks(division, plan);
  return plan;
}

}  // namespace

std::string_view to_string(Setting setting) {
  constexpr std::string_view k_words[] = {"scene", "off", "on"};
  return k_words[static_cast<std::size_t>(setting)];
}

std::string_view to_string(Step step) {
  constexpr std::string_view k_words[] = {"strip", "film", "merge", "image", "program"};
  return k_words[static_cast<std::size_t>(step)];
}

std::int64_t Plan::films() const {
  return std::count_if(subtasks.begin(), subtasks.end(), [](const Subtask& one) { return one.step == Step::Film; });
}

std::vector<std::int64_t> Plan::needs(std::int64_t number) const {
  const Step step = subtask(number).step;
  std::vector<std::int64_t> out;
  if (step != Step::Merge && step != Step::Image) return out;
  // The picture is made of the merged film, or, where there is but one, of that.
  const Step needed = step == Step::Image && films() > 1 ? Step::Merge : Step::Film;
  for (const Subtask& other : subtasks)
    if (other.step == needed) out.push_back(other.number);
  return out;
}

Plan make_plan(const task::Definition& definition, const PlanOptions& options) {
  switch (work_of(definition)) {
    case Work::Blender: return plan_strips(definition, options);
    case Work::LuxRender: return plan_films(definition, options);
    case Work::Python: return plan_program(definition, options);
  }
  throw Error(ErrorCode::Bug, "a task of no kind");
}

std::vector<Group> make_groups(const Plan& plan, const std::vector<std::int64_t>& subtasks, std::int64_t count) {
  if (plan.renderer != task::Renderer::Blender) return make_single_groups(subtasks);
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

std::vector<Group> make_single_groups(const std::vector<std::int64_t>& subtasks) {
  std::vector<Group> groups;
  for (const std::int64_t number : subtasks) groups.push_back({number});
  return groups;
}

std::string place_of(const Plan& plan, const Subtask& subtask) {
  switch (subtask.step) {
    case Step::Strip: break;
    case Step::Film: return "film " + std::to_string(subtask.number) + " of " + std::to_string(plan.films());
    case Step::Merge: return "the films merged";
    case Step::Image: return "the picture of the film";
    case Step::Program: return "the task's program";
  }
  const std::string rows = "rows " + std::to_string(subtask.rows.first) + " to " + std::to_string(subtask.rows.end - 1);
  if (!plan.is_animation) return rows;
  return "frame " + std::to_string(subtask.frame) + (plan.strips > 1 ? ", " + rows : std::string());
}

std::string_view extension_of(const Plan& plan, const Subtask& subtask) {
  switch (subtask.step) {
    case Step::Strip:
    case Step::Image: return plan.format.extension;
    case Step::Film:
    case Step::Merge: return ".flm";
    case Step::Program: break;
  }
  return {};
}

std::string output_name(std::string_view base, std::int64_t frame, const Format& format) {
  std::string digits = std::to_string(frame);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return std::string(base) + digits + std::string(format.extension);
}

}  // namespace gt::render
