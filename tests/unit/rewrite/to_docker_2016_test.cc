#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/object/python2.h"
#include "lib/rewrite/to_docker.h"
#include "tests/unit/base/support.h"
#include "tests/unit/task/support.h"

namespace gt::rewrite {
namespace {

using testing::code_of;
using testing::environment_json;
using testing::error_of;
using testing::image_json;
using testing::options_json;
using testing::task_json;
using testing::text_at;
using testing::text_of;
using testing::value_at;

object::Graph graph_2016(const std::string& json) { return json::decode(json, json::Restore::As2016); }

std::vector<std::string> resources_of(const object::Graph& graph) {
  std::vector<std::string> out;
  for (const object::Value v : object::python2_walk(graph, value_at(graph, "resources"))) out.emplace_back(graph.string_of(v));
  return out;
}
using Texts = std::vector<std::string>;

TEST_CASE("every occurrence of the path of 2016 is replaced, and nothing else") {
  struct Row {
    std::string before;  // as JSON text
    std::string after;
  };
  const Row rows[] = {
      {"/golem/gnr/task/scripts/blendertask.py", "/golem/gnr/task/scripts/docker_blendertask.py"},
      {"/gnr/task/scripts/blendertask.py", "/gnr/task/scripts/docker_blendertask.py"},
      {"/a/gnr/task/scripts/blendertask.pyc", "/a/gnr/task/scripts/docker_blendertask.pyc"},
      {"/gnr/task/scripts/blendertask.py/gnr/task/scripts/blendertask.py",
       "/gnr/task/scripts/docker_blendertask.py/gnr/task/scripts/docker_blendertask.py"},
      {"gnr/task/scripts/blendertask.py", "gnr/task/scripts/blendertask.py"},  // relative: not touched
      {"/gnr/task/scripts/docker_blendertask.py", "/gnr/task/scripts/docker_blendertask.py"},
      {R"(C:\\gnr\\task\\scripts\\blendertask.py)", R"(C:\gnr\task\scripts\blendertask.py)"},
      {"/own/blendertask.py", "/own/blendertask.py"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    object::Graph graph = graph_2016(
        task_json({{"main_program_file", '"' + row.before + '"'}, {"resources", "[\"" + row.before + "\",\"/s.blend\"]"}}));
    to_docker_2016(graph);
    CHECK(text_at(graph, "main_program_file") == row.after);
    REQUIRE(value_at(graph, "resources").is(object::Kind::Set));
    const Texts resources = resources_of(graph);
    CHECK(std::find(resources.begin(), resources.end(), row.after) != resources.end());
    CHECK(resources.size() == 2);
  }
}

TEST_CASE("only the exact class BlenderEnvironment is replaced, the images always") {
  struct Row {
    std::string environment;
    std::string after;
  };
  const Row rows[] = {
      {environment_json("gnr.renderingenvironment.BlenderEnvironment"), "gnr.docker_environments.BlenderDockerEnvironment"},
      {environment_json("gnr.renderingenvironment.LuxRenderEnvironment"), "gnr.renderingenvironment.LuxRenderEnvironment"},
      {environment_json("golem.environments.environment.Environment"), "golem.environments.environment.Environment"},
      {"null", "(no text)"},
  };
  for (const Row& row : rows) {
    object::Graph graph =
        graph_2016(task_json({{"renderer_options", options_json(testing::k_march_options, {{"environment", row.environment}})},
                              {"docker_images", "[" + image_json("golem/luxrender", "7") + "]"}}));
    to_docker_2016(graph);
    CHECK(text_at(graph, "renderer_options.environment") == row.after);
    CHECK(text_at(graph, "docker_images.0.name") == "golem/blender:latest");
    CHECK_FALSE(value_at(graph, "docker_images.1"));
  }
}

TEST_CASE("a LuxRender task gets golem/blender, too") {
  object::Graph graph = graph_2016(task_json({{"renderer_options", options_json("gnr.task.luxrendertask.LuxRenderOptions")}}));
  to_docker_2016(graph);
  CHECK(text_at(graph, "docker_images.0.name") == "golem/blender:latest");
}

TEST_CASE("environment and task get an image list each") {
  object::Graph graph = graph_2016(task_json());
  to_docker_2016(graph);
  const object::Value own = value_at(graph, "docker_images");
  const object::Value environment = value_at(graph, "renderer_options.environment.docker_images");
  REQUIRE(environment);
  CHECK_FALSE(own == environment);
  CHECK_FALSE(value_at(graph, "docker_images.0") == value_at(graph, "renderer_options.environment.docker_images.0"));
}

TEST_CASE("resources are iterated as Python iterates them") {
  struct Row {
    std::string before;
    Texts after;  // in the order of the set
  };
  const Row rows[] = {
      {R"(["b","a","b"])", {"a", "b"}},
      {R"({"py/tuple":["b","a"]})", {"a", "b"}},
      {R"({"py/set":["c","b","a"]})", {"a", "c", "b"}},
      {R"("abca")", {"a", "c", "b"}},  // a text is its characters
      {R"("\u017c\u017c")", {"\xc5\xbc"}},
      {R"({"a":1,"b":2})", {"a", "b"}},  // a dict its keys
      {"[]", {}},
      {"\"\"", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    object::Graph graph = graph_2016(task_json({{"resources", row.before}}));
    to_docker_2016(graph);
    CHECK(resources_of(graph) == row.after);
  }
}

TEST_CASE("where the script of 2016 stopped, this stops, too") {
  const std::string hint = "; the script of 2016 stopped here; without --compat 2016 more tasks can be converted";
  struct Row {
    std::string json;
    std::string code;
    std::string message;
  };
  const Row rows[] = {
      {"[]", "task.wrong-class", "is no gnr.renderingtaskstate.RenderingTaskDefinition but a list"},
      {R"({"py/object":"gnr.gnrtaskstate.GNRTaskDefinition"})", "task.wrong-class",
       "is no gnr.renderingtaskstate.RenderingTaskDefinition but a gnr.gnrtaskstate.GNRTaskDefinition"},
      {task_json({}, "later.renderingtaskstate.RenderingTaskDefinition"), "task.wrong-class",
       "is no gnr.renderingtaskstate.RenderingTaskDefinition but a dict"},
      {task_json({{"renderer_options", ""}}), "task.field", "renderer_options: is missing" + hint},
      {task_json({{"renderer_options", "null"}}), "task.field", "renderer_options: is null, which has no environment" + hint},
      {task_json({{"renderer_options", "{}"}}), "task.field", "renderer_options: is a dict, which has no environment" + hint},
      {task_json({{"renderer_options", options_json("gnr.task.pbrtgnrtask.PbrtRendererOptions", {{"environment", ""}})}}),
       "task.field", "environment: is missing" + hint},
      {task_json({{"main_program_file", "null"}}), "task.field", "main_program_file: is null, not a path" + hint},
      {task_json({{"main_program_file", ""}}), "task.field", "main_program_file: is missing" + hint},
      {task_json({{"resources", "null"}}), "task.field", "resources: is null, not a set" + hint},
      {task_json({{"resources", "5"}}), "task.field", "resources: is a number, not a set" + hint},
      {task_json({{"resources", "[5]"}}), "task.field", "resources: is a number, not a path" + hint},
      {task_json({{"resources", ""}}), "task.field", "resources: is missing" + hint},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    object::Graph graph = graph_2016(row.json);
    const auto error = error_of([&] { to_docker_2016(graph); });
    CHECK(code_of(error) == row.code);
    CHECK(text_of(error) == row.message);
  }
}

}  // namespace
}  // namespace gt::rewrite
