#include "lib/object/classes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/object/support.h"

namespace gt::object {
namespace {

using testing::Builder;

std::vector<std::string> attribute_names(const Graph& graph, Value instance) {
  std::vector<std::string> out;
  for (const Entry& e : graph.entries(instance)) out.emplace_back(graph.string_of(e.key));
  std::sort(out.begin(), out.end());
  return out;
}

TEST_CASE("the styles of classes of March 2016") {
  CHECK(find_class_style("gnr.renderingtaskstate.RenderingTaskDefinition") == ClassStyle::New);
  CHECK(find_class_style("gnr.gnrtaskstate.GNROptions") == ClassStyle::Old);
  CHECK(find_class_style("gnr.task.gnrtask.GNROptions") == ClassStyle::New);
  CHECK(find_class_style("gnr.renderingtaskstate.AdvanceRenderingVerificationOptions") == ClassStyle::Old);
  CHECK(find_class_style("__builtin__.object") == ClassStyle::New);
  CHECK_FALSE(find_class_style("examples.gnr.RenderingTaskState.RenderingTaskDefinition").has_value());
  CHECK_FALSE(find_class_style("").has_value());
}

TEST_CASE("a constructed definition has the attributes of its base and its own") {
  Builder g;
  const Value task = make_object(g.graph, "gnr.renderingtaskstate.RenderingTaskDefinition");
  CHECK(attribute_names(g.graph, task) ==
        std::vector<std::string>{"docker_images",    "estimated_memory", "full_task_timeout", "main_program_file",
                                 "main_scene_file",  "max_price",        "min_subtask_time",  "optimize_total",
                                 "options",          "output_file",      "output_format",     "renderer",
                                 "renderer_options", "resolution",       "resources",         "subtask_timeout",
                                 "task_id",          "task_type",        "total_subtasks",    "verification_options"});
  CHECK(g.graph.global(g.graph.find(task, "options")).qualified == "gnr.gnrtaskstate.GNROptions");
  CHECK(g.graph.find(task, "resources").is(Kind::Set));
  CHECK(g.graph.items(g.graph.find(task, "resolution")).size() == 2);
}

TEST_CASE("a constructor does not touch attributes that are there") {
  Builder g;
  const Value options = g.graph.make_instance(make_class(g.graph, "gnr.task.blenderrendertask.BlenderRendererOptions"));
  g.graph.set(options, "engine", g.b("CYCLES"));
  add_constructor_attributes(g.graph, options, "gnr.task.blenderrendertask.BlenderRendererOptions");
  CHECK(g.graph.string_of(g.graph.find(options, "engine")) == "CYCLES");
  const auto frames = g.graph.items(g.graph.find(options, "frames"));
  REQUIRE(frames.size() == 10);
  CHECK(g.graph.int_of(frames.front()) == 1);
  CHECK(g.graph.int_of(frames.back()) == 10);
  CHECK(g.graph.class_name(g.graph.find(options, "environment")) == "gnr.renderingenvironment.BlenderEnvironment");
  const std::size_t count = g.graph.entries(options).size();
  add_constructor_attributes(g.graph, options, "gnr.task.blenderrendertask.BlenderRendererOptions");
  CHECK(g.graph.entries(options).size() == count);
  add_constructor_attributes(g.graph, options, "unknown.Class");
  CHECK(g.graph.entries(options).size() == count);
}

TEST_CASE("Docker environments bring one image, and no two share it") {
  Builder g;
  const Value one = make_object(g.graph, "gnr.docker_environments.LuxRenderDockerEnvironment");
  const Value two = make_object(g.graph, "gnr.docker_environments.LuxRenderDockerEnvironment");
  const Value images = g.graph.find(one, "docker_images");
  REQUIRE(g.graph.items(images).size() == 1);
  const Value image = g.graph.items(images)[0];
  CHECK(g.graph.string_of(g.graph.find(image, "name")) == "golem/luxrender:latest");
  CHECK(g.graph.find(image, "id").is(Kind::None));
  CHECK_FALSE(images == g.graph.find(two, "docker_images"));
}

TEST_CASE("a qualified name is split at its last dot") {
  Builder g;
  CHECK(g.graph.global(make_class(g.graph, "a.b.C")).module == "a.b");
  CHECK(g.graph.global(make_class(g.graph, "a.b.C")).name == "C");
  CHECK(g.graph.global(make_class(g.graph, "C")).module.empty());
  CHECK(g.graph.global(make_class(g.graph, "C")).name == "C");
}

}  // namespace
}  // namespace gt::object
