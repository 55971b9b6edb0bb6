// What went wrong with a container, told so that the user can act: how it ended, its last words, where its logs are.
#pragma once

#include <string>

#include "lib/base/error.h"
#include "lib/docker/job.h"
#include "lib/run/limits.h"
#include "lib/run/result_check.h"
#include "lib/run/run_directory.h"
#include "lib/run/run_plan.h"

namespace gt::run {

// "subtask 3 of 6 (rows 36 to 53)", "subtask 3 of 24 (frame 3)", "subtask 3 of 7 (film 3 of 5)".
std::string name_of(const RunPlan& plan, const render::Subtask& subtask);

// "; its logs are in out.png.run/containers/00003-1, stderr.log ends with: ..."
std::string log_text(const ContainerPaths& paths);

// Of a container that did not end with exit code 0: the cause for the subtask that it was at, and "ended with exit code 139
// (segmentation fault)". `has_begun`: it had begun with a subtask; `own_script`: exit codes are the task's own script's.
struct EndContext {
  bool has_begun = false;
  bool own_script = false;
  std::uint64_t memory = 0;
};
Failure failure_of(const docker::WaitResult& end, const EndContext& context);

// A subtask that took longer than `limits` allow, and the whole run.
std::string subtask_timeout_text(const Limits& limits);
Error full_timeout_error(const Limits& limits);

}  // namespace gt::run
