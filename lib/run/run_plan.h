// All that a run needs, as it lies in its run directory: who has that directory can render any subtask.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lib/docker/isolation.h"
#include "lib/render/plan.h"
#include "lib/run/limits.h"
#include "lib/run/record.h"
#include "lib/task/definition.h"

namespace gt::run {

// A file that the picture depends on.
struct InputFile {
  std::string name;  // where it came from, or what it is: "the task", "job.py"
  std::uint64_t size = 0;
  std::string sha256;
  bool operator==(const InputFile&) const = default;
};

// A box of one subtask's rows that is rendered once more and compared.
struct Verification {
  std::int64_t subtask = 1;
  render::Rows rows;     // of the whole frame
  render::Rows columns;  // [first, end) from the left
};

// A LuxRender scene as luxconsole gets it.
struct LuxScenes {
  std::string film;   // for a film
  std::string image;  // for the picture of one
};

struct RunPlan {
  render::Plan plan;
  task::Image image;           // its id is empty until the engine was asked
  std::string script;          // text of job.py
  bool is_own_script = false;  // the task's own: it renders one subtask at a time
  std::string crop_script;     // text that Blender itself runs
  std::string scene;           // path in the container; empty: there is none
  LuxScenes lux;               // of LuxRender
  Limits limits;               // of each container
  docker::Isolation isolation;
  std::vector<InputFile> inputs;
  std::vector<Verification> verifications;
  std::string output;  // the picture, the base of the frames' names, or the directory of what a program leaves

  // The built-in script of Blender: renders several subtasks in one process, says how far it is, gives results their names
  // when they are whole, and renders any box.
  bool uses_blendercrop() const { return plan.renderer == task::Renderer::Blender && !is_own_script; }
};

// render::make_groups; a task's own script renders one subtask at a time.
std::vector<render::Group> make_groups(const RunPlan& plan, const std::vector<std::int64_t>& subtasks, std::int64_t count);

// Written so that it is whole or not at all, with a digest: one that was cut or changed is not read. Throws RunState for that
// and for another version's.
void write_run_plan(const std::filesystem::path& file, const RunPlan& plan);
RunPlan read_run_plan(const std::filesystem::path& file);
// The same for people, as JSON, with what became of subtasks so far.
std::string to_json(const RunPlan& plan, const std::vector<Record>& state);

// Why a run that began with `before` cannot go on as `now`, each in one phrase; empty if it can.
std::vector<std::string> differences(const RunPlan& before, const RunPlan& now);

}  // namespace gt::run
