#include <algorithm>
#include <string>
#include <vector>

#include "lib/base/text.h"
#include "lib/object/classes.h"
#include "lib/object/python2.h"
#include "lib/rewrite/to_docker.h"
#include "lib/task/fields.h"

namespace gt::rewrite {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

constexpr std::string_view k_definition = "gnr.renderingtaskstate.RenderingTaskDefinition";
constexpr std::string_view k_environment = "gnr.renderingenvironment.BlenderEnvironment";
constexpr std::string_view k_docker_environment = "gnr.docker_environments.BlenderDockerEnvironment";
constexpr std::string_view k_script = "/gnr/task/scripts/blendertask.py";
constexpr std::string_view k_docker_script = "/gnr/task/scripts/docker_blendertask.py";

Error stopped(std::string_view path, std::string message) {
  return Error(ErrorCode::TaskField, std::move(message), {.path = std::string(path)},
               "the script of 2016 stopped here; without --compat 2016 more tasks can be converted");
}

Value attribute(const Graph& graph, Value owner, std::string_view name) {
  const Value found = graph.find(owner, name);
  if (!found) throw stopped(name, "is missing");
  return found;
}

// str.replace: every occurrence, also inside longer names.
Value replace_script(Graph& graph, Value text, std::string_view path) {
  const auto content = task::find_text(graph, text);
  if (!content) throw stopped(path, "is " + task::describe(graph, text) + ", not a path");
  std::string out;
  std::string_view rest = *content;
  for (std::size_t at = rest.find(k_script); at != std::string_view::npos; at = rest.find(k_script)) {
    out.append(rest.substr(0, at)).append(k_docker_script);
    rest.remove_prefix(at + k_script.size());
  }
  if (rest.size() == content->size()) return text;
  return graph.make_string(text.kind(), out.append(rest));
}

std::vector<Value> characters(Graph& graph, Value text) {
  const std::string_view content = graph.string_of(text);
  std::vector<Value> out;
  for (std::size_t i = 0; i < content.size();) {
    const std::size_t start = i;
    if (text.is(Kind::Text)) {
      next_code_point(content, i);
    } else {
      ++i;
    }
    out.push_back(graph.make_string(text.kind(), content.substr(start, i - start)));
  }
  return out;
}

// What Python yields for "for x in resources".
std::vector<Value> iterate(Graph& graph, Value resources) {
  if (resources.is(Kind::Set) || resources.is(Kind::FrozenSet)) return object::python2_walk(graph, resources);
  if (object::is_sequence(resources.kind())) return {graph.items(resources).begin(), graph.items(resources).end()};
  if (task::find_text(graph, resources)) return characters(graph, resources);
  if (!resources.is(Kind::Dict)) throw stopped("resources", "is " + task::describe(graph, resources) + ", not a set");
  std::vector<Value> keys;
  for (const object::Entry& entry : graph.entries(resources)) keys.push_back(entry.key);
  return object::python2_set_order(graph, keys);
}

}  // namespace

Report to_docker_2016(Graph& graph) {
  const Value root = graph.root();
  if (graph.class_name(root) != k_definition)
    throw Error(ErrorCode::TaskWrongClass, "is no " + std::string(k_definition) + " but " + task::describe(graph, root));
  const Value options = attribute(graph, root, "renderer_options");
  if (!options.is(Kind::Instance))
    throw stopped("renderer_options", "is " + task::describe(graph, options) + ", which has no environment");
  const Value environment = attribute(graph, options, "environment");
  Report report;
  if (graph.class_name(environment) == k_environment) {
    graph.set(options, "environment", object::make_object(graph, k_docker_environment));
    report.changes.push_back({"renderer_options.environment", std::string(k_environment), std::string(k_docker_environment),
                              "the Docker environment"});
  }
  const Value script = attribute(graph, root, "main_program_file");
  const Value docker_script = replace_script(graph, script, "main_program_file");
  graph.set(root, "main_program_file", docker_script);
  if (docker_script != script)
    report.changes.push_back({"main_program_file", printable(graph.string_of(script), 200),
                              printable(graph.string_of(docker_script), 200), "the script for the container"});
  std::vector<Value> resources = iterate(graph, attribute(graph, root, "resources"));
  for (Value& resource : resources) resource = replace_script(graph, resource, "resources");
  graph.set(root, "resources", graph.make_sequence(Kind::Set, object::python2_unique(graph, resources)));
  report.changes.push_back(
      {"resources", "the saved resources", "a set of them with the script for the container", "as in 2016"});
  // A second new environment: its images are no references to those of the first.
  const Value images = graph.find(object::make_object(graph, k_docker_environment), "docker_images");
  graph.set(root, "docker_images", images);
  report.changes.push_back({"docker_images", "what was there", "golem/blender:latest", "as in 2016, whatever the renderer"});
  return report;
}

}  // namespace gt::rewrite
