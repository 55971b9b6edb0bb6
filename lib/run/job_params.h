// What a container is told: the script's parameters and the specification of the job.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "lib/docker/job.h"
#include "lib/render/plan.h"
#include "lib/run/limits.h"
#include "lib/run/owner.h"
#include "lib/run/run_directory.h"

namespace gt::run {

// Base of the names of results in /golem/output. Blender replaces '#' in names, so it must hold none.
constexpr std::string_view k_output_base = "strip";

// What all containers of a run have in common.
struct JobTemplate {
  task::Image image;
  std::string script;       // text of job.py
  std::string crop_script;  // text that Blender itself runs
  std::string scene;        // path in the container
  Limits limits;
  Owner owner;
  docker::Isolation isolation;  // its memory, and where they are absent its cpus, come from the limits
  std::string run_id;           // label, so that a run's containers can be found
  // Loggers golem.task.docker.job, what becomes of each container, and golem.task.docker.job.container, each line of their
  // output; both at debug level. May be empty.
  std::shared_ptr<spdlog::logger> job_log = {};
  std::shared_ptr<spdlog::logger> container_log = {};
};

docker::JobSpec make_job_spec(const JobTemplate& common, const render::Plan& plan, const render::Subtask& subtask,
                              const std::filesystem::path& run_directory);

}  // namespace gt::run
