#include "lib/run/docker_runner.h"

#include "lib/docker/engine.h"

namespace gt::run {

bool DockerRunner::has_image(const task::Image& image) { return engine_.find_image(image).has_value(); }

docker::Reaped DockerRunner::reap() { return docker::reap(engine_); }

ContainerEnd DockerRunner::run(const docker::JobSpec& spec, std::optional<std::chrono::milliseconds> timeout) {
  docker::Job job(engine_, spec);  // its destructor removes the container
  job.start();
  ContainerEnd end{.result = job.wait(timeout), .findings = job.findings()};
  // A lost engine has no more to say, and waiting for it would hide what happened.
  if (end.result.end != docker::WaitResult::End::EngineLost) end.log = job.finish_live_log();
  return end;
}

}  // namespace gt::run
