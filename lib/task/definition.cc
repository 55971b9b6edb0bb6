#include "lib/task/definition.h"

#include <algorithm>
#include <cmath>

#include "lib/object/graph.h"
#include "lib/task/fields.h"

namespace gt::task {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

// Reads fields of one instance. A field that is absent or None keeps its default; one of the wrong type is an error.
class FieldReader {
 public:
  // `name` is that of the owner among the fields of `outer`, both to outlive this; without them it is the task.
  FieldReader(const Graph& graph, Value owner, const FieldReader* outer = nullptr, std::string_view name = {})
      : graph_(graph), owner_(owner), outer_(outer), name_(name) {}

  void read(std::string_view name, std::string& out) const {
    const Value v = find(name);
    if (!v) return;
    const auto text = find_text(graph_, v);
    if (!text) throw wrong(name, "a text", v);
    out = *text;
  }

  void read(std::string_view name, bool& out) const {
    const Value v = find(name);
    if (!v) return;
    if (v.is(Kind::Bool))
      out = v.as_bool();
    else if (v.is(Kind::Int))
      out = graph_.int_of(v) != 0;
    else
      throw wrong(name, "true or false", v);
  }

  void read(std::string_view name, std::optional<bool>& out) const {
    bool value = false;
    if (!find(name)) return;
    read(name, value);
    out = value;
  }

  void read(std::string_view name, Verification::Which& out) const {
    using Which = Verification::Which;
    constexpr std::pair<std::string_view, Which> k_words[] = {
        {"forFirst", Which::ForFirst}, {"forAll", Which::ForAll}, {"random", Which::Random}};
    const Value v = find(name);
    if (!v) return;
    const auto text = find_text(graph_, v);
    const auto* word = std::find_if(std::begin(k_words), std::end(k_words), [&](const auto& w) { return text == w.first; });
    if (word == std::end(k_words)) throw wrong(name, "forFirst, forAll or random", v);
    out = word->second;
  }

  // Two numbers; a field that is absent or None keeps its default.
  void read(std::string_view name, std::array<std::int64_t, 2>& out) const {
    if (!find(name)) return;
    std::vector<std::int64_t> sides;
    read(name, sides);
    if (sides.size() != 2) throw wrong(name, "a width and a height", find(name));
    out = {sides[0], sides[1]};
  }

  void read(std::string_view name, std::int64_t& out) const {
    if (const Value v = find(name)) out = integer(name, v);
  }

  void read(std::string_view name, double& out, const char* meaning = "a number of seconds, 0 or more") const {
    const Value v = find(name);
    if (!v) return;
    out = v.is(Kind::Float) ? graph_.float_of(v) : static_cast<double>(integer(name, v));
    if (!std::isfinite(out) || out < 0) throw wrong(name, meaning, v);
  }

  void read(std::string_view name, std::vector<std::int64_t>& out) const {
    const auto items = sequence(name);
    out.reserve(items.size());
    for (const Value item : items) out.push_back(integer(name, item));
  }

  void read(std::string_view name, std::vector<std::string>& out) const {
    const auto items = sequence(name);
    out.reserve(items.size());
    for (const Value item : items) {
      const auto text = find_text(graph_, item);
      if (!text) throw wrong(name, "texts", item);
      out.emplace_back(*text);
    }
  }

  void read(std::string_view name, std::vector<Image>& out) const {
    for (const Value item : sequence(name)) {
      const std::string each = std::string(name) + "[]";
      const FieldReader image(graph_, item, this, each);
      Image one;
      if (!item.is(Kind::Instance) && !item.is(Kind::Dict)) throw wrong(name, "Docker images", item);
      image.read("repository", one.repository);
      image.read("tag", one.tag);
      image.read("id", one.id);
      if (one.repository.empty()) throw wrong(name, "Docker images with a repository", item);
      out.push_back(std::move(one));
    }
  }

  std::span<const Value> sequence(std::string_view name) const {
    const Value v = find(name);
    if (!v) return {};
    if (!object::is_sequence(v.kind())) throw wrong(name, "a list", v);
    return graph_.items(v);
  }

  Error wrong(std::string_view name, std::string_view expected, Value found) const {
    return Error(ErrorCode::TaskField, "is " + describe(graph_, found) + ", but should be " + std::string(expected),
                 {.path = path_of(name)});
  }

 private:
  Value find(std::string_view name) const {
    const Value v = find_field(graph_, owner_, name);
    return v.is(Kind::None) ? Value() : v;
  }

  std::int64_t integer(std::string_view name, Value v) const {
    if (v.is(Kind::Int)) return graph_.int_of(v);
    if (v.is(Kind::Bool)) return v.as_bool() ? 1 : 0;
    if (v.is(Kind::Long))
      if (const auto small = graph_.long_of(v).to_int64()) return *small;
    const double real = v.is(Kind::Float) ? graph_.float_of(v) : 0.5;
    if (real != std::floor(real) || std::fabs(real) > 9e15) throw wrong(name, "a whole number", v);
    return static_cast<std::int64_t>(real);
  }

  std::string path_of(std::string_view name) const {
    return (outer_ == nullptr ? std::string() : outer_->path_of(name_) + ".").append(name);
  }

  const Graph& graph_;
  Value owner_;
  const FieldReader* outer_;
  std::string_view name_;
};

void read_options(const Graph& graph, Value task, Definition& out) {
  const FieldReader of_task(graph, task);
  const OptionsField options = find_options(graph, task);
  out.renderer = options.value && !options.value.is(Kind::None) ? renderer_of_options(graph, options.value) : Renderer::None;
  out.options_class = graph.class_name(options.value);
  if (!options.value.is(Kind::Instance)) return;
  const FieldReader fields(graph, options.value, &of_task, options.name);
  fields.read("engine", out.engine);
  fields.read("use_frames", out.use_frames);
  fields.read("frames", out.frames);
  fields.read("compositing", out.compositing);
  fields.read("halttime", out.halttime);
  fields.read("haltspp", out.haltspp);
  if (!out.docker_images.empty()) return;
  const Value environment = graph.find(options.value, "environment");
  if (environment.is(Kind::Instance))
    FieldReader(graph, environment, &fields, "environment").read("docker_images", out.docker_images);
}

// Tasks of 2015 without renderer options of a class of their own say in words what they are.
Renderer renderer_of_type(std::string_view task_type) {
  constexpr std::pair<std::string_view, Renderer> k_types[] = {
      {"PBRT", Renderer::Pbrt}, {"VRay Standalone", Renderer::VRay}, {"3ds Max Renderer", Renderer::ThreeDSMax}};
  const auto* found = std::find_if(std::begin(k_types), std::end(k_types), [&](const auto& t) { return t.first == task_type; });
  return found == std::end(k_types) ? Renderer::None : found->second;
}

void read_verification(const Graph& graph, Value task, Verification& out) {
  const Value options = find_field(graph, task, "verification_options");
  if (!options.is(Kind::Instance)) return;
  const FieldReader of_task(graph, task);
  const FieldReader fields(graph, options, &of_task, field_name(graph, task, "verification_options"));
  out.which = Verification::Which::ForFirst;  // as its class has it
  fields.read("type", out.which);
  fields.read("box_size", out.box_size);
  fields.read("probability", out.probability, "a probability");
}

}  // namespace

std::string_view to_string(Renderer renderer) {
  switch (renderer) {
    case Renderer::None: return "no renderer";
    case Renderer::Blender: return "Blender";
    case Renderer::LuxRender: return "LuxRender";
    case Renderer::VRay: return "V-Ray";
    case Renderer::ThreeDSMax: return "3ds Max";
    case Renderer::Pbrt: return "PBRT";
    case Renderer::Unknown: return "an unknown renderer";
  }
  return "an unknown renderer";
}

Definition read_definition(const Graph& graph) {
  const Value task = task_root(graph);
  Definition out;
  out.class_name = graph.class_name(task);
  const FieldReader fields(graph, task);
  fields.read("task_id", out.task_id);
  fields.read("main_program_file", out.main_program_file);
  fields.read("main_scene_file", out.main_scene_file);
  fields.read("output_file", out.output_file);
  fields.read("output_format", out.output_format);
  fields.read("resources", out.resources);
  std::sort(out.resources.begin(), out.resources.end());
  fields.read("resolution", out.resolution);
  fields.read("total_subtasks", out.total_subtasks);
  fields.read("optimize_total", out.optimize_total);
  fields.read("full_task_timeout", out.full_task_timeout);
  fields.read("subtask_timeout", out.subtask_timeout);
  fields.read("estimated_memory", out.estimated_memory);
  fields.read("docker_images", out.docker_images);
  read_options(graph, task, out);
  std::string task_type;
  fields.read("task_type", task_type);
  if (out.renderer == Renderer::None) out.renderer = renderer_of_type(task_type);
  // A task without a scene renders no picture.
  const Value resolution = find_field(graph, task, "resolution");
  if (!out.main_scene_file.empty() && (!resolution || resolution.is(Kind::None)))
    throw fields.wrong("resolution", "a width and a height", resolution);
  read_verification(graph, task, out.verification);
  return out;
}

}  // namespace gt::task
