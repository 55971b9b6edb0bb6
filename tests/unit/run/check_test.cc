// What is told of a task before it starts.
#include "lib/run/check.h"

#include "tests/unit/run/fixture.h"

using namespace gt::run::testing;
using gt::run::BlenderFacts;
using gt::run::CheckParts;
using gt::run::Scratch;

namespace {

// A still of a scene with everything that strips cannot have, saved by Blender 3.4.
struct Scene {
  Scratch scratch;
  gt::task::Definition task = gt::run::still_task(scratch);
  gt::render::PlanOptions options;
  gt::run::RunPlan plan;
  std::optional<BlenderFacts> image;
  gt::run::Machine machine{.cores = 2, .memory_total = 8ull << 30, .memory_available = 4ull << 30};
  std::uint64_t free_disk = 1ull << 40;
  std::string saved_output = "out.png";

  explicit Scene(const std::string& seed = "tests/fuzz/seeds/scene_304_zstd.blend") {
    fs::copy_file(seed, task.main_scene_file, fs::copy_options::overwrite_existing);
    plan.limits.memory_bytes = 2ull << 30;
    plan.image = {.repository = "golem/blender", .tag = "latest", .id = {}};
    plan.output = "out.png";
  }
  std::vector<std::string> run() {
    plan.plan = gt::render::make_plan(task, options);
    const gt::run::TaskFiles files = gt::run::find_task_files(task, {});
    std::vector<std::string> out;
    for (const gt::Finding& finding : gt::run::check_task({.plan = plan,
                                      .files = files,
                                      .machine = machine,
                                      .saved_output = saved_output,
                                      .estimated_memory = task.estimated_memory,
                                      .free_disk = free_disk,
                                      .image = image}))
      out.push_back(to_string(finding));
    return out;
  }
  bool says(const std::string& text) {
    const std::vector<std::string> findings = run();
    return std::find(findings.begin(), findings.end(), text) != findings.end();
  }
};

const std::string k_differ = "error: strips of this scene would differ from the whole frame: ";

}  // namespace

TEST_CASE("what strips cannot have is refused with the ways out, and goes with them") {
  struct Row {
    const char* what;
    std::string text;
    std::function<void(Scene&)> way_out;
  };
  const Row rows[] = {
      {"compositing", k_differ + "compositing nodes are used; give --compositing off, or --strips 1",
       [](Scene& s) { s.options.compositing = gt::render::Setting::Off; }},
      {"compositing, by the task", k_differ + "compositing nodes are used; give --compositing off, or --strips 1",
       [](Scene& s) { s.task.compositing = false; }},
      {"sequencer", k_differ + "the video sequencer is used; give --strips 1", [](Scene& s) { s.options.strips = 1; }},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.what));
    Scene scene;
    CHECK(scene.says(row.text));
    row.way_out(scene);
    CHECK_FALSE(scene.says(row.text));
  }
}

TEST_CASE("files that the scene needs and containers will not see are named") {
  Scene scene;
  CHECK(scene.says("warning: the scene's image //wood.png is not here"));
  const fs::path wood = scene.scratch.make("scene/wood.png");
  CHECK(scene.says(
      "warning: the scene's image //wood.png is here, but not among the task's resources: containers do not see it"));
  scene.task.resources.push_back(wood.string());
  CHECK_FALSE(scene.says("warning: the scene's image //wood.png is not here"));
  CHECK_FALSE(scene.says(
      "warning: the scene's image //wood.png is here, but not among the task's resources: containers do not see it"));
}

TEST_CASE("the image's Blender is compared with the scene's version and engine") {
  struct Row {
    BlenderFacts image;
    std::string engine;
    std::string text;
    bool is_told;
  };
  const std::string older =
      "error: the scene was saved by Blender 3.4, the image golem/blender:latest has Blender 2.93.0, which "
      "cannot read all of it; give --image OLD=NEW with a newer one";
  const std::string no_engine =
      "error: the image's Blender does not have the render engine CYCLES; it has BLENDER_EEVEE; give --engine-override";
  const std::string no_blender =
      "error: the image golem/blender:latest has no Blender that starts; make it with ./dev images, or "
      "give --image OLD=NEW";
  const Row rows[] = {
      {{.version = {{2, 93, 0}}, .engines = {"CYCLES"}}, "CYCLES", older, true},
      {{.version = {{3, 4, 1}}, .engines = {"CYCLES"}}, "CYCLES", older, false},
      {{.version = {{4, 2, 0}}, .engines = {"BLENDER_EEVEE"}}, "CYCLES", no_engine, true},
      {{.version = {{4, 2, 0}}, .engines = {"CYCLES"}}, "CYCLES", no_engine, false},
      {{.version = {}, .engines = {}}, "CYCLES", no_blender, true},
      {{.version = {{3, 4, 1}}, .engines = {"CYCLES"}}, "CYCLES", no_blender, false},
  };
  for (const Row& row : rows) {
    Scene scene;
    scene.image = row.image;
    scene.task.engine = row.engine;
    CHECK(scene.says(row.text) == row.is_told);
  }
}

TEST_CASE("an engine that ended with 2.79 is told, with what happens") {
  Scene scene;
  std::string bytes(gt::Input::read("tests/fuzz/seeds/scene_304.blend").bytes());
  const std::string before = std::string("CYCLES") + std::string(20, '\0');
  const std::string after = std::string("BLENDER_RENDER") + std::string(12, '\0');
  const std::size_t place = bytes.find(before);
  REQUIRE(place != std::string::npos);
  gt::write_file(scene.task.main_scene_file, bytes.replace(place, before.size(), after));
  scene.options.engine_override = "scene";
  const std::string text =
      "warning: the scene is made for BLENDER_RENDER, which ended with Blender 2.79: a later Blender renders "
      "it with EEVEE, and materials and lights come out otherwise; --engine-override CYCLES takes Cycles";
  CHECK(scene.says(text));
  scene.options.engine_override = "CYCLES";
  CHECK_FALSE(scene.says(text));
}

TEST_CASE("a scene that cannot be read is an error, but for a task's own script") {
  Scene scene;
  gt::write_file(scene.task.main_scene_file, "no scene");
  const std::string text = scene.task.main_scene_file + ": byte 0: it begins with \"no scene\", not with \"BLENDER\"";
  CHECK(scene.says("error: " + text));
  scene.plan.is_own_script = true;
  CHECK(scene.says("warning: " + text));
  const std::string whole(gt::Input::read("tests/fuzz/seeds/scene_304.blend").bytes());
  gt::write_file(scene.task.main_scene_file, whole.substr(0, whole.size() / 2));
  scene.plan.is_own_script = false;
  const std::vector<std::string> findings = scene.run();
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].starts_with("error: "));
}

TEST_CASE("frames, names, space and memory") {
  Scene scene;
  scene.task.use_frames = true;
  scene.task.frames = {1, 100'000};
  scene.task.total_subtasks = 2;
  const std::vector<std::string> findings = scene.run();
  CHECK(std::any_of(findings.begin(), findings.end(), [](const std::string& text) {
    return text.find(" of 2 frames are outside of the scene's own range, ") != std::string::npos;
  }));
  scene.saved_output = "out.jpg";
  scene.plan.output = "out.jpg.png";
  CHECK(
      scene.says("warning: the output out.jpg is named like a JPEG picture, the format is PNG: its name becomes out.jpg.png"));
  scene.plan.limits.memory_bytes = 100 << 20;
  CHECK(scene.says("warning: each container has 100 MiB of memory; EEVEE needs 512 for a small scene"));
  scene.task.estimated_memory = std::int64_t{5} << 30;
  CHECK(scene.says("warning: the task was estimated to need 5120 MiB of memory, 4096 are free"));
  scene.free_disk = 1;
  CHECK(
      scene.says("error: 0 MiB are free where the run directory will be, the task's files alone are 0 MiB; give another "
                 "--run-dir"));
}
