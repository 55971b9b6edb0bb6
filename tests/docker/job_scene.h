// What the tests of a job against a real engine share: three directories, and the engine under test.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "lib/docker/engine.h"
#include "lib/docker/job.h"
#include "tests/docker/reaper.h"
#include "tests/unit/docker/support.h"

namespace gt::testing {

inline constexpr std::uint32_t k_uid = 12345;
inline constexpr std::uint32_t k_gid = 23456;
inline constexpr const char* k_test_label = "io.gt-tools.test";

// Empty: the default. The test program for Podman sets the variable.
inline std::string engine_host() {
  const char* const socket = std::getenv("GT_TOOLS_DOCKER_SOCKET");
  return socket == nullptr ? "" : socket;
}

// The same tests run with Docker and with Podman; where the two differ, they say so.
inline bool is_podman() { return std::getenv("GT_TOOLS_TEST_PODMAN") != nullptr; }

// Three directories that the container's user may use, and an engine. Checks at its end that no container is left.
class Scene {
 public:
  Scene() {
    for (const char* name : {"resources", "work", "output"}) {
      std::filesystem::create_directory(root_.path() / name);
      std::filesystem::permissions(root_.path() / name, std::filesystem::perms::all);
    }
    std::filesystem::permissions(root_.path(), std::filesystem::perms::all);
    label_ = root_.path().filename().string();
  }
  ~Scene() { CHECK(containers().empty()); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  docker::JobSpec spec(const std::string& script) const {
    docker::JobSpec spec;
    spec.image.repository = "golem/base";
    spec.script = script;
    spec.resources_dir = root_.path() / "resources";
    spec.work_dir = root_.path() / "work";
    spec.output_dir = root_.path() / "output";
    spec.isolation.uid = k_uid;
    spec.isolation.gid = k_gid;
    spec.isolation.memory_bytes = 256 << 20;
    spec.labels = {{k_test_label, label_}, owner_label()};
    return spec;
  }
  std::vector<docker::ContainerInfo> containers() { return engine.list_containers({{k_test_label, label_}}); }
  std::filesystem::path at(const std::string& name) const { return root_.path() / name; }
  docker::LogFiles logs() const { return {.stdout_file = at("stdout.log"), .stderr_file = at("stderr.log")}; }
  std::string out() const { return read_text(at("stdout.log")); }
  std::string err() const { return read_text(at("stderr.log")); }

  // Runs it to its end and keeps the logs.
  docker::WaitResult run(const docker::JobSpec& spec) {
    docker::Job job(engine, spec);
    job.start();
    const docker::WaitResult result = job.wait(std::chrono::seconds(60));
    job.dump_logs(logs());
    return result;
  }
  // What a script prints that must succeed.
  std::string output_of(const std::string& script) {
    const docker::WaitResult result = run(spec(script));
    CHECK(result.end == docker::WaitResult::End::Exited);
    CHECK(result.exit_code == 0);
    CHECK(err() == "");
    return out();
  }

  docker::Engine engine{{.host = engine_host()}};

 private:
  TemporaryDirectory root_;
  std::string label_;
};

}  // namespace gt::testing
