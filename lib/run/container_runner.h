// The boundary to the container engine: the executor knows only this. docker_runner.h has the real one, tests a fake.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "lib/docker/job.h"
#include "lib/docker/reap.h"

namespace gt::run {

// How a container ended, and what is worth telling about it.
struct ContainerEnd {
  docker::WaitResult result = {};
  std::string container = {};     // its name on the engine
  std::uint64_t peak_memory = 0;  // bytes, sampled; 0: not known
  docker::LogReport log = {};
  std::vector<Finding> findings = {};
};

class ContainerRunner {
 public:
  virtual ~ContainerRunner() = default;

  // The id of that image, absent if there is none. Throws EngineUnreachable when no engine answers.
  virtual std::optional<std::string> find_image(const task::Image& image) = 0;
  // Removes the containers that this user's killed runs left. Throws the same.
  virtual docker::Reaped reap() = 0;

  // Runs one container from creation to removal; its logs are in the files of spec.live_log and the container is gone when
  // this returns or throws, whatever happened. Called from several threads at once.
  virtual ContainerEnd run(const docker::JobSpec& spec, std::optional<std::chrono::milliseconds> timeout) = 0;

  // Name and version of the engine: "Docker 20.10.24"; empty if it does not say. Throws EngineUnreachable.
  virtual std::string engine() { return {}; }
};

}  // namespace gt::run
