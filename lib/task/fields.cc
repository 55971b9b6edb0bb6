#include "lib/task/fields.h"

#include <algorithm>

#include "lib/base/text.h"

namespace gt::task {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

// Whether `name` is main_program_file as 2015 wrote it: mainProgramFile.
bool is_camel_case_of(std::string_view name, std::string_view snake) {
  bool upper = false;
  for (const char c : snake) {
    if (c == '_') {
      upper = true;
      continue;
    }
    if (name.empty() || name[0] != (upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c)) return false;
    name.remove_prefix(1);
    upper = false;
  }
  return name.empty();
}

// The entry of a field under either name; nullptr if there is none.
const object::Entry* find_field_entry(const Graph& graph, Value owner, std::string_view name) {
  if (!object::is_object(owner.kind())) return nullptr;
  const auto camel_size = name.size() - static_cast<std::size_t>(std::count(name.begin(), name.end(), '_'));
  const object::Entry* camel = nullptr;
  for (const object::Entry& entry : graph.entries(owner)) {
    if (!entry.key.is(Kind::Bytes) && !entry.key.is(Kind::Text)) continue;
    const std::string_view text = graph.string_of(entry.key);
    if (text == name) return &entry;
    if (text.size() == camel_size && camel == nullptr && is_camel_case_of(text, name)) camel = &entry;
  }
  return camel;
}

std::string_view class_base_name(const Graph& graph, Value value) {
  const std::string_view name = graph.class_name(value);
  return name.substr(name.rfind('.') + 1);
}

}  // namespace

Value find_field(const Graph& graph, Value owner, std::string_view name) {
  const object::Entry* entry = find_field_entry(graph, owner, name);
  return entry == nullptr ? Value() : entry->value;
}

std::string_view field_name(const Graph& graph, Value owner, std::string_view name) {
  const object::Entry* entry = find_field_entry(graph, owner, name);
  return entry == nullptr ? name : graph.string_of(entry->key);
}

std::optional<std::string_view> find_text(const Graph& graph, Value value) {
  if (!value.is(Kind::Bytes) && !value.is(Kind::Text)) return std::nullopt;
  return graph.string_of(value);
}

bool is_task_definition(const Graph& graph, Value value) {
  if (!value.is(Kind::Instance)) return false;
  const std::string_view name = class_base_name(graph, value);
  return name == "RenderingTaskDefinition" || name == "TaskDefinition" || name == "BlenderTaskDefinition" ||
         name == "LuxRenderTaskDefinition" || name == "GNRTaskDefinition";
}

std::string describe(const Graph& graph, Value value) {
  switch (value.kind()) {
    case Kind::Instance:
      return graph.class_of(value) ? "a " + printable(graph.class_name(value), 400) : "an object without a class";
    case Kind::List: return "a list";
    case Kind::Tuple: return "a tuple";
    case Kind::Dict: return "a dict";
    case Kind::Set:
    case Kind::FrozenSet: return "a set";
    case Kind::Bytes:
    case Kind::Text: return "a text";
    case Kind::Bool: return "true or false";
    case Kind::Int:
    case Kind::Long:
    case Kind::Float: return "a number";
    case Kind::Global: return "the class " + printable(graph.global(value).qualified, 400);
    case Kind::None: return "null";
    case Kind::Binary:
    case Kind::ByteArray: return "bytes";
    case Kind::PersistentId: return "a reference to an object outside the file";
    default: return "nothing";
  }
}

Value task_root(const Graph& graph) {
  if (is_task_definition(graph, graph.root())) return graph.root();
  throw Error(ErrorCode::TaskWrongClass, "is no task definition but " + describe(graph, graph.root()));
}

Renderer renderer_of_options(const Graph& graph, Value options) {
  if (!options.is(Kind::Instance)) return Renderer::Unknown;
  const std::string_view name = class_base_name(graph, options);
  if (name == "BlenderRendererOptions") return Renderer::Blender;
  if (name == "LuxRenderOptions") return Renderer::LuxRender;
  if (name == "VRayRendererOptions") return Renderer::VRay;
  if (name == "ThreeDSMaxRendererOptions") return Renderer::ThreeDSMax;
  if (name == "PbrtRendererOptions") return Renderer::Pbrt;
  return Renderer::Unknown;
}

OptionsField find_options(const Graph& graph, Value task) {
  const Value renderer_options = find_field(graph, task, "renderer_options");
  const Value options = find_field(graph, task, "options");
  const bool moved = renderer_of_options(graph, renderer_options) == Renderer::Unknown &&
                     renderer_of_options(graph, options) != Renderer::Unknown;
  if (moved) return {"options", options};
  return {field_name(graph, task, "renderer_options"), renderer_options};
}

std::string_view last_component(std::string_view path) {
  const auto slash = std::find_if(path.rbegin(), path.rend(), [](char c) { return c == '/' || c == '\\'; });
  return path.substr(path.size() - static_cast<std::size_t>(slash - path.rbegin()));
}

std::string_view folder_of(std::string_view path) { return path.substr(0, path.size() - last_component(path).size()); }

}  // namespace gt::task
