#include "tests/docker/own_podman.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "tests/docker/second_engine.h"

namespace gt::testing {

std::string OwnPodman::obstacle() {
  if (run::PodmanService::find_program().empty()) return "there is no podman";
  if (::geteuid() != 0) return "only root can give Podman a storage of its own here";
  if (std::system("docker image inspect golem/base >/dev/null 2>&1") != 0)
    return "Docker has no image golem/base to copy; ./dev images makes it";
  return {};
}

OwnPodman::OwnPodman() {
  std::string pattern = "/tmp/gt-podman-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory for Podman");
  root_ = pattern;
  const std::string config = root_ / "storage.conf";
  std::ofstream(config) << "[storage]\ndriver = \"overlay\"\ngraphroot = \"" << (root_ / "data").string() << "\"\nrunroot = \""
                        << (root_ / "run").string() << "\"\n";
  ::setenv("CONTAINERS_STORAGE_CONF", config.c_str(), 1);
  if (std::system("docker save golem/base | podman load >/dev/null 2>&1") != 0)
    throw std::runtime_error("golem/base cannot be copied to Podman");
  service_ = std::make_unique<run::PodmanService>(run::PodmanService::find_program());
}

OwnPodman::~OwnPodman() {
  service_.reset();
  std::system("podman rm --all --force >/dev/null 2>&1");
  unmount_below(root_);
  std::error_code failed;
  std::filesystem::remove_all(root_, failed);
}

}  // namespace gt::testing
