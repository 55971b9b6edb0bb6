// A task from plan to pictures, in spite of everything.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/files.h"
#include "lib/run/container_runner.h"
#include "lib/run/job_params.h"
#include "lib/run/observer.h"
#include "lib/run/scheduler.h"
#include "lib/run/staging.h"

namespace gt::run {

struct RenderRequest {
  RunPlan run;  // its image has an id; inputs are filled in here, and `inputs` may hold those that are not staged
  TaskFiles files;
  task::Verification verification;
  std::vector<Finding> scene_findings = {};  // of a LuxRender scene (lux_scene.h)
  RunContext context;
  Owner owner;
  std::filesystem::path run_directory;
  Clobber clobber = Clobber::Replace;
  Keep keep = Keep::Logs;
  std::string tools_version;  // of gt-tools, for the report
  bool restart = false;       // whatever an earlier run of that directory has done
};

struct RunOutcome {
  std::vector<std::filesystem::path> pictures;  // that were published
  std::vector<Loss> losses;                     // of an animation: of its other frames. Never of a still
  std::int64_t from_before = 0;                 // subtasks that an earlier run had done
};

// Stages the files, or goes on where an earlier run with the same command ended; renders every subtask, joins strips, and
// publishes each picture whole. A picture that fails stays as it was. Throws Usage when a file of the task or a picture lies in
// the run directory, RunChanged when an earlier run began with something else, the error of a still's first loss, and what
// Scheduler::run, stage, RunDirectory and Pictures throw.
RunOutcome render_task(RenderRequest request, ContainerRunner& runner, Observer& observer, const StopFlag& stop);

// Only what is needed for single subtasks to be rendered, here or elsewhere: the run directory with plan and resources.
void prepare_task(RenderRequest request, const StopFlag& stop);

// Renders these subtasks of a run directory that has a plan, in as few containers as can be, and leaves their results and
// records there. Those that are done already are left as they are. Throws the error of the first that failed.
void render_subtasks(const std::filesystem::path& run_directory, const std::vector<std::int64_t>& subtasks,
                     const RunContext& context, ContainerRunner& runner, Observer& observer, const StopFlag& stop);

}  // namespace gt::run
