#include "lib/run/choose_engine.h"

#include <unistd.h>

#include <cstdlib>

#include "lib/docker/engine.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool answers(const std::string& socket) {
  if (socket.empty()) return false;
  try {
    docker::Engine({.host = socket, .timeout = 5s}).ping();
    return true;
  } catch (const Error&) {
    return false;
  }
}

ChosenEngine podman(const EngineHosts& hosts) {
  ChosenEngine out;
  if (answers(hosts.podman_socket)) {
    out.host = hosts.podman_socket;
    return out;
  }
  const fs::path program = PodmanService::find_program();
  if (program.empty())
    throw Error(ErrorCode::EngineUnreachable, "podman is not installed", {},
                "install it (Debian package podman), or use Docker");
  out.service = std::make_unique<PodmanService>(program);
  out.host = out.service->host();
  return out;
}

}  // namespace

EngineHosts EngineHosts::from_environment() {
  EngineHosts out;
  out.docker_host = environment("DOCKER_HOST");
  out.container_host = environment("CONTAINER_HOST");
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  if (::geteuid() == 0) {
    out.podman_socket = "/run/podman/podman.sock";
  } else if (!runtime.empty()) {
    out.podman_socket = runtime + "/podman/podman.sock";
  }
  return out;
}

ChosenEngine choose_engine(EngineKind kind, const EngineHosts& hosts) {
  ChosenEngine out;
  if (kind != EngineKind::Podman && !hosts.docker_host.empty()) {
    out.host = hosts.docker_host;
  } else if (kind != EngineKind::Docker && !hosts.container_host.empty()) {
    out.host = hosts.container_host;
  } else if (kind == EngineKind::Podman) {
    out = podman(hosts);
  } else if (kind == EngineKind::Docker || answers(hosts.docker_socket) || PodmanService::find_program().empty()) {
    out.host = hosts.docker_socket;
  } else {
    out = podman(hosts);
    out.notes.push_back({Finding::Severity::Note, "no Docker engine answers at " + hosts.docker_socket + "; using Podman" +
                                                      (out.service ? ", with a service of this run" : "")});
  }
  return out;
}

}  // namespace gt::run
