// Which engine a run uses.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/run/podman_service.h"

namespace gt::run {

enum class EngineKind : std::uint8_t { Any, Docker, Podman };

// Where engines may be found; the first two as the environment has them, empty if it does not.
struct EngineHosts {
  std::string docker_host;     // DOCKER_HOST
  std::string container_host;  // CONTAINER_HOST, Podman's
  std::string docker_socket = "/var/run/docker.sock";
  std::string podman_socket;  // of the service that the system starts on demand, if it does

  static EngineHosts from_environment();
};

struct ChosenEngine {
  std::unique_ptr<PodmanService> service;  // started for this run, if any
  std::string host;                        // for docker::EngineOptions
  std::vector<Finding> notes;
};

// An address that the environment names is taken, whether it answers or not. Otherwise Docker's socket if it answers, else
// Podman's, else a service of Podman's is started for this run. Throws EngineUnreachable when that fails, and for
// EngineKind::Podman when Podman is not installed; for the other kinds that shows when the host is used.
ChosenEngine choose_engine(EngineKind kind, const EngineHosts& hosts);

}  // namespace gt::run
