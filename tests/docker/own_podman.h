// Podman with a storage of the test's own, so that the user's images and containers are left alone.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "lib/run/podman_service.h"

namespace gt::testing {

class OwnPodman {
 public:
  // Empty if Podman can be had here, else why not.
  static std::string obstacle();

  // Copies golem/base from the machine's Docker engine, starts the service. From then on whatever this process starts uses
  // the same storage. Throws std::runtime_error.
  OwnPodman();
  OwnPodman(const OwnPodman&) = delete;
  OwnPodman& operator=(const OwnPodman&) = delete;
  ~OwnPodman();  // removes it all

  std::string host() const { return service_->host(); }

 private:
  std::filesystem::path root_;
  std::unique_ptr<run::PodmanService> service_;
};

}  // namespace gt::testing
