// submit-task killed at random moments, and with its engine killed: the same command goes on, and the picture is the same.
// GT_TOOLS_FULL=1: 100 kills, and 10 of the engine.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

#include "lib/base/fd.h"
#include "lib/docker/engine.h"
#include "tests/docker/reaper.h"
#include "tests/docker/second_engine.h"
#include "tests/docker/submit_process.h"
#include "tests/support/draw_strip.h"
#include "tests/unit/docker/support.h"

namespace gt::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Place {
  TemporaryDirectory root;
  fs::path output = root.path() / "out.png";
  fs::path run = root.path() / "out.png.run";

  std::vector<std::string> command() const {
    return {"samples/blocks/blocks.gt", "--map", "/home/ania/blocks=samples/blocks", "--output", output, "--strips", "12"};
  }
  SubmitProcess start() const { return {root.path() / "log", command()}; }

  // Subtasks whose results are kept. A result without its record was not kept yet.
  std::set<std::string> finished() const {
    std::set<std::string> out;
    std::error_code failed;
    for (fs::directory_iterator it(run / "results", failed), end; !failed && it != end; it.increment(failed)) {
      const std::string name = it->path().stem();
      if (it->path().extension() == ".png" && fs::exists(run / "subtasks" / name)) out.insert(name);
    }
    return out;
  }
  std::set<std::string> containers() const {
    std::set<std::string> out;
    std::error_code failed;
    for (fs::directory_iterator it(run / "containers", failed), end; !failed && it != end; it.increment(failed))
      out.insert(it->path().filename());
    return out;
  }
  // What the container of that name said that it begins.
  std::set<std::string> begun_in(const std::string& container) const {
    std::set<std::string> out;
    std::ifstream log(run / "containers" / container / "stdout.log");
    int number = 0;
    for (std::string line; std::getline(log, line);) {
      if (std::sscanf(line.c_str(), "gt-tools: subtask %d begins", &number) != 1) continue;
      std::string name = std::to_string(number);
      out.insert(name.insert(0, 5 - name.size(), '0'));
    }
    return out;
  }
};

// Until a container runs in the engine at `host`, which a machine with other work takes its time for, or the run is over.
void wait_for_container(const std::string& host, const fs::path& output) {
  for (const auto end = Clock::now() + 30s; Clock::now() < end && !fs::exists(output); std::this_thread::sleep_for(50ms)) {
    const auto containers = docker::Engine({.host = host}).list_containers({});
    if (std::any_of(containers.begin(), containers.end(), [](const auto& one) { return one.state == "running"; })) return;
  }
}

std::size_t containers_of(pid_t pid) {
  docker::Engine engine;
  return engine.list_containers({{"io.gt-tools.owner-pid", std::to_string(pid)}}).size();
}

TEST_CASE("killed at a random moment, the same command goes on to the same picture, and renders nothing twice") {
  const Place reference;
  const auto begin = Clock::now();
  REQUIRE(reference.start().wait() == 0);
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
  const std::string expected = read_text(reference.output);
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::size_t kept = 0;
  std::size_t twice = 0;
  const int rounds = is_full_run() ? 100 : 5;
  for (int round = 0; round < rounds; ++round) {
    const Place place;
    std::vector<pid_t> pids;
    // More than once: a run that goes on is killed as well.
    for (int kill = 0; kill < 1 + round % 2; ++kill) {
      const std::set<std::string> before = place.finished();
      const std::set<std::string> old_containers = place.containers();
      const SubmitProcess program = place.start();
      pids.push_back(program.pid());
      std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<long>(0, whole)(random)));
      program.signal(SIGKILL);
      program.wait();
      CHECK((!fs::exists(place.output) || read_text(place.output) == expected));
      for (const std::string& container : place.containers())
        if (old_containers.count(container) == 0)
          for (const std::string& subtask : place.begun_in(container)) twice += before.count(subtask);
    }
    const std::set<std::string> before = place.finished();
    const std::set<std::string> old_containers = place.containers();
    kept += before.size();
    const SubmitProcess last = place.start();
    pids.push_back(last.pid());
    REQUIRE_MESSAGE(last.wait() == 0, last.log());
    CHECK(read_text(place.output) == expected);
    // A run that had succeeded when it was killed is rendered anew: it is over.
    if (before.size() < 12) {
      for (const std::string& container : place.containers())
        if (old_containers.count(container) == 0)
          for (const std::string& subtask : place.begun_in(container)) twice += before.count(subtask);
    }
    for (const pid_t pid : pids) CHECK(containers_of(pid) == 0);
    for (const auto& entry : fs::recursive_directory_iterator(place.root.path()))
      CHECK_FALSE(entry.path().extension() == ".new");
  }
  CHECK(twice == 0);
  CHECK(kept > 0);
  MESSAGE(rounds << " runs killed and resumed, " << kept << " subtasks kept, " << twice << " of them rendered again");
}

// Each of the strips takes a moment.
const std::string k_draw = std::string("import time\ntime.sleep(0.5)\n") + k_draw_strip;

TEST_CASE("an engine that is killed and restarted again and again costs time, not the picture") {
  if (const std::string obstacle = SecondEngine::obstacle(); !obstacle.empty()) {
    MESSAGE("skipped: " << obstacle);
    return;
  }
  SecondEngine engine;
  engine.start(SecondEngine::Restore::Stop);
  engine.load_base_image();
  const Place place;
  write_text(place.root.path() / "draw.py", k_draw);
  write_text(place.root.path() / "a.blend", "the script does not open it");
  nlohmann::json task = nlohmann::json::parse(std::ifstream("tests/golden/submit-task/dry-run-own-script/task.json"));
  task["main_program_file"] = (place.root.path() / "draw.py").string();
  task["main_scene_file"] = (place.root.path() / "a.blend").string();
  task["resources"] = {{"py/set", {(place.root.path() / "a.blend").string()}}};
  write_text(place.root.path() / "task.json", task.dump());
  const SubmitProcess program(place.root.path() / "log",
                              {(place.root.path() / "task.json").string(), "--image", "golem/blender=golem/base", "--strips",
                               "12", "--jobs", "2", "--retries", "100", "--output", place.output},
                              engine.host());
  const int kills = is_full_run() ? 10 : 2;
  std::thread admin([&] {
    for (int i = 0; i < kills && !fs::exists(place.output); ++i) {
      wait_for_container(engine.host(), place.output);
      std::this_thread::sleep_for(500ms);
      engine.signal(SIGKILL);
      engine.wait();
      engine.start(SecondEngine::Restore::Stop);
    }
  });
  const int code = program.wait();
  admin.join();
  INFO(program.log());
  CHECK(code == 0);
  CHECK(read_text(place.output).starts_with("\x89PNG"));
  // Containers are stopped with their work undone, or were done before the engine came back.
  const std::string log = program.log();
  CHECK((log.find("to be tried again") != std::string::npos || log.find("the engine was away") != std::string::npos));
  docker::Engine after({.host = engine.host()});
  CHECK(after.list_containers({}).empty());
}

}  // namespace
}  // namespace gt::testing

int main(int argc, char** argv) {
  gt::docker::Engine engine;
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
  return gt::testing::run_and_reap(
      engine, [&] { return doctest::Context(argc, argv).run(); }, gt::testing::SecondEngine::remove_left_by);
}
