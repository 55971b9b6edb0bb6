// Saved tasks as JSON, with fields changed, and a look at their graphs by path.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/decode.h"
#include "lib/object/graph.h"

namespace gt::testing {

struct Field {
  std::string name;
  std::string json;  // empty: the field is not there
};
using Fields = std::vector<Field>;

inline std::string object_json(std::string_view class_name, Fields fields, const Fields& changes = {}) {
  for (const Field& change : changes) {
    bool found = false;
    for (Field& field : fields) {
      if (field.name != change.name) continue;
      field.json = change.json;
      found = true;
    }
    if (!found) fields.push_back(change);
  }
  std::string out = "{\"py/object\":\"" + std::string(class_name) + "\"";
  for (const Field& field : fields)
    if (!field.json.empty()) out += ",\"" + field.name + "\":" + field.json;
  return out + "}";
}

inline constexpr std::string_view k_march_task = "gnr.renderingtaskstate.RenderingTaskDefinition";
inline constexpr std::string_view k_march_options = "gnr.task.blenderrendertask.BlenderRendererOptions";

inline std::string image_json(std::string_view repository, std::string_view tag,
                              std::string_view class_name = "golem.docker.image.DockerImage") {
  const std::string r(repository);
  const std::string t(tag);
  return object_json(
      class_name, {{"repository", '"' + r + '"'}, {"id", "null"}, {"tag", '"' + t + '"'}, {"name", '"' + r + ":" + t + '"'}});
}

inline std::string environment_json(std::string_view class_name, std::string_view images = "") {
  return object_json(class_name, {{"software", "[]"}, {"docker_images", std::string(images)}});
}

inline std::string options_json(std::string_view class_name = k_march_options, const Fields& changes = {}) {
  return object_json(class_name,
                     {{"environment", environment_json("gnr.renderingenvironment.BlenderEnvironment")},
                      {"engine", "\"CYCLES\""},
                      {"use_frames", "false"},
                      {"frames", "[1,2,3]"}},
                     changes);
}

// A Blender task of March 2016.
inline std::string task_json(const Fields& changes = {}, std::string_view class_name = k_march_task) {
  return object_json(class_name,
                     {{"task_id", "\"t1\""},
                      {"main_program_file", "\"/golem/gnr/task/scripts/blendertask.py\""},
                      {"main_scene_file", "\"/scenes/a.blend\""},
                      {"output_file", "\"/out/a\""},
                      {"output_format", "\"PNG\""},
                      {"resources", R"({"py/set":["/scenes/a.blend","/golem/gnr/task/scripts/blendertask.py"]})"},
                      {"resolution", "[800,600]"},
                      {"total_subtasks", "6"},
                      {"optimize_total", "false"},
                      {"full_task_timeout", "14400"},
                      {"subtask_timeout", "1200.5"},
                      {"estimated_memory", "1000000"},
                      {"docker_images", "null"},
                      {"renderer", "\"Blender\""},
                      {"renderer_options", options_json()}},
                     changes);
}

// The value at a path such as "renderer_options.environment.docker_images.0.tag"; Absent if there is none.
inline object::Value value_at(const object::Graph& graph, std::string_view path) {
  object::Value now = graph.root();
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string step(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (object::is_sequence(now.kind())) {
      const auto index = static_cast<std::size_t>(std::atoi(step.c_str()));
      if (index >= graph.items(now).size()) return {};
      now = graph.items(now)[index];
    } else {
      now = graph.find(now, step);
    }
  }
  return now;
}

inline std::string text_at(const object::Graph& graph, std::string_view path) {
  const object::Value v = value_at(graph, path);
  if (v.is(object::Kind::Bytes) || v.is(object::Kind::Text)) return std::string(graph.string_of(v));
  if (v.is(object::Kind::Instance)) return std::string(graph.class_name(v));
  return v ? "(no text)" : "(nothing)";
}

inline object::Graph graph_of(std::string_view json) { return json::decode(json, json::Restore::Whole); }

}  // namespace gt::testing
