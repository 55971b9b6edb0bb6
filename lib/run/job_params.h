// What a container is told: the script's parameters and the specification of the job.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/docker/job.h"
#include "lib/run/run_directory.h"
#include "lib/run/run_plan.h"

namespace gt::run {

// A picture that a container is to render: a subtask's, or a box of it.
struct Piece {
  std::int64_t subtask = 1;
  std::int64_t frame = 1;
  render::Rows rows;
  render::Rows columns;
  std::string name;  // of its file in /golem/output
  std::string mark;  // noted in the file where its format can
};

// The whole of a subtask. A task's own script gives its result the name that the old program's had; a program's has none.
Piece piece_of(const RunPlan& plan, const render::Subtask& subtask);
// The box of a verification.
Piece piece_of(const RunPlan& plan, const Verification& verification);

// Who runs, and who listens; not part of the plan.
struct RunContext {
  std::string run_id;  // label, so that a run's containers can be found
  // Loggers golem.task.docker.job, what becomes of each container, and golem.task.docker.job.container, each line of their
  // output; both at debug level. May be empty.
  std::shared_ptr<spdlog::logger> job_log = {};
  std::shared_ptr<spdlog::logger> container_log = {};
};

// `pieces` in one container with at most `memory` bytes, 0: no limit.
docker::JobSpec make_job_spec(const RunPlan& plan, const RunContext& context, const std::vector<Piece>& pieces,
                              const ContainerPaths& paths, const std::filesystem::path& run_directory, std::uint64_t memory);

}  // namespace gt::run
