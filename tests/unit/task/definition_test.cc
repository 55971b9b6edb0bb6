#include "lib/task/definition.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/base/support.h"
#include "tests/unit/task/support.h"

namespace gt::task {
namespace {

using testing::code_of;
using testing::error_of;
using testing::Fields;
using testing::graph_of;
using testing::image_json;
using testing::options_json;
using testing::task_json;
using testing::text_of;

// `json` must outlive the graph, and the definition owns all that it has.
Definition read(const std::string& json) { return read_definition(graph_of(json)); }

std::string verification_json(const Fields& changes) {
  return testing::object_json("gnr.renderingtaskstate.AdvanceRenderingVerificationOptions", {}, changes);
}

TEST_CASE("a task of March 2016") {
  const Definition task = read(task_json());
  CHECK(task.class_name == "gnr.renderingtaskstate.RenderingTaskDefinition");
  CHECK(task.task_id == "t1");
  CHECK(task.renderer == Renderer::Blender);
  CHECK(task.options_class == "gnr.task.blenderrendertask.BlenderRendererOptions");
  CHECK(task.main_program_file == "/golem/gnr/task/scripts/blendertask.py");
  CHECK(task.main_scene_file == "/scenes/a.blend");
  CHECK(task.output_file == "/out/a");
  CHECK(task.output_format == "PNG");
  CHECK(task.resources == std::vector<std::string>{"/golem/gnr/task/scripts/blendertask.py", "/scenes/a.blend"});
  CHECK(task.resolution == std::array<std::int64_t, 2>{800, 600});
  CHECK(task.total_subtasks == 6);
  CHECK_FALSE(task.optimize_total);
  CHECK(task.full_task_timeout == 14400);
  CHECK(task.subtask_timeout == 1200.5);
  CHECK(task.estimated_memory == 1'000'000);
  CHECK(task.engine == "CYCLES");
  CHECK_FALSE(task.use_frames);
  CHECK(task.frames == std::vector<std::int64_t>{1, 2, 3});
  CHECK_FALSE(task.is_docker());
}

TEST_CASE("a task of 2015 with camelCase names") {
  const Definition task =
      read(R"({"py/object":"examples.gnr.RenderingTaskState.RenderingTaskDefinition","taskId":"t2","mainProgramFile":"p.py",)"
           R"("mainSceneFile":"s.blend","outputFile":"o","outputFormat":"EXR","resources":{"py/set":["s.blend"]},)"
           R"("resolution":{"py/tuple":[640,480]},"totalSubtasks":3,"optimizeTotal":true,"fullTaskTimeout":10,)"
           R"("subtaskTimeout":5,"estimatedMemory":7,"rendererOptions":{"py/object":)"
           R"("examples.gnr.task.BlenderRenderTask.BlenderRendererOptions","useFrames":true,"frames":[4],"engine":"X"}})");
  CHECK(task.task_id == "t2");
  CHECK(task.main_program_file == "p.py");
  CHECK(task.main_scene_file == "s.blend");
  CHECK(task.output_file == "o");
  CHECK(task.output_format == "EXR");
  CHECK(task.resolution == std::array<std::int64_t, 2>{640, 480});
  CHECK(task.total_subtasks == 3);
  CHECK(task.optimize_total);
  CHECK(task.full_task_timeout == 10);
  CHECK(task.subtask_timeout == 5);
  CHECK(task.estimated_memory == 7);
  CHECK(task.renderer == Renderer::Blender);
  CHECK(task.use_frames);
  CHECK(task.frames == std::vector<std::int64_t>{4});
}

TEST_CASE("a task of December 2016 keeps its renderer options in options") {
  const std::string options = options_json("apps.blender.task.blenderrendertask.BlenderRendererOptions");
  const Definition task = read(task_json({{"renderer_options", ""}, {"options", options}},
                                         "apps.rendering.task.renderingtaskstate.RenderingTaskDefinition"));
  CHECK(task.renderer == Renderer::Blender);
  CHECK(task.options_class == "apps.blender.task.blenderrendertask.BlenderRendererOptions");
  CHECK(task.frames == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("the images are the task's own, else those of its environment") {
  const auto environment = [](std::string_view images) {
    return options_json(
        testing::k_march_options,
        {{"environment", testing::environment_json("gnr.docker_environments.BlenderDockerEnvironment", images)}});
  };
  const std::string own = "[" + image_json("golem/blender", "1.0") + "]";
  const std::string other = "[" + image_json("golem/blender", "2.0") + "]";
  struct Row {
    std::string task_images;
    std::string environment_images;
    std::string name;
  };
  const Row rows[] = {{own, other, "golem/blender:1.0"},
                      {"null", other, "golem/blender:2.0"},
                      {"[]", other, "golem/blender:2.0"},
                      {own, "[]", "golem/blender:1.0"},
                      {"", other, "golem/blender:2.0"}};
  for (const Row& row : rows) {
    const Definition task =
        read(task_json({{"docker_images", row.task_images}, {"renderer_options", environment(row.environment_images)}}));
    REQUIRE(task.docker_images.size() == 1);
    CHECK(task.docker_images[0].name() == row.name);
    CHECK(task.is_docker());
  }
  CHECK(Image{"a/b", "", ""}.name() == "a/b:latest");
}

TEST_CASE("the renderer is told by the class of the options") {
  struct Row {
    std::string options;
    Renderer renderer;
    std::string_view text;
  };
  const Row rows[] = {
      {options_json("gnr.task.luxrendertask.LuxRenderOptions"), Renderer::LuxRender, "LuxRender"},
      {options_json("gnr.task.vraytask.VRayRendererOptions"), Renderer::VRay, "V-Ray"},
      {options_json("gnr.task.threedsmaxtask.ThreeDSMaxRendererOptions"), Renderer::ThreeDSMax, "3ds Max"},
      {options_json("gnr.task.pbrtgnrtask.PbrtRendererOptions"), Renderer::Pbrt, "PBRT"},
      {options_json("some.Other"), Renderer::Unknown, "an unknown renderer"},
      {"{}", Renderer::Unknown, "an unknown renderer"},
      {"null", Renderer::None, "no renderer"},
      {"", Renderer::None, "no renderer"},
  };
  for (const Row& row : rows) {
    const Definition task = read(task_json({{"renderer_options", row.options}}));
    CHECK(task.renderer == row.renderer);
    CHECK(to_string(task.renderer) == row.text);
  }
}

TEST_CASE("verification: which results, of what size, how often") {
  struct Row {
    std::string json;
    Verification expected;
  };
  using Which = Verification::Which;
  const Row rows[] = {
      {"null", {}},
      {"", {}},
      {verification_json({}), {.which = Which::ForFirst}},
      {verification_json({{"type", "\"forAll\""}, {"box_size", R"({"py/tuple":[20,8]})"}, {"probability", "0.5"}}),
       {.which = Which::ForAll, .box_size = {20, 8}, .probability = 0.5}},
      {verification_json({{"type", "\"random\""}, {"box_size", ""}, {"boxSize", "[7,9]"}, {"probability", "1"}}),
       {.which = Which::Random, .box_size = {7, 9}, .probability = 1}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const Verification seen = read(task_json({{"verification_options", row.json}})).verification;
    CHECK(seen.which == row.expected.which);
    CHECK(seen.box_size == row.expected.box_size);
    CHECK(seen.probability == row.expected.probability);
  }
}

TEST_CASE("what some eras and renderers have: compositing, LuxRender's ends") {
  const auto options = [](const Fields& changes) {
    return read(task_json({{"renderer_options", options_json(testing::k_march_options, changes)}}));
  };
  CHECK_FALSE(options({}).compositing.has_value());
  CHECK(options({{"compositing", "true"}}).compositing == true);
  CHECK(options({{"compositing", "false"}}).compositing == false);
  const Definition lux = options({{"halttime", "600"}, {"haltspp", "30"}});
  CHECK(lux.halttime == 600);
  CHECK(lux.haltspp == 30);
}

TEST_CASE("fields that are missing or null keep their defaults") {
  const Definition task = read(task_json({{"task_id", "null"},
                                          {"main_scene_file", ""},
                                          {"total_subtasks", "null"},
                                          {"resources", "null"},
                                          {"full_task_timeout", ""},
                                          {"optimize_total", ""}}));
  CHECK(task.task_id.empty());
  CHECK(task.main_scene_file.empty());
  CHECK(task.total_subtasks == 0);
  CHECK(task.resources.empty());
  CHECK(task.full_task_timeout == 0);
  CHECK_FALSE(task.optimize_total);
}

TEST_CASE("numbers that are whole count as integers, whatever Python made of them") {
  const Definition task = read(task_json({{"total_subtasks", "6.0"},
                                          {"resolution", "[true,1e3]"},
                                          {"optimize_total", "1"},
                                          {"full_task_timeout", "0.5"},
                                          {"estimated_memory", "9223372036854775807"}}));
  CHECK(task.total_subtasks == 6);
  CHECK(task.resolution == std::array<std::int64_t, 2>{1, 1000});
  CHECK(task.optimize_total);
  CHECK(task.full_task_timeout == 0.5);
  CHECK(task.estimated_memory == 9223372036854775807);
}

TEST_CASE("a field of the wrong type is an error that names the place") {
  struct Row {
    Fields changes;
    std::string message;
  };
  const auto in_options = [](const char* name, const char* json) {
    return Fields{{"renderer_options", options_json(testing::k_march_options, {{name, json}})}};
  };
  const Row rows[] = {
      {{{"task_id", "5"}}, "task_id: is a number, but should be a text"},
      {{{"main_program_file", "[]"}}, "main_program_file: is a list, but should be a text"},
      {{{"output_format", "{}"}}, "output_format: is a dict, but should be a text"},
      {{{"resources", "\"x\""}}, "resources: is a text, but should be a list"},
      {{{"resources", "[1]"}}, "resources: is a number, but should be texts"},
      {{{"resolution", "null"}}, "resolution: is null, but should be a width and a height"},
      {{{"resolution", ""}}, "resolution: is nothing, but should be a width and a height"},
      {{{"resolution", "[1]"}}, "resolution: is a list, but should be a width and a height"},
      {{{"resolution", "[1,2,3]"}}, "resolution: is a list, but should be a width and a height"},
      {{{"resolution", "[1.5,2]"}}, "resolution: is a number, but should be a whole number"},
      {{{"resolution", "[\"800\",600]"}}, "resolution: is a text, but should be a whole number"},
      {{{"resolution", "800"}}, "resolution: is a number, but should be a list"},
      {{{"total_subtasks", "\"6\""}}, "total_subtasks: is a text, but should be a whole number"},
      {{{"total_subtasks", "NaN"}}, "total_subtasks: is a number, but should be a whole number"},
      {{{"total_subtasks", "Infinity"}}, "total_subtasks: is a number, but should be a whole number"},
      {{{"total_subtasks", "99999999999999999999"}}, "total_subtasks: is a number, but should be a whole number"},
      {{{"total_subtasks", "1e300"}}, "total_subtasks: is a number, but should be a whole number"},
      {{{"optimize_total", "\"yes\""}}, "optimize_total: is a text, but should be true or false"},
      {{{"full_task_timeout", "-1"}}, "full_task_timeout: is a number, but should be a number of seconds, 0 or more"},
      {{{"full_task_timeout", "NaN"}}, "full_task_timeout: is a number, but should be a number of seconds, 0 or more"},
      {{{"subtask_timeout", "Infinity"}}, "subtask_timeout: is a number, but should be a number of seconds, 0 or more"},
      {{{"subtask_timeout", "\"1\""}}, "subtask_timeout: is a text, but should be a whole number"},
      {{{"docker_images", "5"}}, "docker_images: is a number, but should be a list"},
      {{{"docker_images", "[5]"}}, "docker_images: is a number, but should be Docker images"},
      {{{"docker_images", "[{}]"}}, "docker_images: is a dict, but should be Docker images with a repository"},
      {in_options("frames", "5"), "renderer_options.frames: is a number, but should be a list"},
      {in_options("frames", "[\"1\"]"), "renderer_options.frames: is a text, but should be a whole number"},
      {in_options("engine", "[]"), "renderer_options.engine: is a list, but should be a text"},
      {in_options("use_frames", "null"), "no error"},
      {in_options("compositing", "\"on\""), "renderer_options.compositing: is a text, but should be true or false"},
      {{{"verification_options", verification_json({{"type", "\"sometimes\""}})}},
       "verification_options.type: is a text, but should be forFirst, forAll or random"},
      {{{"verification_options", verification_json({{"box_size", "[5]"}})}},
       "verification_options.box_size: is a list, but should be a width and a height"},
      {{{"verification_options", verification_json({{"probability", "NaN"}})}},
       "verification_options.probability: is a number, but should be a probability"},
  };
  for (const Row& row : rows) {
    const std::string json = task_json(row.changes);
    CAPTURE(json);
    const auto error = error_of([&] { read(json); });
    CHECK(text_of(error) == row.message);
    CHECK(code_of(error) == (row.message == "no error" ? "no error" : "task.field"));
  }
}

TEST_CASE("a field of an image is named with its path") {
  const std::string json = task_json({{"docker_images", "[{\"repository\":5}]"}});
  CHECK(text_of(error_of([&] { read(json); })) == "docker_images[].repository: is a number, but should be a text");
}

TEST_CASE("a Python task has a program and no picture") {
  const Definition d = read(R"({"py/object":"gnr.gnrtaskstate.GNRTaskDefinition","main_program_file":"/home/golem/task.py",)"
                            R"("resources":{"py/set":["/home/golem/data.csv"]},"options":null,"total_subtasks":1})");
  CHECK(d.renderer == gt::task::Renderer::None);
  CHECK(d.main_program_file == "/home/golem/task.py");
  CHECK(d.main_scene_file.empty());
  CHECK(d.resolution == std::array<std::int64_t, 2>{0, 0});
}

TEST_CASE("a task without renderer options may say in words that it is for a renderer") {
  using gt::task::Renderer;
  for (const auto& [type, renderer] :
       {std::pair{"PBRT", Renderer::Pbrt}, std::pair{"VRay Standalone", Renderer::VRay},
        std::pair{"3ds Max Renderer", Renderer::ThreeDSMax}, std::pair{"Python GNR Task", Renderer::None}}) {
    const Definition d = read(std::string(R"({"py/object":"gnr.gnrtaskstate.GNRTaskDefinition","main_program_file":"a.py",)") +
                              R"("task_type":")" + type + "\"}");
    CHECK(d.renderer == renderer);
  }
}

TEST_CASE("what is no task is told by what it is") {
  struct Row {
    std::string json;
    std::string message;
  };
  const Row rows[] = {
      {"[]", "is no task definition but a list"},
      {"{}", "is no task definition but a dict"},
      {"null", "is no task definition but null"},
      {"5", "is no task definition but a number"},
      {"\"x\"", "is no task definition but a text"},
      {R"({"py/tuple":[]})", "is no task definition but a tuple"},
      {R"({"py/type":"m.C"})", "is no task definition but the class m.C"},
      {R"({"py/object":"gnr.renderingtaskstate.RenderingTaskState"})",
       "is no task definition but a gnr.renderingtaskstate.RenderingTaskState"},
  };
  for (const Row& row : rows) {
    const auto error = error_of([&] { read(row.json); });
    CHECK(code_of(error) == "task.wrong-class");
    CHECK(text_of(error) == row.message);
  }
}

}  // namespace
}  // namespace gt::task
