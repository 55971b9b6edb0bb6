// submit-task against Blender itself in one container, in turn: a still in strips, an animation, and what a subtask costs that
// does nothing. Needs an engine with golem/blender and golem/base; the classic scene is where GT_TOOLS_SCENES says. Says what
// it leaves out.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/process.h"
#include "lib/docker/engine.h"
#include "lib/docker/job.h"
#include "tests/support/draw_strip.h"

namespace {

namespace docker = gt::docker;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int k_rounds = 3;
constexpr int k_empty_subtasks = 20;

class Directory {
 public:
  Directory() {
    std::string pattern = (fs::temp_directory_path() / "gt-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Its output goes to a file; ends the benchmark if it fails.
double run(const fs::path& log, std::vector<std::string> words) {
  if (const std::optional<double> seconds = gt::bench::run(words, log)) return *seconds;
  std::fprintf(stderr, "bench_render: %s failed:\n", words[0].c_str());
  std::ifstream text(log);
  for (std::string line; std::getline(text, line);) std::fprintf(stderr, "  %s\n", line.c_str());
  std::exit(1);
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void compare(const char* what, const char* peer_name, const std::function<double()>& ours, const std::function<double()>& peer,
             double most) {
  std::vector<double> our_times;
  std::vector<double> peer_times;
  for (int i = 0; i < k_rounds; ++i) {
    peer_times.push_back(peer());
    our_times.push_back(ours());
    std::printf("  round %d: submit-task %.2f s, %s %.2f s\n", i + 1, our_times.back(), peer_name, peer_times.back());
    std::fflush(stdout);
  }
  std::printf("%s: submit-task %.2f s, %s %.2f s, ratio %.2f (at most %.2f), medians of %d\n", what, median(our_times),
              peer_name, median(peer_times), median(our_times) / median(peer_times), most, k_rounds);
}

// Blender in one container with the whole machine, as a user would start it by hand.
std::vector<std::string> blender(const fs::path& directory, const std::vector<std::string>& words) {
  std::vector<std::string> out = {
      "docker",       "run",     "--rm",          "--network", "none", "-v", directory.string() + ":/d",
      "--entrypoint", "blender", "golem/blender", "-b"};
  out.insert(out.end(), words.begin(), words.end());
  return out;
}

// The scene with the settings that both sides render.
void make_scene(const fs::path& directory, const fs::path& scene, const std::string& settings) {
  fs::copy_file(scene, directory / "original.blend");
  run(directory / "log", blender(directory, {"/d/original.blend", "--python-exit-code", "3", "--python-expr",
                                             "import bpy\ns = bpy.context.scene\n" + settings +
                                                 "s.render.resolution_x, s.render.resolution_y = 480, 270\n"
                                                 "s.render.resolution_percentage = 100\n"
                                                 "s.render.dither_intensity = 0\n"
                                                 "s.cycles.use_adaptive_sampling = False\n"
                                                 "s.cycles.use_denoising = False\n"
                                                 "s.render.use_compositing = False\n"
                                                 "s.render.image_settings.file_format = 'PNG'\n"
                                                 "bpy.ops.wm.save_as_mainfile(filepath='/d/scene.blend')\n"}));
}

nlohmann::json task_of(const fs::path& scene) {
  nlohmann::json task = nlohmann::json::parse(std::ifstream("samples/blocks/docker-blocks.json"));
  task["main_scene_file"] = scene.string();
  task["resources"] = {{"py/set", {scene.string()}}};
  task["resolution"] = {480, 270};
  return task;
}

double submit(const fs::path& directory, std::vector<std::string> words) {
  words.insert(words.begin(), {GT_SUBMIT_TASK, (directory / "task.json").string(), "--engine-override", "scene", "--adaptive",
                               "off", "--compositing", "off", "--output", (directory / "out.png").string()});
  return run(directory / "log", words);
}

void bench_still() {
  const char* scenes = std::getenv("GT_TOOLS_SCENES");
  if (scenes == nullptr) {
    std::puts("bmw27_cpu in strips: left out, GT_TOOLS_SCENES does not say where the scene is");
    return;
  }
  const Directory directory;
  make_scene(directory.path(), fs::path(scenes) / "bmw27_cpu.blend", "s.cycles.samples = 32\n");
  std::ofstream(directory.path() / "task.json") << task_of(directory.path() / "scene.blend");
  compare(
      "bmw27_cpu, 480 x 270, 32 samples, 4 strips", "one blender -b",
      [&] {
        return submit(directory.path(), {"--strips", "4"});
      },
      [&] {
        return run(directory.path() / "log", blender(directory.path(), {"/d/scene.blend", "-o", "/d/whole", "-f", "1"}));
      },
      1.15);
}

void bench_frames() {
  const Directory directory;
  make_scene(directory.path(), "samples/blocks/blocks.blend", "");
  nlohmann::json task = task_of(directory.path() / "scene.blend");
  task["renderer_options"]["use_frames"] = true;
  task["renderer_options"]["frames"] = nlohmann::json::array();
  for (int frame = 1; frame <= 24; ++frame) task["renderer_options"]["frames"].push_back(frame);
  task["total_subtasks"] = 24;
  std::ofstream(directory.path() / "task.json") << task;
  compare(
      "24 frames of samples/blocks", "one blender -a", [&] { return submit(directory.path(), {}); },
      [&] {
        return run(directory.path() / "log",
                   blender(directory.path(), {"/d/scene.blend", "-o", "/d/whole", "-s", "1", "-e", "24", "-a"}));
      },
      1.0);
}

double engine_time(docker::Engine& engine, const Directory& directory) {
  for (const char* name : {"resources", "work", "output"}) fs::create_directory(directory.path() / name);
  docker::JobSpec spec;
  spec.image = docker::Image("golem/base");
  spec.script = "import params, struct, zlib";
  spec.resources_dir = directory.path() / "resources";
  spec.work_dir = directory.path() / "work";
  spec.output_dir = directory.path() / "output";
  const auto begin = Clock::now();
  for (int i = 0; i < k_empty_subtasks; ++i) {
    docker::Job job(engine, spec);
    job.start();
    if (job.wait() != 0) std::exit(1);
  }
  return Seconds(Clock::now() - begin).count();
}

// A script of its own that leaves a strip at once: what is over the engine's own time is ours.
void bench_overhead(docker::Engine& engine) {
  const Directory directory;
  std::ofstream(directory.path() / "mine.py") << gt::testing::k_draw_strip;
  std::ofstream(directory.path() / "a.blend") << "not opened";
  nlohmann::json task = task_of(directory.path() / "a.blend");
  task["main_program_file"] = (directory.path() / "mine.py").string();
  std::ofstream(directory.path() / "task.json") << task;
  std::vector<double> ours;
  std::vector<double> engines;
  for (int i = 0; i < k_rounds; ++i) {
    const Directory place;
    engines.push_back(engine_time(engine, place));
    ours.push_back(submit(directory.path(), {"--strips", std::to_string(k_empty_subtasks), "--jobs", "1", "--image",
                                             "golem/blender=golem/base"}));
  }
  std::printf("a subtask that does nothing: submit-task %.0f ms, the engine alone %.0f ms, over by %.0f ms (at most 60)\n",
              1000 * median(ours) / k_empty_subtasks, 1000 * median(engines) / k_empty_subtasks,
              1000 * (median(ours) - median(engines)) / k_empty_subtasks);
}

}  // namespace

// bench_render [overhead|frames|still]: that part alone.
int main(int argc, char** argv) {
  const std::string only = argc > 1 ? argv[1] : "";
  const auto is_wanted = [&](const char* part) { return only.empty() || only == part; };
  try {
    docker::Engine engine;
    for (const char* name : {"golem/base", "golem/blender"}) {
      if (docker::Image(name).is_available(engine)) continue;
      std::printf("bench_render: left out, the engine has no %s (./dev images makes it)\n", name);
      return 0;
    }
    if (is_wanted("overhead")) bench_overhead(engine);
    if (is_wanted("frames")) bench_frames();
    if (is_wanted("still")) bench_still();
  } catch (const gt::Error& error) {
    std::printf("bench_render: left out: %s\n", error.what());
  }
  return 0;
}
