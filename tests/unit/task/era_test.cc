#include "lib/task/era.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "lib/object/classes.h"
#include "lib/object/graph.h"

namespace gt::task {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

struct Row {
  std::string_view task;                 // the class
  std::string_view options;              // the class of its options
  std::vector<std::string_view> fields;  // with a value that no constructor sets
  std::string_view from;
  std::string_view until;
};

Graph make_task(const Row& row) {
  Graph graph;
  const Value task = graph.make_instance(object::make_class(graph, row.task));
  for (const std::string_view field : row.fields) graph.set(task, field, graph.make_int(5));
  if (!row.options.empty()) graph.set(task, "renderer_options", graph.make_instance(object::make_class(graph, row.options)));
  graph.set_root(task);
  return graph;
}

TEST_CASE("classes and fields narrow the time in which a task was saved") {
  const Row rows[] = {
      {"examples.gnr.TaskState.TaskDefinition", "", {"taskId"}, "2014-12-15", "2014-12-30"},
      {"examples.gnr.RenderingTaskState.RenderingTaskDefinition", "", {"taskId"}, "2014-12-31", "2015-09-09"},
      {"examples.gnr.renderingtaskstate.RenderingTaskDefinition", "", {}, "2015-11-20", "2015-12-21"},
      {"gnr.renderingtaskstate.RenderingTaskDefinition", "", {}, "2015-12-22", "2016-12-31"},
      {"gnr.renderingtaskstate.RenderingTaskDefinition",
       "gnr.task.blenderrendertask.BlenderRendererOptions",
       {"max_price"},
       "2016-03-11",
       "2016-12-15"},
      {"gnr.renderingtaskstate.RenderingTaskDefinition", "", {"docker_images", "min_subtask_time"}, "2016-02-23", "2016-04-12"},
      {"apps.rendering.task.renderingtaskstate.RenderingTaskDefinition", "", {"task_name"}, "2016-12-09", ""},
      {"m.C", "", {}, "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.task);
    const Identity found = identify(make_task(row));
    CHECK(found.from == row.from);
    CHECK(found.until == row.until);
    CHECK(found.although.empty());
  }
}

TEST_CASE("a field that is older than the classes is told apart") {
  const Identity found =
      identify(make_task({"apps.rendering.task.renderingtaskstate.RenderingTaskDefinition", "", {"min_subtask_time"}, "", ""}));
  CHECK(found.from == "2016-12-09");
  CHECK(found.until.empty());
  CHECK(found.although == std::vector<std::string>{"the field min_subtask_time"});
}

TEST_CASE("what a constructor sets tells nothing") {
  Graph graph = make_task({"gnr.renderingtaskstate.RenderingTaskDefinition", "", {}, "", ""});
  graph.set(graph.root(), "docker_images", Value::none());
  graph.set(graph.root(), "max_price", graph.make_int(0));
  CHECK(identify(graph).from == "2015-12-22");
}

TEST_CASE("what a file holds is said in words") {
  CHECK(identify(make_task(
                     {"gnr.renderingtaskstate.RenderingTaskDefinition", "gnr.task.luxrendertask.LuxRenderOptions", {}, "", ""}))
            .what == "a LuxRender task definition");
  CHECK(identify(make_task({"gnr.renderingtaskstate.RenderingTaskDefinition", "", {}, "", ""})).what == "a task definition");
  Graph dump;
  const Value parts[] = {dump.make_instance(object::make_class(dump, "apps.blender.task.blenderrendertask.BlenderRenderTask")),
                         dump.make_instance(object::make_class(dump, "golem.task.taskstate.TaskState"))};
  dump.set_root(dump.make_sequence(Kind::Tuple, parts));
  CHECK(identify(dump).what == "a running task with its state, as Golem kept it");
  Graph list;
  list.set_root(list.make_sequence(Kind::List));
  CHECK(identify(list).what == "a list");
}

}  // namespace
}  // namespace gt::task
