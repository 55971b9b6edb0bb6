// The boundary to the container engine: the executor knows only this. docker_runner.h has the real one, tests a fake.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "lib/docker/job.h"

namespace gt::run {

class ContainerRunner {
 public:
  virtual ~ContainerRunner() = default;

  // Throws EngineUnreachable when no engine answers.
  virtual bool has_image(const task::Image& image) = 0;

  // Runs one container from creation to removal; its logs are in `logs` and the container is gone when this returns or
  // throws, whatever happened. `cancelled` is polled. Called from several threads at once.
  virtual docker::WaitResult run(const docker::JobSpec& spec, const docker::LogFiles& logs,
                                 std::optional<std::chrono::milliseconds> timeout, const std::function<bool()>& cancelled) = 0;
};

}  // namespace gt::run
