// ContainerRunner over the Docker engine.
#pragma once

#include "lib/run/container_runner.h"

namespace gt::run {

class DockerRunner : public ContainerRunner {
 public:
  explicit DockerRunner(docker::Engine& engine) : engine_(engine) {}

  std::optional<std::string> find_image(const task::Image& image) override;
  docker::Reaped reap() override;
  ContainerEnd run(const docker::JobSpec& spec, std::optional<std::chrono::milliseconds> timeout) override;
  std::string engine() override;

 private:
  docker::Engine& engine_;  // the caller's
};

}  // namespace gt::run
