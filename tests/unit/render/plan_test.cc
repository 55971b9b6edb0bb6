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
  CHECK(plan.subtasks[3].frame == 1);
  CHECK(plan.strips == 4);
  CHECK(plan.parts() == 4);
  CHECK_FALSE(plan.is_animation);
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

Definition animation(std::int64_t frames, std::int64_t total) {
  Definition d = still();
  d.use_frames = true;
  for (std::int64_t frame = 1; frame <= frames; ++frame) d.frames.push_back(frame);
  d.total_subtasks = total;
  return d;
}

std::vector<std::string> texts(const std::vector<gt::Finding>& notes) {
  std::vector<std::string> out;
  for (const gt::Finding& note : notes) out.push_back(note.message);
  return out;
}

TEST_CASE("frames and subtasks are divided as the old program did") {
  struct Row {
    std::int64_t frames;
    std::int64_t total;
    std::int64_t strips;  // of each frame
    std::int64_t parts;
    std::string note;
  };
  const std::string so = ", as the old program, so that all have the same number of ";
  const Row rows[] = {
      {12, 12, 1, 12, ""},
      {12, 6, 1, 6, ""},
      {12, 1, 1, 1, ""},
      {12, 24, 2, 24, ""},
      {12, 5, 1, 4, "total_subtasks is 5: 4" + so + "frames (3 at most, of 12 frames)"},
      {10, 4, 1, 4, ""},  // 3, 3, 3 and 1
      {10, 6, 1, 5, "total_subtasks is 6: 5" + so + "frames (2 at most, of 10 frames)"},
      {12, 25, 2, 24, "total_subtasks is 25: 24" + so + "strips (2 strips of each of 12 frames)"},
      {12, 13, 1, 12, "total_subtasks is 13: 12" + so + "strips (1 strip of each of 12 frames)"},
      {1, 7, 7, 7, ""},
      {3, 300, 100, 300, ""},  // no range here
  };
  for (const Row& row : rows) {
    CAPTURE(row.frames);
    CAPTURE(row.total);
    const Plan plan = make_plan(animation(row.frames, row.total), {});
    CHECK(plan.strips == row.strips);
    CHECK(plan.parts() == row.parts);
    CHECK(static_cast<std::int64_t>(plan.subtasks.size()) == row.frames * row.strips);
    CHECK(texts(plan.notes) == (row.note.empty() ? std::vector<std::string>{} : std::vector<std::string>{row.note}));
  }
}

TEST_CASE("subtasks are numbered frame by frame, from the top") {
  const Plan plan = make_plan(animation(3, 6), {});
  REQUIRE(plan.subtasks.size() == 6);
  CHECK(plan.subtask(4).frame == 2);
  CHECK(plan.subtask(4).rows == gt::render::Rows{300, 600});
  CHECK(plan.subtask(4).part == 4);
  CHECK(plan.frame_of(4).front().number == 3);
  CHECK(plan.frame_of(4).back().number == 4);
}

TEST_CASE("frames: as listed, each once, whatever their order") {
  Definition d = animation(0, 1);
  d.frames = {12, 3, 12, 0, 3};
  const Plan plan = make_plan(d, {});
  CHECK(plan.frames == std::vector<std::int64_t>{12, 3, 0});
  CHECK(texts(plan.notes) == std::vector<std::string>{"the task lists 5 frames, 3 of them different: each is rendered once"});
  CHECK(plan.is_animation);
  d.optimize_total = true;
  CHECK(make_plan(d, {}).parts() == 3);
  CHECK(make_plan(d, {.strips = 2}).subtasks.size() == 6);
}

TEST_CASE("groups: parts are dealt out in turn, strips of one frame stay together where that leaves nobody idle") {
  using Groups = std::vector<gt::render::Group>;
  struct Row {
    Plan plan;
    std::int64_t count;
    Groups groups;
  };
  const Row rows[] = {
      {make_plan(still(), {}), 1, {{1, 2, 3, 4}}},
      {make_plan(still(), {}), 3, {{1, 4}, {2}, {3}}},
      {make_plan(still(), {}), 9, {{1}, {2}, {3}, {4}}},
      {make_plan(animation(5, 5), {}), 2, {{1, 3, 5}, {2, 4}}},
      {make_plan(animation(6, 3), {}), 2, {{1, 2, 5, 6}, {3, 4}}},
      {make_plan(animation(6, 1), {}), 4, {{1, 2, 3, 4, 5, 6}}},
      {make_plan(animation(3, 6), {}), 2, {{1, 2, 5, 6}, {3, 4}}},
      {make_plan(animation(1, 4), {}), 2, {{1, 3}, {2, 4}}},
  };
  for (const Row& row : rows) {
    std::vector<std::int64_t> all;
    for (const auto& subtask : row.plan.subtasks) all.push_back(subtask.number);
    CHECK(gt::render::make_groups(row.plan, all, row.count) == row.groups);
  }
  CHECK(gt::render::make_groups(make_plan(animation(6, 6), {}), {2, 3, 6}, 2) == Groups{{2, 6}, {3}});
  CHECK(gt::render::make_groups(make_plan(still(), {}), {}, 2).empty());
}

TEST_CASE("JPEG is cut where its blocks end, and into no more strips than it has of these") {
  Definition d = still();
  d.output_format = "JPEG";
  d.resolution = {800, 100};
  const Plan plan = make_plan(d, {.strips = 3});
  std::vector<std::int64_t> cuts;
  for (const auto& subtask : plan.subtasks) cuts.push_back(subtask.rows.end);
  CHECK(cuts == std::vector<std::int64_t>{48, 80, 100});
  CHECK(plan.notes.empty());
  const Plan many = make_plan(d, {.strips = 16});
  CHECK(many.strips == 7);
  CHECK(texts(many.notes) ==
        std::vector<std::string>{"7 strips instead of 16: JPEG can only be cut at multiples of 16 rows without loss"});
}

TEST_CASE("compositing is as the user says, else as the task does, else as the scene does") {
  using gt::render::Setting;
  Definition d = still();
  CHECK(make_plan(d, {}).compositing == Setting::Scene);
  d.compositing = false;
  CHECK(make_plan(d, {}).compositing == Setting::Off);
  d.compositing = true;
  CHECK(make_plan(d, {}).compositing == Setting::On);
  CHECK(make_plan(d, {.compositing = Setting::Scene}).compositing == Setting::Scene);
}

TEST_CASE("what cannot be rendered is refused with the way out") {
  struct Row {
    std::function<void(Definition&)> change;
    std::string text;
  };
  const Row rows[] = {
      {[](Definition& d) { d.renderer = Renderer::None, d.options_class.clear(), d.class_name = "gnr.X"; },
       "task.not-blender: this is a task without a renderer (gnr.X); only Blender, LuxRender and Python tasks can be rendered"},
      {[](Definition& d) { d.engine = "BLENDER_RENDER"; },
       "plan.invalid: renderer_options.engine: the engine BLENDER_RENDER ended with Blender 2.79, the image has a later "
       "Blender; "
       "give --engine-override CYCLES, or --engine-override scene for the engine that the scene names"},
      {[](Definition& d) { d.engine = "cycles\n"; },
       "plan.invalid: renderer_options.engine: Blender has no render engine cycles\\x0a; "
       "give --engine-override CYCLES, or --engine-override scene for the engine that the scene names"},
      {[](Definition& d) { d.use_frames = true; },
       "plan.invalid: renderer_options.frames: the task uses frames and lists none"},
      {[](Definition& d) {
         d.use_frames = true, d.frames = {1, 2}, d.total_subtasks = 0;
       },
       "plan.invalid: total_subtasks: 0 subtasks; an animation has at least one"},
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
      {[](Definition& d) { d.output_format = "GIF"; },
       "plan.invalid: output_format: the picture format is GIF; Blender writes PNG, TGA, EXR, OPEN_EXR, OPEN_EXR_MULTILAYER, "
       "JPEG, JPG, BMP; give "
       "--format PNG"},
  };
  for (const Row& row : rows) {
    Definition d = still();
    row.change(d);
    CHECK(error_text(d) == row.text);
  }
}

TEST_CASE("tasks of renderers that no image has are refused with what they are") {
  struct Row {
    Renderer renderer;
    const char* options_class;
    const char* what;
  };
  for (const Row& row :
       {Row{Renderer::ThreeDSMax, "gnr.task.threedsmaxtask.ThreeDSMaxRendererOptions",
            "this is a 3ds Max task (gnr.task.threedsmaxtask.ThreeDSMaxRendererOptions), made for Autodesk's 3ds "
            "Max, a program for Windows that no image has"},
        Row{Renderer::VRay, "gnr.task.vraytask.VRayRendererOptions",
            "this is a V-Ray task (gnr.task.vraytask.VRayRendererOptions), made for V-Ray, a commercial renderer "
            "that no image has"},
        Row{Renderer::Pbrt, "gnr.task.pbrttask.PbrtRendererOptions",
            "this is a PBRT task (gnr.task.pbrttask.PbrtRendererOptions), made for PBRT, which the old program "
            "ran as pbrt.exe, and no image has"},
        Row{Renderer::Unknown, "x.Options", "this is a task of an unknown renderer (x.Options)"}}) {
    Definition d = still();
    d.renderer = row.renderer;
    d.options_class = row.options_class;
    CHECK(error_text(d) ==
          std::string("task.not-blender: ") + row.what + "; only Blender, LuxRender and Python tasks can be rendered");
  }
}

namespace {

Definition lux() {
  Definition d = still();
  d.renderer = Renderer::LuxRender;
  d.options_class = "gnr.task.luxrendertask.LuxRenderOptions";
  d.total_subtasks = 3;
  return d;
}

Definition program() {
  Definition d;
  d.class_name = "gnr.gnrtaskstate.GNRTaskDefinition";
  d.main_program_file = "/home/golem/task.py";
  d.total_subtasks = 1;
  return d;
}

using Needs = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("LuxRender: films of the whole picture, the film of all, its picture") {
  using gt::render::Step;
  const Plan plan = make_plan(lux(), {});
  REQUIRE(plan.subtasks.size() == 5);
  const Step steps[] = {Step::Film, Step::Film, Step::Film, Step::Merge, Step::Image};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(plan.subtasks[i].step == steps[i]);
    CHECK(plan.subtasks[i].number == static_cast<std::int64_t>(i) + 1);
    CHECK(plan.subtasks[i].rows == gt::render::Rows{0, 600});
  }
  CHECK(plan.films() == 3);
  CHECK(plan.needs(2).empty());
  CHECK(plan.needs(4) == Needs{1, 2, 3});
  CHECK(plan.needs(5) == Needs{4});
  CHECK(place_of(plan, plan.subtask(2)) == "film 2 of 3");
  CHECK(extension_of(plan, plan.subtask(4)) == ".flm");
  CHECK(extension_of(plan, plan.subtask(5)) == ".png");
  CHECK(plan.parts() == 5);
  // Nothing of it shares a container.
  CHECK(gt::render::make_groups(plan, {1, 2, 3}, 2) == std::vector<gt::render::Group>{{1}, {2}, {3}});
}

TEST_CASE("a single film is not merged; the number of films follows the old program") {
  Definition d = lux();
  d.total_subtasks = 1;
  const Plan one = make_plan(d, {});
  REQUIRE(one.subtasks.size() == 2);
  CHECK(one.needs(2) == Needs{1});
  for (const std::int64_t total : {0, 101}) {
    d.total_subtasks = total;
    const Plan plan = make_plan(d, {});
    CHECK(plan.films() == 5);
    REQUIRE(plan.notes.size() == 1);
    CHECK(plan.notes[0].message ==
          "total_subtasks is " + std::to_string(total) + ", outside of 1 to 100: 5 films, as the old program");
  }
}

TEST_CASE("a task without a scene runs its program once") {
  Definition d = program();
  d.total_subtasks = 4;
  const Plan plan = make_plan(d, {});
  REQUIRE(plan.subtasks.size() == 1);
  CHECK(plan.subtasks[0].step == gt::render::Step::Program);
  CHECK(extension_of(plan, plan.subtasks[0]).empty());
  REQUIRE(plan.notes.size() == 1);
  CHECK(plan.notes[0].message == "total_subtasks is 4: the program runs once");
}

TEST_CASE("options of Blender are refused where there is none") {
  CHECK(error_text(lux(), {.strips = 2}) == "usage: --strips: is for Blender; this is a LuxRender task");
  CHECK(error_text(lux(), {.engine_override = "CYCLES"}) ==
        "usage: --engine-override: is for Blender; this is a LuxRender task");
  CHECK(error_text(program(), {.adaptive = gt::render::Setting::Off}) ==
        "usage: --adaptive: is for Blender; this is a Python task");
  CHECK(error_text(program(), {.compositing = gt::render::Setting::Off}) ==
        "usage: --compositing: is for Blender; this is a Python task");
  CHECK(error_text(program(), {.format = "PNG"}) ==
        "usage: --format: is for pictures; this is a Python task, whose program writes what it will");
  Definition d = lux();
  d.output_format = "JPEG";
  CHECK(error_text(d) ==
        "plan.invalid: output_format: the picture format is JPEG; LuxRender writes PNG, EXR, TGA; give --format PNG");
  CHECK(make_plan(d, {.format = "exr"}).format.extension == ".exr");
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
