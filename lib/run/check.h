// What can be known of a task before it starts: errors, with which no picture or a wrong one would come out, and warnings.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/base/error.h"
#include "lib/run/limits.h"
#include "lib/run/probe.h"
#include "lib/run/run_plan.h"
#include "lib/run/task_files.h"

namespace gt::run {

struct CheckParts {
  const RunPlan& plan;
  const TaskFiles& files;
  Machine machine;
  std::string saved_output;                  // as the task or the user names it
  std::int64_t estimated_memory = 0;         // bytes, as the task has it
  std::uint64_t free_disk = 0;               // bytes where the run directory will be; 0: not known
  std::optional<BlenderFacts> image;         // what the image has, where it was asked
  std::vector<Finding> scene_findings = {};  // of a LuxRender scene
};

// In the order in which a user would look at them. A scene that only the task's own script opens cannot make errors.
std::vector<Finding> check_task(const CheckParts& parts);

}  // namespace gt::run
