// What went wrong with a subtask, told so that the user can act: which one, how it ended, its last words, where its logs are.
#pragma once

#include "lib/base/error.h"
#include "lib/docker/job.h"
#include "lib/render/plan.h"
#include "lib/run/limits.h"
#include "lib/run/run_directory.h"

namespace gt::run {

struct SubtaskContext {
  const render::Plan& plan;
  const render::Subtask& subtask;
  const SubtaskPaths& paths;
  const Limits& limits;
};

// Throws ContainerFailed, ContainerTimeout, ContainerMemory or EngineUnreachable unless the container ended with exit code 0.
void require_success(const docker::WaitResult& result, const SubtaskContext& context);

// Exit code 0 is not success: throws ResultInvalid, with the end of the log, unless the result is what was planned.
void check_subtask(const SubtaskContext& context);

// The whole run took longer than allowed.
Error full_timeout_error(const Limits& limits);

}  // namespace gt::run
