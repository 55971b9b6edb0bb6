#include "lib/run/docker_runner.h"

#include "lib/docker/engine.h"

namespace gt::run {

bool DockerRunner::has_image(const task::Image& image) { return engine_.find_image(image).has_value(); }

docker::WaitResult DockerRunner::run(const docker::JobSpec& spec, const docker::LogFiles& logs,
                                     std::optional<std::chrono::milliseconds> timeout, const std::function<bool()>& cancelled) {
  docker::Job job(engine_, spec);  // its destructor removes the container
  job.start();
  const docker::WaitResult result = job.wait(timeout, cancelled);
  // A lost engine has no logs to give, and asking for them would hide what happened.
  if (result.end != docker::WaitResult::End::EngineLost) job.dump_logs(logs);
  return result;
}

}  // namespace gt::run
