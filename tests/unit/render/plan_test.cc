#include "lib/render/plan.h"

#include <doctest/doctest.h>

#include <functional>

using gt::Error;
using gt::ErrorCode;
using gt::render::make_plan;
using gt::render::Plan;
using gt::render::PlanOptions;
using gt::task::Definition;
using gt::task::Renderer;

namespace {

Definition still() {
  Definition d;
  d.class_name = "gnr.renderingtaskstate.RenderingTaskDefinition";
  d.options_class = "gnr.task.blenderrendertask.BlenderRendererOptions";
  d.renderer = Renderer::Blender;
  d.output_format = "PNG";
  d.resolution = {800, 600};
  d.total_subtasks = 4;
  d.engine = "CYCLES";
  return d;
}

std::string error_text(const Definition& d, const PlanOptions& options = {}) {
  try {
    make_plan(d, options);
  } catch (const Error& error) {
    return std::string(gt::to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a still becomes frame 1 in total_subtasks strips") {
  const Plan plan = make_plan(still(), {});
  REQUIRE(plan.subtasks.size() == 4);
  CHECK(plan.engine == "CYCLES");
  CHECK(plan.notes.empty());
  CHECK(plan.subtasks[0].number == 1);
  CHECK(plan.subtasks[3].rows == gt::render::Rows{450, 600});
  CHECK(plan.subtasks[3].frames == std::vector<std::int64_t>{1});
}

TEST_CASE("the number of strips follows the old program") {
  struct Row {
    std::int64_t total;
    bool optimize;
    std::size_t strips;
    bool has_note;
  };
  for (const Row& row : {Row{1, false, 1, false}, Row{100, false, 100, false}, Row{0, false, 6, true}, Row{101, false, 6, true},
                         Row{-3, false, 6, true}, Row{12, true, 6, true}}) {
    Definition d = still();
    d.total_subtasks = row.total;
    d.optimize_total = row.optimize;
    const Plan plan = make_plan(d, {});
    CAPTURE(row.total);
    CHECK(plan.subtasks.size() == row.strips);
    CHECK(plan.notes.size() == (row.has_note ? 1 : 0));
    CHECK(make_plan(d, {.strips = 7}).subtasks.size() == 7);
  }
}

TEST_CASE("one frame is a still of that frame") {
  Definition d = still();
  d.use_frames = true;
  d.frames = {12};
  CHECK(make_plan(d, {}).subtasks[0].frames == std::vector<std::int64_t>{12});
}

TEST_CASE("what cannot be rendered is refused with the way out") {
  struct Row {
    std::function<void(Definition&)> change;
    std::string text;
  };
  const Row rows[] = {
      {[](Definition& d) { d.renderer = Renderer::None, d.options_class.clear(), d.class_name = "gnr.X"; },
       "task.not-blender: this is a task without a renderer (gnr.X); only Blender tasks can be rendered"},
      {[](Definition& d) { d.engine = "BLENDER_RENDER"; },
       "plan.invalid: renderer_options.engine: the engine BLENDER_RENDER ended with Blender 2.79, the image has a later "
       "Blender; "
       "give --engine-override CYCLES, or --engine-override scene for the engine that the scene names"},
      {[](Definition& d) { d.engine = "cycles\n"; },
       "plan.invalid: renderer_options.engine: Blender has no render engine cycles\\x0a; "
       "give --engine-override CYCLES, or --engine-override scene for the engine that the scene names"},
      {[](Definition& d) {
         d.use_frames = true, d.frames = {1, 2};
       },
       "plan.invalid: renderer_options.frames: the task uses frames and lists 2 frames; only stills, and animations of one "
       "frame, "
       "can be rendered"},
      {[](Definition& d) { d.use_frames = true; },
       "plan.invalid: renderer_options.frames: the task uses frames and lists no frames; only stills, and animations of one "
       "frame, can be rendered"},
      {[](Definition& d) { d.use_frames = true, d.frames = {-1}; },
       "plan.invalid: renderer_options.frames: frame -1 is outside of 0 to 1048574"},
      {[](Definition& d) {
         d.resolution = {0, 600};
       },
       "plan.invalid: resolution: the picture is 0 x 600 pixels; Blender renders 1 to 65536 in each direction"},
      {[](Definition& d) {
         d.resolution = {800, 3};
       },
       "plan.invalid: total_subtasks: 4 strips of a picture of 3 rows; give --strips with at most 3"},
      {[](Definition& d) { d.output_format = "EXR"; },
       "plan.invalid: total_subtasks: strips of format EXR cannot be joined, and the task is split into 4; give --strips 1, or "
       "--format PNG"},
      {[](Definition& d) { d.output_format = "GIF"; },
       "plan.invalid: output_format: the picture format is GIF; Blender writes PNG, TGA, EXR, OPEN_EXR, JPEG, JPG, BMP; give "
       "--format PNG"},
  };
  for (const Row& row : rows) {
    Definition d = still();
    row.change(d);
    CHECK(error_text(d) == row.text);
  }
}

TEST_CASE("the renderer of a refused task is named") {
  Definition d = still();
  d.renderer = Renderer::LuxRender;
  d.options_class = "gnr.task.luxrendertask.LuxRenderOptions";
  const std::string text = error_text(d);
  CHECK(text.find("(gnr.task.luxrendertask.LuxRenderOptions); only Blender tasks can be rendered") != std::string::npos);
}

TEST_CASE("overrides are taken") {
  Definition d = still();
  d.engine = "BLENDER_RENDER";
  d.output_format = "EXR";
  const Plan plan = make_plan(d, {.strips = 1,
                                  .format = {},
                                  .engine_override = "scene",
                                  .adaptive = gt::render::Setting::Off,
                                  .compositing = gt::render::Setting::Scene});
  CHECK(plan.engine.empty());
  CHECK(plan.format.blender == "OPEN_EXR");
  CHECK(plan.adaptive == gt::render::Setting::Off);
  CHECK(make_plan(d, {.strips = {}, .format = "png", .engine_override = "CYCLES"}).format.blender == "PNG");
  CHECK(error_text(d, {.strips = {}, .format = "PNG", .engine_override = "BLENDER_GAME"}).find("--engine-override: ") !=
        std::string::npos);
}

TEST_CASE("result names and extensions are Blender's") {
  const auto png = *gt::render::find_format("PNG");
  const auto exr = *gt::render::find_format("exr");
  CHECK(gt::render::output_name("strip", 1, png) == "strip0001.png");
  CHECK(gt::render::output_name("strip", 12345, exr) == "strip12345.exr");
  CHECK(gt::render::with_extension("/a/b", png) == "/a/b.png");
  CHECK(gt::render::with_extension("/a/b.PNG", png) == "/a/b.PNG");
  CHECK(gt::render::with_extension("/a/b.exr", png) == "/a/b.exr.png");
  CHECK(gt::render::with_extension(".png", png) == ".png.png");
}
