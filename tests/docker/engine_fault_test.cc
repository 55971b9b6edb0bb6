// Engines that are restarted, killed, or do not answer in the middle of a job.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <thread>

#include "lib/docker/engine.h"
#include "lib/docker/job.h"
#include "lib/docker/reap.h"
#include "tests/docker/reaper.h"
#include "tests/docker/second_engine.h"
#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::error_of;
using testing::read_text;
using testing::SecondEngine;
using End = WaitResult::End;

// Prints a number every 50 ms and ends with 7.
std::string counter(int count) {
  return "import sys, time\nfor i in range(" + std::to_string(count) +
         "):\n    print(i, flush=True)\n    print('e%d' % i, file=sys.stderr, flush=True)\n    time.sleep(0.05)\nsys.exit(7)\n";
}

std::string numbers(int count, const std::string& prefix = {}) {
  std::string out;
  for (int i = 0; i < count; ++i) out += prefix + std::to_string(i) + "\n";
  return out;
}

SecondEngine& second() {
  static SecondEngine engine;
  return engine;
}

// Starts the second engine anew as it is wanted.
void restart(SecondEngine::Restore restore, int signal = SIGTERM) {
  second().signal(signal);
  second().wait();
  second().start(restore);
}

class Scene {
 public:
  Scene() {
    for (const char* name : {"resources", "work", "output"}) fs::create_directory(root_.path() / name);
  }
  JobSpec spec(const std::string& script) const {
    JobSpec spec;
    spec.image.repository = "golem/base";
    spec.script = script;
    spec.resources_dir = root_.path() / "resources";
    spec.work_dir = root_.path() / "work";
    spec.output_dir = root_.path() / "output";
    spec.isolation.memory_bytes = 128 << 20;
    spec.live_log = {.stdout_file = root_.path() / "out", .stderr_file = root_.path() / "err"};
    return spec;
  }
  std::string out() const { return read_text(root_.path() / "out"); }
  std::string err() const { return read_text(root_.path() / "err"); }
  void wait_for_output(const std::string& line) const {
    const auto limit = Clock::now() + 20s;
    while (out().find(line) == std::string::npos && Clock::now() < limit) std::this_thread::sleep_for(20ms);
    REQUIRE(out().find(line) != std::string::npos);
  }

  Engine engine{{.host = second().host(), .timeout = 5s, .patience = 40s}};

 private:
  testing::TemporaryDirectory root_;
};

std::size_t containers_left() {
  Engine engine({.host = second().host()});
  return engine.list_containers({}).size();
}

TEST_CASE("an engine that restarts takes its containers down: killed by the engine, and the log up to then is there") {
  restart(SecondEngine::Restore::Stop);
  {
    Scene scene;
    Job job(scene.engine, scene.spec(counter(10'000)));
    job.start();
    scene.wait_for_output("\n20\n");
    std::thread admin([] { restart(SecondEngine::Restore::Stop); });
    const WaitResult result = job.wait(120s);
    admin.join();
    CHECK(result.end == End::Killed);
    CHECK(result.killer == WaitResult::Killer::Engine);
    CHECK((result.exit_code == 137 || result.exit_code == 143));
    job.finish_live_log();
    const std::string out = scene.out();
    CHECK(out == numbers(static_cast<int>(std::count(out.begin(), out.end(), '\n'))));
  }
  CHECK(containers_left() == 0);
}

TEST_CASE(
    "with live-restore the job goes on while its engine is away: true exit code, no line twice, and what may be missing is "
    "said") {
  struct Row {
    const char* what;
    int lines;  // 20 a second
    std::chrono::milliseconds away;
    int signal;
    bool keeps_log;  // an engine that was killed closes the pipes it wrote the log from
  };
  const Row rows[] = {{"it is killed, and the job ends after it is back", 200, 1s, SIGKILL, false},
                      {"it is killed, and the job ends meanwhile", 40, 4s, SIGKILL, false},
                      {"it was asked to end, and the job ends after it is back", 200, 1s, SIGTERM, true}};
  for (const Row& row : rows) {
    CAPTURE(row.what);
    restart(SecondEngine::Restore::Live);
    {
      Scene scene;
      Job job(scene.engine, scene.spec(counter(row.lines)));
      job.start();
      scene.wait_for_output("\n10\n");
      std::thread admin([&] {
        second().signal(row.signal);
        second().wait();
        std::this_thread::sleep_for(row.away);
        second().start(SecondEngine::Restore::Live);
      });
      const WaitResult result = job.wait(120s);
      admin.join();
      CHECK(result.end == End::Exited);
      CHECK(result.exit_code == 7);
      CHECK(job.finish_live_log().may_have_gap);
      if (row.keeps_log) {
        CHECK(scene.out() == numbers(row.lines));
        CHECK(scene.err() == numbers(row.lines, "e"));
      } else {
        CHECK(numbers(row.lines).starts_with(scene.out()));
        CHECK(numbers(row.lines, "e").starts_with(scene.err()));
      }
    }
    CHECK(containers_left() == 0);
  }
}

TEST_CASE("an engine that does not answer for a while is waited for") {
  restart(SecondEngine::Restore::Stop);
  Scene scene;
  Job job(scene.engine, scene.spec(counter(160)));
  job.start();
  scene.wait_for_output("\n5\n");
  std::thread admin([] {
    second().signal(SIGSTOP);
    std::this_thread::sleep_for(6s);
    second().signal(SIGCONT);
  });
  CHECK(job.wait(120s).exit_code == 7);
  admin.join();
  CHECK_FALSE(job.finish_live_log().may_have_gap);
  CHECK(scene.out() == numbers(160));
}

TEST_CASE("an engine that never answers again is lost, in bounded time") {
  for (const int signal : {SIGSTOP, SIGKILL}) {
    restart(SecondEngine::Restore::Stop);
    Scene scene;
    Engine engine({.host = second().host(), .timeout = 2s, .patience = 3s});
    const auto begin = Clock::now();
    std::string told;
    {
      JobSpec spec = scene.spec(counter(10'000));
      spec.on_remove_failure = [&](const Error& error) { told = to_string(error.code()); };
      Job job(engine, spec);
      job.start();
      second().signal(signal);
      CHECK(job.wait(120s).end == End::EngineLost);
      // A wait is renewed every ten seconds; then patience.
      CHECK(Clock::now() - begin < 25s);
    }
    CHECK(told == "engine.unreachable");
    CHECK(Clock::now() - begin < 40s);
    second().signal(SIGCONT);
    if (signal == SIGKILL) {
      second().wait();
      second().start(SecondEngine::Restore::Stop);
    }
    // This process lives, so the container is not an orphan yet; it goes by its label.
    Engine after({.host = second().host()});
    for (const ContainerInfo& container : after.list_containers({{k_project_label, k_project}}))
      after.remove_container(container.id);
  }
}

TEST_CASE("an engine that is killed while a job begins: it works, or the error is clear and nothing is left") {
  restart(SecondEngine::Restore::Live);
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const int rounds = testing::is_full_run() ? 10 : 4;
  for (int round = 0; round < rounds; ++round) {
    {
      Scene scene;
      scene.engine.ping();
      const auto moment = std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 250)(random));
      std::thread admin([&] {
        std::this_thread::sleep_for(moment);
        restart(SecondEngine::Restore::Live, SIGKILL);
      });
      int code = -1;
      const std::string error = error_of([&] {
        Job job(scene.engine, scene.spec("import sys; sys.exit(9)"));
        job.start();
        code = job.wait();
      });
      admin.join();
      CAPTURE(error);
      // 255: the engine did not see how it ended.
      CHECK((code == 9 || code == 128 || code == 137 || code == 255 || error.starts_with("engine.") ||
             error.starts_with("run.container-failed")));
      MESSAGE("killed after " << moment.count() << " ms: exit code " << code << ", error " << error);
    }
    Engine after({.host = second().host()});
    for (int i = 0; i < 20 && !after.list_containers({}).empty(); ++i) std::this_thread::sleep_for(100ms);
    CHECK(after.list_containers({}).empty());
  }
}

}  // namespace
}  // namespace gt::docker

int main(int argc, char** argv) {
  gt::docker::Engine engine;
  try {
    if (!engine.find_image(gt::testing::image("golem/base")))
      throw std::runtime_error("there is no image golem/base; ./dev images makes it");
    if (const std::string obstacle = gt::testing::SecondEngine::obstacle(); !obstacle.empty())
      throw std::runtime_error(obstacle);
  } catch (const std::exception& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  const auto tests = [&] {
    gt::docker::second().start(gt::testing::SecondEngine::Restore::Stop);
    gt::docker::second().load_base_image();
    return doctest::Context(argc, argv).run();
  };
  return gt::testing::run_and_reap(engine, tests, gt::testing::SecondEngine::remove_left_by);
}
