#include "lib/rewrite/to_docker.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/base/sink.h"
#include "lib/json/encode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/task/support.h"

namespace gt::rewrite {
namespace {

using task::Renderer;
using testing::code_of;
using testing::environment_json;
using testing::error_of;
using testing::Fields;
using testing::graph_of;
using testing::image_json;
using testing::options_json;
using testing::task_json;
using testing::text_at;
using testing::text_of;
using testing::value_at;

constexpr std::string_view k_march_environment = "gnr.docker_environments.BlenderDockerEnvironment";
constexpr std::string_view k_image = "golem.docker.image.DockerImage";

std::string written(const object::Graph& graph) {
  StringSink sink;
  json::encode_2016(graph, sink, json::EncodeLimits());
  return sink.text();
}

std::string with_environment(const std::string& environment) {
  return options_json(testing::k_march_options, {{"environment", environment}});
}

std::string docker_task(const Fields& changes = {}) {
  Fields all = {{"main_program_file", "\"/x/docker_blendertask.py\""},
                {"docker_images", "[" + image_json("golem/blender", "1.0") + "]"},
                {"renderer_options",
                 with_environment(environment_json(k_march_environment, "[" + image_json("golem/blender", "1.0") + "]"))}};
  all.insert(all.end(), changes.begin(), changes.end());
  return task_json(all);
}

std::vector<std::string> paths(const Report& report) {
  std::vector<std::string> out;
  for (const Change& change : report.changes) out.push_back(change.path);
  return out;
}
using Paths = std::vector<std::string>;

std::vector<std::string> texts(const Report& report) {
  std::vector<std::string> out;
  for (const Finding& finding : report.findings) out.push_back(to_string(finding));
  return out;
}

TEST_CASE("a plain Blender task gets script, environment and image, and each change says what and why") {
  object::Graph graph = graph_of(task_json());
  const Report report = to_docker(graph);
  CHECK(text_at(graph, "main_program_file") == "/golem/gnr/task/scripts/docker_blendertask.py");
  CHECK(text_at(graph, "resources.1") == "/golem/gnr/task/scripts/docker_blendertask.py");
  CHECK(text_at(graph, "resources.0") == "/scenes/a.blend");
  CHECK(text_at(graph, "renderer_options.environment") == k_march_environment);
  CHECK(text_at(graph, "renderer_options.environment.docker_images.0.name") == "golem/blender:latest");
  CHECK(text_at(graph, "docker_images.0.name") == "golem/blender:latest");
  CHECK(text_at(graph, "docker_images.0") == k_image);
  CHECK_FALSE(value_at(graph, "docker_images") == value_at(graph, "renderer_options.environment.docker_images"));
  CHECK(text_at(graph, "main_scene_file") == "/scenes/a.blend");
  CHECK(text_at(graph, "renderer_options.engine") == "CYCLES");
  CHECK(report.findings.empty());
  REQUIRE(paths(report) == Paths{"main_program_file", "resources", "renderer_options.environment", "docker_images"});
  CHECK(report.changes[0].before == "/golem/gnr/task/scripts/blendertask.py");
  CHECK(report.changes[0].after == "/golem/gnr/task/scripts/docker_blendertask.py");
  CHECK(report.changes[2].before == "a gnr.renderingenvironment.BlenderEnvironment");
  CHECK(report.changes[2].after == "a gnr.docker_environments.BlenderDockerEnvironment");
  CHECK(report.changes[3].before == "nothing");
  CHECK(report.changes[3].after == "golem/blender:latest");
  for (const Change& change : report.changes) CHECK_FALSE(change.why.empty());
}

TEST_CASE("a Docker task stays to the byte, whatever renders it") {
  const std::string lux =
      docker_task({{"renderer_options",
                    options_json("gnr.task.luxrendertask.LuxRenderOptions",
                                 {{"environment", environment_json("x.Y", "[" + image_json("golem/luxrender", "1") + "]")}})}});
  for (const std::string& json : {docker_task(), docker_task({{"main_program_file", "\"docker_anything.py\""}}), lux}) {
    object::Graph graph = graph_of(json);
    const std::string before = written(graph);
    const Report report = to_docker(graph);
    CHECK(report.changes.empty());
    CHECK(texts(report) == std::vector<std::string>{"note: is a Docker task already: nothing was changed"});
    CHECK(written(graph) == before);
  }
}

TEST_CASE("a half-converted task gets what is missing, and its tag stays") {
  const std::string images = "[" + image_json("golem/blender", "1.0") + "]";
  struct Row {
    Fields changes;
    Paths paths;
    std::string task_image;
    std::string environment_image;
  };
  const Row rows[] = {
      {{{"main_program_file", "\"/x/blendertask.py\""}}, {"main_program_file"}, "golem/blender:1.0", "golem/blender:1.0"},
      {{{"docker_images", "null"}}, {"docker_images"}, "golem/blender:1.0", "golem/blender:1.0"},
      {{{"docker_images", "[]"}}, {"docker_images"}, "golem/blender:1.0", "golem/blender:1.0"},
      {{{"docker_images", ""}}, {"docker_images"}, "golem/blender:1.0", "golem/blender:1.0"},
      {{{"renderer_options", options_json()}}, {"renderer_options.environment"}, "golem/blender:1.0", "golem/blender:1.0"},
      {{{"renderer_options", with_environment(environment_json(k_march_environment, "[]"))}},
       {"renderer_options.environment"},
       "golem/blender:1.0",
       "golem/blender:1.0"},
      {{{"docker_images", "null"}, {"main_program_file", "\"blendertask.py\""}},
       {"main_program_file", "docker_images"},
       "golem/blender:1.0",
       "golem/blender:1.0"},
      {{{"docker_images", "[" + image_json("imapp/blender", "0.9") + "]"}, {"renderer_options", options_json()}},
       {"renderer_options.environment"},
       "imapp/blender:0.9",
       "imapp/blender:0.9"},
      // An image for another renderer does not count, and stays behind the new one.
      {{{"docker_images", "[" + image_json("golem/luxrender", "5") + "]"}, {"main_program_file", "\"blendertask.py\""}},
       {"main_program_file", "docker_images"},
       "golem/blender:1.0",
       "golem/blender:1.0"},
      {{{"main_program_file", "\"blendertask.py\""}, {"docker_images", "null"}, {"renderer_options", options_json()}},
       {"main_program_file", "renderer_options.environment", "docker_images"},
       "golem/blender:latest",
       "golem/blender:latest"},
      {{{"docker_images", "[" + image_json("golem/blender", "a") + "," + image_json("golem/blender", "b") + "]"},
        {"main_program_file", "\"blendertask.py\""}},
       {"main_program_file"},
       "golem/blender:a",
       "golem/blender:1.0"},
  };
  for (std::size_t n = 0; n < std::size(rows); ++n) {
    CAPTURE(n);
    object::Graph graph = graph_of(docker_task(rows[n].changes));
    const Report report = to_docker(graph);
    CHECK(paths(report) == rows[n].paths);
    CHECK(text_at(graph, "docker_images.0.name") == rows[n].task_image);
    CHECK(text_at(graph, "renderer_options.environment.docker_images.0.name") == rows[n].environment_image);
    CHECK(text_at(graph, "renderer_options.environment") == k_march_environment);
  }
  object::Graph both = graph_of(docker_task({{"docker_images", "[" + image_json("golem/luxrender", "5") + "]"}}));
  to_docker(both);
  // Already a Docker task by its three signs: nothing is touched.
  CHECK(text_at(both, "docker_images.0.name") == "golem/luxrender:5");
}

TEST_CASE("the script is its last component, in every kind of path") {
  struct Row {
    std::string script;   // as JSON text
    std::string after;    // as a text
    std::string warning;  // empty: none
  };
  const std::string stays = ", not blendertask.py: it stays, and runs in the container as it is";
  const Row rows[] = {
      {"blendertask.py", "docker_blendertask.py", ""},
      {"gnr/task/scripts/blendertask.py", "gnr/task/scripts/docker_blendertask.py", ""},
      {"/a/blendertask.py", "/a/docker_blendertask.py", ""},
      {R"(C:\\golem\\blendertask.py)", R"(C:\golem\docker_blendertask.py)", ""},
      {R"(C:\\golem/blendertask.py)", R"(C:\golem/docker_blendertask.py)", ""},
      {"$GOLEM_DIR/blendertask.py", "$GOLEM_DIR/docker_blendertask.py", ""},
      {"/a/docker_blendertask.py", "/a/docker_blendertask.py", ""},
      {"/a/docker_own.py", "/a/docker_own.py", ""},
      {"/a/blendertask.pyc", "/a/blendertask.pyc", "blendertask.pyc"},
      {"/a/myblendertask.py", "/a/myblendertask.py", "myblendertask.py"},
      {"/a/BlenderTask.py", "/a/BlenderTask.py", "BlenderTask.py"},
      {"/a/blendertask.py/", "/a/blendertask.py/", ""},
      {"/blendertask.py/own.py", "/blendertask.py/own.py", "own.py"},
      {"/a/own\\u001b.py", "/a/own\x1b.py", "own\\x1b.py"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.script);
    object::Graph graph = graph_of(task_json({{"main_program_file", '"' + row.script + '"'}}));
    const Report report = to_docker(graph);
    CHECK(text_at(graph, "main_program_file") == row.after);
    if (!row.warning.empty())
      CHECK(texts(report) ==
            std::vector<std::string>{"warning: main_program_file: the script is named " + row.warning + stays});
  }
}

TEST_CASE("resources: the script in the same folder, and only that") {
  struct Row {
    std::string script;
    std::string before;  // JSON
    std::string after;   // JSON, on one line without blanks
  };
  const Row rows[] = {
      {"/a/blendertask.py", R"({"py/set":["/a/blendertask.py","/b/blendertask.py","/a/blendertask.pyc"]})",
       R"({"py/set":["/a/docker_blendertask.py","/b/blendertask.py","/a/blendertask.pyc"]})"},
      {"/a/blendertask.py", R"(["/a/blendertask.py","/a/blendertask.py"])",
       R"(["/a/docker_blendertask.py","/a/docker_blendertask.py"])"},
      {"/a/blendertask.py", R"({"py/set":["/a/blendertask.py","/a/docker_blendertask.py"]})",
       R"({"py/set":["/a/docker_blendertask.py"]})"},
      {"blendertask.py", R"({"py/set":["blendertask.py","x/blendertask.py"]})",
       R"({"py/set":["docker_blendertask.py","x/blendertask.py"]})"},
      // Half-converted: the script is a Docker script, its old file is still listed.
      {"/a/docker_blendertask.py", R"({"py/set":["/a/blendertask.py"]})", R"({"py/set":["/a/docker_blendertask.py"]})"},
      {"/a/blendertask.py", R"({"py/set":[5,null]})", R"({"py/set":[5,null]})"},
      {"/a/blendertask.py", R"({"py/set":[]})", R"({"py/set":[]})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    object::Graph graph = graph_of(task_json({{"main_program_file", '"' + row.script + '"'}, {"resources", row.before}}));
    to_docker(graph);
    object::Graph expected = graph_of("[" + row.after + "]");
    graph.set_root(value_at(graph, "resources"));
    expected.set_root(value_at(expected, "0"));
    // The walk of a changed set is that of Python's table, so both are compared as text of sets filled alike.
    const auto sorted = [](const object::Graph& g) {
      std::vector<std::string> out;
      for (const object::Value v : g.items(g.root()))
        out.push_back(v.is(object::Kind::Text) ? std::string(g.string_of(v)) : "(other)");
      std::sort(out.begin(), out.end());
      return out;
    };
    CHECK(sorted(graph) == sorted(expected));
    CHECK(graph.root().kind() == expected.root().kind());
  }
  object::Graph odd = graph_of(task_json({{"resources", "5"}}));
  CHECK(texts(to_docker(odd)) == std::vector<std::string>{"warning: resources: is a number, not a set of paths: it stays"});
}

TEST_CASE("any other environment is replaced, also a wrong, a plain or a missing one") {
  for (const std::string& environment :
       {environment_json("golem.environments.environment.Environment"),
        environment_json("gnr.renderingenvironment.LuxRenderEnvironment"),
        environment_json("gnr.docker_environments.LuxRenderDockerEnvironment", "[" + image_json("golem/luxrender", "3") + "]"),
        environment_json("some.Other"), std::string("{}"), std::string("null"), std::string("5"), std::string()}) {
    CAPTURE(environment);
    object::Graph graph = graph_of(task_json({{"renderer_options", with_environment(environment)}}));
    to_docker(graph);
    CHECK(text_at(graph, "renderer_options.environment") == k_march_environment);
    CHECK(text_at(graph, "renderer_options.environment.docker_images.0.name") == "golem/blender:latest");
    CHECK(text_at(graph, "docker_images.0.name") == "golem/blender:latest");
  }
}

TEST_CASE("the classes that are put in are those of the task's era") {
  const std::string old_image = "golem.task.docker.image.DockerImage";
  struct Row {
    std::string json;
    std::string options;
    std::string environment;
    std::string image;
  };
  const Row rows[] = {
      // 2015: no Docker yet, so March 2016.
      {R"({"py/object":"examples.gnr.RenderingTaskState.RenderingTaskDefinition","mainProgramFile":"a/blendertask.py",)"
       R"("resources":[],"rendererOptions":{"py/object":"examples.gnr.task.BlenderRenderTask.BlenderRendererOptions"}})",
       "rendererOptions", std::string(k_march_environment), std::string(k_image)},
      // Before 2016-03-18: golem.task.docker.
      {docker_task(
           {{"docker_images", "[" + image_json("golem/blender", "1", old_image) + "]"}, {"renderer_options", options_json()}}),
       "renderer_options", std::string(k_march_environment), old_image},
      // April 2016: the Docker environments had the plain names.
      {docker_task({{"renderer_options", with_environment(environment_json("gnr.docker_environments.LuxRenderEnvironment",
                                                                           "[" + image_json("golem/luxrender", "1") + "]"))},
                    {"main_program_file", "\"blendertask.py\""}}),
       "renderer_options", "gnr.docker_environments.BlenderEnvironment", std::string(k_image)},
      // December 2016.
      {task_json({{"renderer_options", ""},
                  {"options", options_json("apps.blender.task.blenderrendertask.BlenderRendererOptions",
                                           {{"environment", environment_json("golem.environments.environment.Environment")}})}},
                 "apps.rendering.task.renderingtaskstate.RenderingTaskDefinition"),
       "options", "apps.blender.blenderenvironment.BlenderEnvironment", std::string(k_image)},
  };
  for (const Row& row : rows) {
    object::Graph graph = graph_of(row.json);
    const Report report = to_docker(graph);
    CHECK(text_at(graph, row.options + ".environment") == row.environment);
    CHECK(text_at(graph, row.options + ".environment.docker_images.0") == row.image);
    CHECK(text_at(graph, "docker_images.0") == row.image);
    CHECK(paths(report).size() >= 1);
  }
  object::Graph camel = graph_of(rows[0].json);
  CHECK(paths(to_docker(camel)) == Paths{"mainProgramFile", "rendererOptions.environment", "docker_images"});
  CHECK(text_at(camel, "mainProgramFile") == "a/docker_blendertask.py");
  CHECK(text_at(camel, "main_program_file") == "(nothing)");
}

TEST_CASE("tasks for other renderers are refused with their names") {
  struct Row {
    std::string options;
    Renderer renderer;
    std::string message;
  };
  const std::string lux = options_json("gnr.task.luxrendertask.LuxRenderOptions");
  const Row rows[] = {
      {lux, Renderer::Blender,
       "is a LuxRender task, not a Blender task; --renderer lux converts it for the image golem/luxrender"},
      {options_json("gnr.task.vraytask.VRayRendererOptions"), Renderer::Blender, "is a V-Ray task, not a Blender task"},
      {options_json("gnr.task.threedsmaxtask.ThreeDSMaxRendererOptions"), Renderer::Blender,
       "is a 3ds Max task, not a Blender task"},
      {options_json("gnr.task.pbrtgnrtask.PbrtRendererOptions"), Renderer::Blender, "is a PBRT task, not a Blender task"},
      {options_json("gnr.x.Other"), Renderer::Blender,
       "is a task whose renderer options are a gnr.x.Other, not a Blender task"},
      {"{}", Renderer::Blender, "is a task whose renderer options are a dict, not a Blender task"},
      {"null", Renderer::Blender, "is a task without renderer options, not a Blender task"},
      {"", Renderer::Blender, "is a task without renderer options, not a Blender task"},
      {options_json(), Renderer::LuxRender, "is a Blender task, not a LuxRender task; leave out --renderer lux"},
      {options_json("gnr.task.vraytask.VRayRendererOptions"), Renderer::LuxRender, "is a V-Ray task, not a LuxRender task"},
  };
  for (const Row& row : rows) {
    object::Graph graph = graph_of(task_json({{"renderer_options", row.options}}));
    const std::string before = written(graph);
    const auto error = error_of([&] { to_docker(graph, row.renderer); });
    CHECK(code_of(error) == "task.not-blender");
    CHECK(text_of(error) == row.message);
    CHECK(written(graph) == before);
  }
}

TEST_CASE("a LuxRender task becomes one for golem/luxrender when that is asked for") {
  object::Graph graph = graph_of(
      task_json({{"main_program_file", "\"/a/luxtask.py\""},
                 {"resources", "[\"/a/luxtask.py\",\"/a/blendertask.py\"]"},
                 {"renderer_options",
                  options_json("gnr.task.luxrendertask.LuxRenderOptions",
                               {{"environment", environment_json("gnr.renderingenvironment.LuxRenderEnvironment")}})}}));
  to_docker(graph, Renderer::LuxRender);
  CHECK(text_at(graph, "main_program_file") == "/a/docker_luxtask.py");
  CHECK(text_at(graph, "resources.0") == "/a/docker_luxtask.py");
  CHECK(text_at(graph, "resources.1") == "/a/blendertask.py");
  CHECK(text_at(graph, "renderer_options.environment") == "gnr.docker_environments.LuxRenderDockerEnvironment");
  CHECK(text_at(graph, "docker_images.0.name") == "golem/luxrender:latest");
  CHECK(to_docker(graph, Renderer::LuxRender).changes.empty());
}

TEST_CASE("rewriting twice changes nothing") {
  const std::string tasks[] = {
      task_json(),
      task_json({{"main_program_file", "\"/own/script.py\""}}),
      task_json({{"resources", "[\"/golem/gnr/task/scripts/blendertask.py\"]"}}),
      task_json({{"renderer_options", with_environment("null")}}),
      docker_task(
          {{"docker_images", "[" + image_json("golem/luxrender", "5") + "]"}, {"main_program_file", "\"blendertask.py\""}}),
      task_json(
          {{"renderer_options", ""}, {"options", options_json("apps.blender.task.blenderrendertask.BlenderRendererOptions")}},
          "apps.rendering.task.renderingtaskstate.RenderingTaskDefinition"),
  };
  for (const std::string& json : tasks) {
    object::Graph graph = graph_of(json);
    CHECK_FALSE(to_docker(graph).changes.empty());
    const std::string once = written(graph);
    CHECK(to_docker(graph).changes.empty());
    CHECK(written(graph) == once);
    // And from the written file.
    object::Graph again = graph_of(once);
    CHECK(to_docker(again).changes.empty());
    CHECK(written(again) == once);
  }
}

TEST_CASE("what is no task, or has no script, is refused") {
  object::Graph list = graph_of("[]");
  CHECK(code_of(error_of([&] { to_docker(list); })) == "task.wrong-class");
  struct Row {
    std::string script;
    std::string message;
  };
  const Row rows[] = {
      {"null", "main_program_file: is null, but should be the path of the task's script"},
      {"5", "main_program_file: is a number, but should be the path of the task's script"},
      {"", "main_program_file: is nothing, but should be the path of the task's script"},
  };
  for (const Row& row : rows) {
    object::Graph graph = graph_of(task_json({{"main_program_file", row.script}}));
    const auto error = error_of([&] { to_docker(graph); });
    CHECK(code_of(error) == "task.field");
    CHECK(text_of(error) == row.message);
  }
  object::Graph graph = graph_of(task_json());
  CHECK(code_of(error_of([&] { to_docker(graph, Renderer::VRay); })) == "bug");
}

}  // namespace
}  // namespace gt::rewrite
