// A LuxRender task by hand, from the scene to the picture: the scene is rewritten, three containers render it at the same time,
// one merges their films, one makes the picture. With stand-ins for luxconsole and luxmerger (luxrender_stand_in/), in an image
// that is made for the test and goes with it: nothing here shows that a real LuxRender works. Exit code 77: skipped, as no
// engine answers or there is no golem/base.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "lib/base/fd.h"
#include "lib/docker/engine.h"
#include "lib/docker/job.h"
#include "lib/lux/rewrite.h"
#include "lib/picture/rows.h"
#include "tests/docker/reaper.h"
#include "tests/docker/submit_process.h"
#include "tests/unit/docker/support.h"

namespace {

namespace fs = std::filesystem;
namespace lux = gt::lux;
using gt::testing::read_text;
using gt::testing::write_text;
using nlohmann::ordered_json;

const std::string k_stand_in = "gt-tools-test/luxrender-stand-in";

// The tests run in a child of the process that makes the image, and both must call it the same.
std::string tag() {
  static const std::string own = std::to_string(::getpid());
  return own;
}

// What the comments and the two lines of a parameter are for: the original's regular expressions broke on them.
constexpr const char* k_scene = R"(# Film "of another kind" "integer xresolution" [1]
Camera "perspective" "float fov" [49.1]
Film "fleximage"
  "integer xresolution" [1280] "integer yresolution"
    [720]  # "integer yresolution" [1]
  "string filename" ["C:\\renders\\out"]
  "bool write_png" "true"
  "float cropwindow" [0 0.5 0 1]
WorldBegin
Include "geometry.lxo"
LightSource "infinite" "string mapname" ["../maps/sky.exr"]
WorldEnd
)";

constexpr lux::TaskOptions k_options{.resolution = {8, 6}, .halttime = 600, .haltspp = 5, .picture = lux::Picture::Png};
constexpr int k_samples = 8 * 6 * 5;  // of one subtask

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
  fs::path output;  // directory
};

class LuxTask {
 public:
  LuxTask() {
    fs::create_directories(staged() / "scenes");
    fs::create_directories(staged() / "maps");
    write_text(staged() / "scenes/scene.lxs", k_scene);
    write_text(staged() / "scenes/geometry.lxo", "Shape \"plymesh\" \"string filename\" [\"mesh.ply\"]\n");
    write_text(staged() / "scenes/mesh.ply", "ply");
    write_text(staged() / "maps/sky.exr", "exr");
  }

  fs::path staged() const { return root_.path() / "resources"; }

  ordered_json scene_params(const char* action, const std::string& name, const std::string& text) const {
    return {{"action", action},   {"output_basename", name}, {"scene_file", "/golem/resources/scenes/scene.lxs"},
            {"scene_text", text}, {"output_format", "PNG"},  {"lux_args", ordered_json::array({"-t", "1"})}};
  }

  // The script's own output name decides where films and pictures go: the scene must say the same.
  static std::string rewritten(const lux::TaskOptions& options, const std::string& name) {
    return lux::rewrite(k_scene, lux::render_settings(options, "/golem/output/" + name)).text;
  }

  Outcome render(int place, int places, const lux::TaskOptions& options = k_options) {
    const std::string name = "part" + std::to_string(place);
    ordered_json params = scene_params("render", name, rewritten(options, name));
    params["start_slot"] = {place, places};
    return run(name + "-" + std::to_string(options.resolution[0]), params, staged());
  }

  Outcome merge(const std::string& job, const std::vector<fs::path>& films) {
    const fs::path inputs = root_.path() / (job + "-films");
    fs::create_directory(inputs);
    ordered_json names = ordered_json::array();
    for (const fs::path& film : films) {
      const std::string name = std::to_string(names.size()) + ".flm";
      fs::copy_file(film, inputs / name);
      names.push_back("/golem/resources/" + name);
    }
    return run(job, {{"action", "merge"}, {"output_basename", "merged"}, {"films", names}}, inputs);
  }

  Outcome image(const std::string& job, const fs::path& film, lux::Picture picture) {
    fs::copy_file(film, staged() / "merged.flm", fs::copy_options::overwrite_existing);
    lux::TaskOptions options = k_options;
    options.picture = picture;
    ordered_json params =
        scene_params("image", "picture", lux::rewrite(k_scene, lux::image_settings(options, "/golem/output/picture")).text);
    params["output_format"] = std::string(to_string(picture));
    params["film"] = "/golem/resources/merged.flm";
    return run(job, params, staged());
  }

  Outcome run(const std::string& job_name, const ordered_json& params, const fs::path& resources) {
    const fs::path directory = root_.path() / job_name;
    fs::create_directories(directory / "work");
    fs::create_directories(directory / "output");
    gt::docker::JobSpec spec;
    spec.image = gt::testing::image(k_stand_in, tag());
    spec.script = read_text("scripts/docker_luxtask.py");
    spec.params = params;
    spec.resources_dir = resources;
    spec.work_dir = directory / "work";
    spec.output_dir = directory / "output";
    spec.isolation.memory_bytes = 256 << 20;
    spec.labels = {gt::testing::owner_label()};
    gt::docker::Job job(engine_, spec);
    job.start();
    const auto end = job.wait(std::chrono::seconds(120));
    job.dump_logs({.stdout_file = directory / "stdout.log", .stderr_file = directory / "stderr.log"});
    return {end.exit_code, read_text(directory / "stdout.log"), read_text(directory / "stderr.log"), directory / "output"};
  }

 private:
  gt::testing::TemporaryDirectory root_;
  gt::docker::Engine engine_;
};

void require_done(const Outcome& outcome, const char* program) {
  REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
  CHECK(outcome.out.find("stand-in for " + std::string(program) + ", not LuxRender: ") == 0);
}

// The colour of every pixel, as one number; -1 if they differ.
int colour(const fs::path& picture, int width, int height) {
  const gt::Fd fd(::open(picture.c_str(), O_RDONLY | O_CLOEXEC));
  const auto reader = gt::picture::open_rows(fd.get(), gt::picture::Kind::Png, {width, height});
  std::vector<std::uint8_t> row(reader->header().row_bytes());
  int found = -2;
  for (int y = 0; y < height; ++y) {
    reader->read_row(row);
    for (std::size_t x = 0; x < row.size(); x += 3) {
      const int value = row[x] << 16 | row[x + 1] << 8 | row[x + 2];
      found = found == -2 || found == value ? value : -1;
    }
  }
  reader->finish();
  return found;
}

}  // namespace

TEST_CASE("the picture is made of the samples of all subtasks, which ran at the same time") {
  LuxTask task;
  std::vector<Outcome> parts(3);
  std::vector<std::thread> threads;
  for (int place = 0; place < 3; ++place)
    threads.emplace_back([&, place] { parts[static_cast<std::size_t>(place)] = task.render(place, 3); });
  for (std::thread& thread : threads) thread.join();
  std::vector<fs::path> films;
  for (std::size_t place = 0; place < 3; ++place) {
    require_done(parts[place], "luxconsole");
    CHECK(parts[place].err.empty());
    films.push_back(parts[place].output / ("part" + std::to_string(place) + ".flm"));
    CHECK(colour(parts[place].output / ("part" + std::to_string(place) + ".png"), 8, 6) == k_samples);
  }

  const Outcome merged = task.merge("merge", films);
  require_done(merged, "luxmerger");
  CHECK(merged.err.find("Merged 3 FLM files") != std::string::npos);
  const fs::path film = merged.output / "merged.flm";

  const Outcome png = task.image("image-png", film, lux::Picture::Png);
  require_done(png, "luxconsole");
  CHECK(colour(png.output / "picture.png", 8, 6) == 3 * k_samples);
  const Outcome exr = task.image("image-exr", film, lux::Picture::Exr);
  require_done(exr, "luxconsole");
  CHECK(read_text(exr.output / "picture.exr").starts_with("\x76\x2f\x31\x01"));
  const Outcome tga = task.image("image-tga", film, lux::Picture::Tga);
  require_done(tga, "luxconsole");
  CHECK(read_text(tga.output / "picture.tga").size() == 18 + 8 * 6 * 3);
  CHECK_FALSE(fs::exists(tga.output / "picture.png"));

  // The same film twice: the stand-in sees what LuxRender would not.
  const Outcome same = task.merge("merge-same", {films[0], films[0]});
  CHECK(same.code == 4);
  CHECK(same.err.ends_with("luxmerger ended with exit code 21\n"));
}

TEST_CASE("a film that luxmerger leaves out is no success, though its exit code is 0") {
  LuxTask task;
  const Outcome small = task.render(0, 1);
  lux::TaskOptions larger = k_options;
  larger.resolution = {16, 6};
  const Outcome large = task.render(0, 1, larger);
  REQUIRE(small.code == 0);
  REQUIRE(large.code == 0);
  const Outcome merged = task.merge("merge", {small.output / "part0.flm", large.output / "part0.flm"});
  CHECK(merged.code == 4);
  CHECK(merged.err.find("Error reading FLM file '/golem/resources/1.flm'") != std::string::npos);
  CHECK(merged.err.ends_with("luxmerger left a film out\n"));
}

TEST_CASE("the stand-in is stricter than LuxRender: it refuses a scene that was not rewritten, or lacks a file") {
  LuxTask task;
  ordered_json params = task.scene_params("render", "part0", k_scene);
  params["start_slot"] = {0, 1};
  const Outcome as_it_was = task.run("as-it-was", params, task.staged());
  CHECK(as_it_was.code == 20);
  CHECK(as_it_was.err.find("the film has no \"integer halttime\"") != std::string::npos);
  fs::remove(task.staged() / "scenes/mesh.ply");
  const Outcome incomplete = task.render(0, 1);
  CHECK(incomplete.code == 20);
  CHECK(incomplete.err.find("Shape names the file mesh.ply, which is not there") != std::string::npos);
  fs::remove(task.staged() / "scenes/geometry.lxo");
  CHECK(task.render(0, 1).err.find("includes geometry.lxo, which is not there") != std::string::npos);
}

TEST_CASE("submit-task: a saved task becomes the picture of the samples of all its films") {
  LuxTask task;
  const fs::path root = task.staged().parent_path();
  const ordered_json saved = {
      {"py/object", "gnr.renderingtaskstate.RenderingTaskDefinition"},
      {"renderer_options",
       {{"py/object", "gnr.task.luxrendertask.LuxRenderOptions"}, {"halttime", 600}, {"haltspp", k_options.haltspp}}},
      {"resources",
       {{"py/set", {"/old/scenes/scene.lxs", "/old/scenes/geometry.lxo", "/old/scenes/mesh.ply", "/old/maps/sky.exr"}}}},
      {"main_scene_file", "/old/scenes/scene.lxs"},
      {"main_program_file", "/home/golem/gnr/task/scripts/luxtask.py"},
      {"output_file", "/old/out"},
      {"output_format", "PNG"},
      {"resolution", {8, 6}},
      {"total_subtasks", 3}};
  write_text(root / "task.json", saved.dump());
  const std::vector<std::string> arguments = {(root / "task.json").string(),
                                              "--map",
                                              "/old=" + task.staged().string(),
                                              "--image",
                                              "golem/luxrender=" + k_stand_in + ":" + tag(),
                                              "--output",
                                              (root / "picture.png").string(),
                                              "--jobs",
                                              "2",
                                              "--memory",
                                              "256m"};
  const gt::testing::SubmitProcess process(root / "log", arguments);
  REQUIRE_MESSAGE(process.wait() == 0, process.log());
  CHECK(colour(root / "picture.png", 8, 6) == 3 * k_samples);
  const ordered_json report = ordered_json::parse(read_text(root / "picture.png.run/report.json"));
  CHECK(report["outcome"] == "done");
  CHECK(report["totals"]["containers"] == 5);
  // The stand-ins say what they are.
  CHECK(
      read_text(root / "picture.png.run/containers/00004-1/stdout.log").starts_with("stand-in for luxmerger, not LuxRender: "));
}

namespace {

bool system_ok(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

}  // namespace

int main(int argc, char** argv) {
  const std::string image = k_stand_in + ":" + tag();
  try {
    gt::docker::Engine engine;
    if (!engine.find_image(gt::testing::image("golem/base")))
      throw std::runtime_error("there is no image golem/base; ./dev images makes it");
    if (!system_ok("docker version")) throw std::runtime_error("there is no docker command that reaches the engine");
  } catch (const std::exception& error) {
    std::printf("skipped: %s\n", error.what());
    return 77;
  }
  if (!system_ok("docker build --force-rm -t " + image + " tests/docker/luxrender_stand_in")) {
    std::printf("FAILED: the image of the stand-in cannot be built\n");
    return 1;
  }
  gt::docker::Engine engine;
  doctest::Context context(argc, argv);
  const int code = gt::testing::run_and_reap(engine, [&] { return context.run(); });
  system_ok("docker image rm --force " + image);
  return code;
}
