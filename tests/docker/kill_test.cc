// submit-task killed at random moments: nothing of its own stays, nothing of others goes. GT_TOOLS_FULL=1: 200 times.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "lib/base/fd.h"
#include "lib/docker/engine.h"
#include "lib/docker/job.h"
#include "lib/docker/reap.h"
#include "tests/docker/reaper.h"
#include "tests/docker/submit_process.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::read_text;
using testing::TemporaryDirectory;

constexpr const char* k_owner_pid = "io.gt-tools.owner-pid";

std::string engine_host() {
  const char* host = std::getenv("DOCKER_HOST");
  return host == nullptr ? "" : host;
}

class Program : public testing::SubmitProcess {
 public:
  Program(const TemporaryDirectory& place, std::vector<std::string> arguments)
      : SubmitProcess(place.path() / "log", std::move(arguments)) {}
};

std::vector<std::string> render(const TemporaryDirectory& place) {
  return {"samples/blocks/blocks.gt",
          "--map",
          "/home/ania/blocks=samples/blocks",
          "--output",
          place.path() / "out.png",
          "--strips",
          "4"};
}

struct Scene {
  Engine engine{{.host = engine_host()}};
  TemporaryDirectory place;

  std::vector<ContainerInfo> containers_of(const std::set<std::string>& pids) {
    std::vector<ContainerInfo> out;
    for (const ContainerInfo& container : engine.list_containers({{k_project_label, k_project}})) {
      const auto pid = container.labels.find(k_owner_pid);
      if (pid != container.labels.end() && pids.count(pid->second) != 0) out.push_back(container);
    }
    return out;
  }
  std::vector<ContainerInfo> containers_of(const Program& program) { return containers_of({std::to_string(program.pid())}); }
  void wait_for_containers(const Program& program) {
    const auto limit = Clock::now() + 20s;
    while (containers_of(program).empty() && Clock::now() < limit) std::this_thread::sleep_for(20ms);
    REQUIRE_FALSE(containers_of(program).empty());
  }
};

// A container that is none of the killed runs'.
class Foreign {
 public:
  Foreign(Engine& engine, std::map<std::string, std::string> labels) : engine_(engine) {
    const nlohmann::json body = {{"Image", "golem/base"},
                                 {"Entrypoint", {"/usr/bin/python"}},
                                 {"Cmd", {"-c", "import time; time.sleep(3600)"}},
                                 {"Labels", labels},
                                 {"HostConfig", {{"NetworkMode", "none"}}}};
    static int count = 0;
    id_ = engine.create_container(body.dump(), "gt-foreign-" + std::to_string(::getpid()) + "-" + std::to_string(++count)).id;
    engine.start_container(id_);
  }
  Foreign(const Foreign&) = delete;
  Foreign& operator=(const Foreign&) = delete;
  ~Foreign() {
    try {
      engine_.remove_container(id_);
    } catch (const Error& error) {
      MESSAGE(error.what());
    }
  }
  std::string status() { return engine_.inspect_container(id_, 10s).status; }

 private:
  Engine& engine_;
  std::string id_;
};

std::map<std::string, std::string> labels_of(const Process& owner) {
  auto labels = owner_labels(owner);
  labels[k_project_label] = k_project;
  labels.insert(testing::owner_label());
  return labels;
}

TEST_CASE("killed at random moments, then one reap: nothing of its own is left, nothing of others is touched") {
  const bool is_full = testing::is_full_run();
  const int rounds = is_full ? 200 : 20;
  Scene scene;
  Process other_user = this_process();
  other_user.uid += 1;
  other_user.pid = 1;
  Foreign without_labels(scene.engine, {});
  Foreign of_other_user(scene.engine, labels_of(other_user));
  Foreign of_living(scene.engine, labels_of(this_process()));
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::set<std::string> pids;
  std::uniform_int_distribution<int> moment(0, 500);
  int with_containers = 0;
  for (int round = 0; round < rounds; ++round) {
    const Program program(scene.place, render(scene.place));
    pids.insert(std::to_string(program.pid()));
    // From the start of the run, and from that of its container: both, however slow the machine is.
    if (round % 2 == 1) scene.wait_for_containers(program);
    std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
    program.signal(SIGKILL);
    CHECK(program.wait() == 137);
    with_containers += scene.containers_of(program).empty() ? 0 : 1;
  }
  std::this_thread::sleep_for(1s);  // what the engine was about to create
  const Program reap(scene.place, {"--reap"});
  CHECK(reap.wait() == 0);
  INFO(reap.log());
  CHECK(scene.containers_of(pids).empty());
  CHECK(with_containers >= rounds / 2);
  MESSAGE(rounds << " runs killed, " << with_containers << " of them left containers, " << scene.containers_of(pids).size()
                 << " are left after the reap");
  CHECK(without_labels.status() == "running");
  CHECK(of_other_user.status() == "running");
  CHECK(of_living.status() == "running");
}

TEST_CASE("a new run removes what a killed one left, and says so") {
  Scene scene;
  const Program killed(scene.place, render(scene.place));
  scene.wait_for_containers(killed);
  killed.signal(SIGKILL);
  killed.wait();
  REQUIRE_FALSE(scene.containers_of(killed).empty());
  const Program next(scene.place, render(scene.place));
  CHECK(next.wait() == 0);
  const std::string log = next.log();
  INFO(log);
  CHECK(log.find("submit-task: note: removed ") != std::string::npos);
  CHECK(log.find(" of runs that were killed\n") != std::string::npos);
  CHECK(scene.containers_of(killed).empty());
  CHECK(scene.containers_of(next).empty());
}

TEST_CASE("signals: the first stops, the second kills at once, and both remove") {
  struct Row {
    int signal;
    int times;
    int code;
  };
  for (const Row& row : {Row{SIGINT, 1, 130}, Row{SIGTERM, 1, 143}, Row{SIGINT, 2, 130}, Row{SIGTERM, 2, 143}}) {
    CAPTURE(row.signal);
    CAPTURE(row.times);
    Scene scene;
    const Program program(scene.place, render(scene.place));
    scene.wait_for_containers(program);
    const auto begin = Clock::now();
    for (int i = 0; i < row.times; ++i) {
      program.signal(row.signal);
      std::this_thread::sleep_for(50ms);
    }
    CHECK(program.wait() == row.code);
    CHECK(Clock::now() - begin < 10s);
    CHECK(scene.containers_of(program).empty());
    CHECK_FALSE(std::filesystem::exists(scene.place.path() / "out.png"));
  }
}

}  // namespace
}  // namespace gt::docker

int main(int argc, char** argv) {
  gt::docker::Engine engine({.host = gt::docker::engine_host()});
  try {
    for (const char* name : {"golem/base", "golem/blender"}) {
      if (engine.find_image(gt::testing::image(name))) continue;
      std::printf("skipped: there is no image %s; ./dev images makes it\n", name);
      return 77;
    }
  } catch (const gt::Error& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  return gt::testing::run_and_reap(engine, [&] { return doctest::Context(argc, argv).run(); });
}
