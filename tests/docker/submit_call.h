// One call of submit-task, in-process, against the real engine, with the sample scene as its task.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "lib/docker/engine.h"
#include "lib/run/docker_runner.h"
#include "tests/docker/reaper.h"
#include "tests/unit/run/scratch.h"
#include "tools/submit-task/command.h"

namespace gt::testing {

inline std::string docker_host() {
  const char* host = std::getenv("DOCKER_HOST");
  return host == nullptr ? "" : host;
}

// Its containers are labelled as the test's own, so that none is left when the test dies.
class OwnedRunner : public run::ContainerRunner {
 public:
  std::optional<std::string> find_image(const task::Image& image) override { return runner_.find_image(image); }
  docker::Reaped reap() override { return runner_.reap(); }
  std::string engine() override { return runner_.engine(); }
  run::ContainerEnd run(const docker::JobSpec& spec, std::optional<std::chrono::milliseconds> timeout) override {
    docker::JobSpec owned = spec;
    owned.labels.insert(owner_label());
    return runner_.run(owned, timeout);
  }

 private:
  docker::Engine engine_{{.host = docker_host()}};
  run::DockerRunner runner_{engine_};
};

inline const std::filesystem::path k_blocks = std::filesystem::absolute("samples/blocks/blocks.blend");

// A still of 96 x 54 pixels in two strips.
inline task::Definition blocks_task(const std::string& output) {
  task::Definition d;
  d.class_name = "gnr.renderingtaskstate.RenderingTaskDefinition";
  d.options_class = "gnr.task.blenderrendertask.BlenderRendererOptions";
  d.renderer = task::Renderer::Blender;
  d.main_program_file = "/home/ania/golem/gnr/task/scripts/docker_blendertask.py";
  d.main_scene_file = k_blocks;
  d.resources = {d.main_program_file, d.main_scene_file};
  d.output_file = output;
  d.output_format = "PNG";
  d.resolution = {96, 54};
  d.total_subtasks = 2;
  d.engine = "CYCLES";
  d.docker_images = {{.repository = "golem/blender", .tag = "latest", .id = {}}};
  return d;
}

struct Call {
  task::Definition definition;
  run::Owner owner{::geteuid(), ::getegid(), false};
  run::StopFlag stop{run::Stop::None};
  std::string run_id = next_id();
  std::ostringstream out = {};
  std::ostringstream err = {};

  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"submit-task", "task.gt"});
    return run_as(arguments);
  }
  // Without the task.
  int run_as(const std::vector<std::string>& arguments) {
    std::vector<const char*> argv;
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    const submit::Surroundings surroundings{
        .streams = {out, err},
        .status = submit::StatusStyle::Lines,
        .machine = {.cores = 2, .memory_total = std::uint64_t{4} << 30, .memory_available = std::uint64_t{2} << 30},
        .owner = owner,
        .run_id = run_id,
        .stop = stop,
        .load =
            [this](const std::string&) {
              return submit::LoadedTask{definition, 0, {}, {}};
            },
        .connect =
            [](run::EngineKind) {
              return submit::Connection{std::make_unique<OwnedRunner>(), {}};
            }};
    return submit::submit_task_command(static_cast<int>(argv.size()), argv.data(), surroundings);
  }
  std::size_t containers() const {
    docker::Engine engine({.host = docker_host()});
    return engine.list_containers({{"io.gt-tools.run", run_id}}).size();
  }

 private:
  static std::string next_id() {
    static int count = 0;
    return "test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  }
};

}  // namespace gt::testing
