// Finding the fields of a task in its graph, whatever the era called them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/object/graph.h"
#include "lib/task/definition.h"

namespace gt::task {

// An attribute by its name of 2016 (main_program_file) or, if that is not there, as 2015 wrote it (mainProgramFile).
// Absent if it has neither.
object::Value find_field(const object::Graph& graph, object::Value owner, std::string_view name);
// The name under which `owner` has the field: `name` unless only the camelCase one is there; valid as long as that and the
// graph.
std::string_view field_name(const object::Graph& graph, object::Value owner, std::string_view name);

// Bytes or Text.
std::optional<std::string_view> find_text(const object::Graph& graph, object::Value value);

// True for an instance of a task definition of any era: of a rendering task, or of one that runs a program.
bool is_task_definition(const object::Graph& graph, object::Value value);
// The root, if it is a task definition; else TaskWrongClass, which says what it is.
object::Value task_root(const object::Graph& graph);
// "a gnr.gnrtaskstate.GNRTaskDefinition", "a list": for messages.
std::string describe(const object::Graph& graph, object::Value value);

// Which renderer an instance of renderer options belongs to, by the name of its class in any era; Unknown for any other.
Renderer renderer_of_options(const object::Graph& graph, object::Value options);
// The renderer options of a task: in renderer_options, from December 2016 in options. Absent if there are none.
struct OptionsField {
  std::string_view name;  // of the attribute that holds them, valid as long as the graph
  object::Value value;
};
OptionsField find_options(const object::Graph& graph, object::Value task);

// The last component of a path with slashes or backslashes, and what stands before it (with its separator).
std::string_view last_component(std::string_view path);
std::string_view folder_of(std::string_view path);

}  // namespace gt::task
