// The plan: which pictures a task needs, and which of them share a container, decided before anything starts.
//
// make_plan is a pure function of the definition and the user's overrides: it touches no file and no engine, so that
// --dry-run, a test and a real run see the same plan. What it cannot do it refuses with the way out; what it changed
// (the number of strips) it says in notes.
//
//   Blender     strips of frames, each a Strip
//   LuxRender   several Films of the whole picture, a Merge of them, and the Image of that
//   Python      the task's own Program, once
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/render/format.h"
#include "lib/render/strips.h"
#include "lib/task/definition.h"

namespace gt::render {

// Scene: whatever the scene file says. Off, On: switched for the render.
enum class Setting : std::uint8_t { Scene, Off, On };
std::string_view to_string(Setting setting);  // "scene", "off", "on"

struct PlanOptions {
  std::optional<std::int64_t> strips = {};          // of each frame
  std::optional<std::string> format = {};           // saved name: "PNG"
  std::optional<std::string> engine_override = {};  // "CYCLES", or "scene": the scene's own engine
  Setting adaptive = Setting::Scene;                // Cycles' adaptive sampling
  std::optional<Setting> compositing = {};          // absent: as the task says, else as the scene does
};

// What a subtask makes.
enum class Step : std::uint8_t {
  Strip,    // a strip of one frame, or all of it
  Film,     // LuxRender: all samples of the whole picture that it took
  Merge,    // a film of the samples of all films
  Image,    // the picture of a film
  Program,  // the files that the task's own program leaves
};
std::string_view to_string(Step step);  // "strip"

// The smallest piece of work that succeeds or fails by itself.
struct Subtask {
  std::int64_t number = 1;  // from 1: frame by frame, from the top
  std::int64_t frame = 1;
  Rows rows;
  std::int64_t part = 1;  // what the old program gave to one machine: strips one by one, frames several together
  Step step = Step::Strip;
};

struct Plan {
  task::Renderer renderer = task::Renderer::Blender;  // None: the task's own program
  Format format = {};                                 // of the pictures; of a program there is none
  std::array<std::int64_t, 2> resolution{0, 0};
  std::string engine = {};  // empty: the scene's own
  Setting adaptive = Setting::Scene;
  Setting compositing = Setting::Scene;
  bool is_animation = false;  // pictures are named by their frames
  std::int64_t strips = 1;    // of each frame
  std::vector<std::int64_t> frames = {};
  std::vector<Subtask> subtasks = {};
  std::vector<Finding> notes = {};

  std::int64_t parts() const { return subtasks.empty() ? 0 : subtasks.back().part; }
  const Subtask& subtask(std::int64_t number) const { return subtasks.at(static_cast<std::size_t>(number - 1)); }
  std::int64_t films() const;  // their number
  // The subtasks whose results `subtask` is made of.
  std::vector<std::int64_t> needs(std::int64_t subtask) const;
  // All strips of the frame that `subtask` belongs to, from the top.
  std::span<const Subtask> frame_of(std::int64_t subtask) const {
    const auto count = static_cast<std::size_t>(strips);
    return std::span(subtasks).subspan(static_cast<std::size_t>(subtask - 1) / count * count, count);
  }
};

// Throws PlanInvalid (a task that cannot be rendered as it stands, with the option that helps), NotBlender for a task of a
// renderer that runs in no container, and Usage for an option that cannot be.
Plan make_plan(const task::Definition& definition, const PlanOptions& options);

// Subtasks that one process renders in one container, which loads the scene once; their numbers.
using Group = std::vector<std::int64_t>;

// `count` groups at most, of whole parts, dealt out in turn: neighbouring frames cost about the same, so that groups end
// together. Of `subtasks` only, which are numbers of `plan` in rising order. What is no strip has a container of its own.
std::vector<Group> make_groups(const Plan& plan, const std::vector<std::int64_t>& subtasks, std::int64_t count);
// Each in a container of its own.
std::vector<Group> make_single_groups(const std::vector<std::int64_t>& subtasks);

// Which part of the work it is, for people: "rows 0 to 134", "frame 7, rows 0 to 134", "film 2 of 5".
std::string place_of(const Plan& plan, const Subtask& subtask);

// Of the file that `subtask` makes: ".png", ".flm"; empty of a program.
std::string_view extension_of(const Plan& plan, const Subtask& subtask);

// Name that Blender gives the picture of `frame`: base, frame of at least four digits, extension.
std::string output_name(std::string_view base, std::int64_t frame, const Format& format);

}  // namespace gt::render
