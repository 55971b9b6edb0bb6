// The plan: which containers a render task needs, decided before anything starts.
//
// make_plan is a pure function of the definition and the user's overrides: it touches no file and no engine, so that
// --dry-run, a test and a real run see the same plan. What it cannot do it refuses with the way out; what it changed
// (the number of strips) it says in notes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/render/format.h"
#include "lib/render/strips.h"
#include "lib/task/definition.h"

namespace gt::render {

// Scene: whatever the scene file says. Off: switched off for the render.
enum class Setting : std::uint8_t { Scene, Off };

struct PlanOptions {
  std::optional<std::int64_t> strips = {};
  std::optional<std::string> format = {};           // saved name: "PNG"
  std::optional<std::string> engine_override = {};  // "CYCLES", or "scene": the scene's own engine
  Setting adaptive = Setting::Scene;                // Cycles' adaptive sampling
  Setting compositing = Setting::Scene;
};

// What one container renders.
struct Subtask {
  std::int64_t number = 1;  // from 1, in the order of the picture from the top
  std::vector<std::int64_t> frames;
  Rows rows;
};

struct Plan {
  Format format;
  std::array<std::int64_t, 2> resolution{0, 0};
  std::string engine;  // empty: the scene's own
  Setting adaptive = Setting::Scene;
  Setting compositing = Setting::Scene;
  std::vector<Subtask> subtasks;
  std::vector<Finding> notes;
};

// Throws PlanInvalid (a task that cannot be rendered as it stands, with the option that helps), NotBlender, and Usage for an
// option that cannot be.
Plan make_plan(const task::Definition& definition, const PlanOptions& options);

// Name that Blender gives the picture of `frame`: base, frame of at least four digits, extension.
std::string output_name(std::string_view base, std::int64_t frame, const Format& format);

}  // namespace gt::render
