// A Podman service for one run, where no engine answers: `podman system service` on a socket that nobody else can reach.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "lib/base/fd.h"

namespace gt::run {

class PodmanService {
 public:
  // The program in PATH; empty if it is not installed.
  static std::filesystem::path find_program();

  // Starts it and returns when it answers. It ends with this process, however that ends; containers are no children of it
  // and would go on. Throws EngineUnreachable with the program's last words. Fork-safe only before threads are started.
  explicit PodmanService(const std::filesystem::path& program);
  PodmanService(const PodmanService&) = delete;
  PodmanService& operator=(const PodmanService&) = delete;
  ~PodmanService();  // ends it, removes what it wrote

  std::string host() const;  // for docker::EngineOptions

 private:
  void start(const std::filesystem::path& program);
  void await_answer();
  void stop() noexcept;

  std::filesystem::path directory_;  // only this user may enter it
  Fd lock_;                          // on the directory, for as long as this lives
  pid_t pid_ = -1;
};

}  // namespace gt::run
