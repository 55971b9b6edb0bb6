#include "lib/rewrite/to_docker.h"

#include <algorithm>
#include <string>
#include <vector>

#include "lib/base/text.h"
#include "lib/object/classes.h"
#include "lib/object/python2.h"
#include "lib/rewrite/upgrade.h"
#include "lib/task/fields.h"

namespace gt::rewrite {
namespace {

using object::Graph;
using object::Kind;
using object::Value;
using task::Renderer;

// What differs between the two renderers that had Docker images.
struct Target {
  Renderer renderer;
  std::string_view environment_word;  // in the name of every environment class of this renderer
  std::string_view script;
  std::string_view docker_script;
  std::string_view repository;
  std::string_view march_environment;  // 2016-03-25
  std::string_view apps_environment;   // from December 2016
};
constexpr Target k_targets[] = {
    {Renderer::Blender, "Blender", "blendertask.py", "docker_blendertask.py", "golem/blender",
     "gnr.docker_environments.BlenderDockerEnvironment", "apps.blender.blenderenvironment.BlenderEnvironment"},
    {Renderer::LuxRender, "LuxRender", "luxtask.py", "docker_luxtask.py", "golem/luxrender",
     "gnr.docker_environments.LuxRenderDockerEnvironment", "apps.lux.luxenvironment.LuxRenderEnvironment"},
};

// The classes that a task's own era had for Docker.
struct EraClasses {
  std::string environment;
  std::string image;
};

class Conversion {
 public:
  Conversion(Graph& graph, const Target& target) : graph_(graph), target_(target), task_(task::task_root(graph)) {}

  Report run() {
    const bool is_tree = graph_.is_tree();
    convert();
    if (is_tree) graph_.set_is_tree();  // what is put in is made here, and is put in one place
    return std::move(report_);
  }

 private:
  void convert() {
    restore_lost_options(graph_, task_, report_.findings);
    const task::OptionsField options = task::find_options(graph_, task_);
    options_ = options.value;
    options_name_ = options.name;
    if (is_docker_already()) {
      report_.findings.push_back({Finding::Severity::Note, "is a Docker task already: nothing was changed", {}});
      return;
    }
    require_renderer();
    find_era();
    convert_script();
    convert_environment();
    convert_images();
  }

  static bool is_docker_script(std::string_view path) {
    const std::string_view name = task::last_component(path);
    return name.starts_with("docker_") && name.ends_with(".py");
  }

  std::string_view script_path() const {
    return task::find_text(graph_, task::find_field(graph_, task_, "main_program_file")).value_or("");
  }

  // The images of a task or an environment: empty unless it has a non-empty list.
  std::span<const Value> images_of(Value owner) const {
    const Value images = graph_.find(owner, "docker_images");
    return object::is_sequence(images.kind()) ? graph_.items(images) : std::span<const Value>();
  }

  Value environment() const { return options_.is(Kind::Instance) ? graph_.find(options_, "environment") : Value(); }

  bool is_docker_already() const {
    return !images_of(environment()).empty() && !images_of(task_).empty() && is_docker_script(script_path());
  }

  void require_renderer() const {
    const Renderer found = task::renderer_of_options(graph_, options_);
    if (found == target_.renderer) return;
    const std::string what = !options_ || options_.is(Kind::None) ? "a task without renderer options"
                             : found == Renderer::Unknown
                                 ? "a task whose renderer options are " + task::describe(graph_, options_)
                                 : "a " + std::string(to_string(found)) + " task";
    std::string hint;
    if (found == Renderer::LuxRender) hint = "--renderer lux converts it for the image golem/luxrender";
    if (found == Renderer::Blender) hint = "leave out --renderer lux";
    throw Error(ErrorCode::NotBlender, "is " + what + ", not a " + std::string(to_string(target_.renderer)) + " task", {},
                hint);
  }

  // The package apps says December 2016. An environment with images that is not of March says April 2016 or later, when the
  // Docker environments took over the plain names. An image of golem.task.docker says before 2016-03-18.
  void find_era() {
    era_ = {std::string(target_.march_environment), "golem.docker.image.DockerImage"};
    const std::string_view environment_class = graph_.class_name(environment());
    if (graph_.class_name(task_).starts_with("apps.") || graph_.class_name(options_).starts_with("apps.")) {
      era_.environment = target_.apps_environment;
    } else if (!images_of(environment()).empty() && environment_class.find("DockerEnvironment") == std::string_view::npos) {
      const std::string module(environment_class.substr(0, std::min(environment_class.rfind('.'), environment_class.size())));
      if (!module.empty()) era_.environment = module + "." + std::string(target_.environment_word) + "Environment";
    }
    for (const Value owner : {environment(), task_})
      for (const Value image : images_of(owner))
        if (image.is(Kind::Instance)) era_.image = graph_.class_name(image);
  }

  void note(std::string_view path, std::string before, std::string after, std::string_view why) {
    report_.changes.push_back({std::string(path), std::move(before), std::move(after), why});
  }

  void warn(std::string_view path, std::string message) {
    report_.findings.push_back({Finding::Severity::Warning, std::move(message), {.path = std::string(path)}});
  }

  // --- the script

  void convert_script() {
    const std::string_view field = task::field_name(graph_, task_, "main_program_file");
    const Value value = graph_.find(task_, field);
    const auto path = task::find_text(graph_, value);
    if (!path)
      throw Error(ErrorCode::TaskField, "is " + task::describe(graph_, value) + ", but should be the path of the task's script",
                  {.path = std::string(field)});
    const std::string_view folder = task::folder_of(*path);
    const std::string docker_path = std::string(folder).append(target_.docker_script);
    const std::string_view name = task::last_component(*path);
    if (name == target_.script) {
      graph_.set(task_, field, graph_.make_string(value.kind(), docker_path));
      note(field, printable(*path, 400), printable(docker_path, 400), "the script that runs inside a container");
    } else if (!is_docker_script(*path)) {
      warn(field, "the script is named " + printable(name) + ", not " + std::string(target_.script) +
                      ": it stays, and runs in the container as it is");
    }
    convert_resources(folder, docker_path);
  }

  // The script where it is listed among the resources: the file of that name in the same folder.
  void convert_resources(std::string_view folder, const std::string& docker_path) {
    const std::string_view field = task::field_name(graph_, task_, "resources");
    const Value resources = graph_.find(task_, field);
    if (!object::is_sequence(resources.kind())) {
      warn(field, "is " + task::describe(graph_, resources) + ", not a set of paths: it stays");
      return;
    }
    const bool set = resources.is(Kind::Set) || resources.is(Kind::FrozenSet);
    std::vector<Value> items = set ? object::python2_walk(graph_, resources)
                                   : std::vector<Value>(graph_.items(resources).begin(), graph_.items(resources).end());
    bool changed = false;
    for (Value& item : items) {
      const auto path = task::find_text(graph_, item);
      if (!path) warn(field, "one of them is " + task::describe(graph_, item) + ", not a path: it stays");
      if (!path || task::last_component(*path) != target_.script || task::folder_of(*path) != folder) continue;
      item = graph_.make_string(item.kind(), docker_path);
      changed = true;
      note(field, printable(*path, 400), printable(docker_path, 400), "the script, as main_program_file names it now");
    }
    if (!changed) return;
    if (set) items = object::python2_unique(graph_, items);
    graph_.set(task_, field, graph_.make_sequence(resources.kind(), items));
  }

  // --- the environment

  void convert_environment() {
    const Value before = environment();
    const std::string_view name = graph_.class_name(before);
    if (!images_of(before).empty() && name.find(target_.environment_word) != std::string_view::npos) return;
    const Value after = object::make_object(graph_, target_.march_environment);
    graph_.set_class(after, object::make_class(graph_, era_.environment));
    graph_.set(after, "docker_images", graph_.make_sequence(Kind::List, std::vector<Value>{new_image()}));
    graph_.set(options_, "environment", after);
    const bool plain = name.find(target_.environment_word) != std::string_view::npos;
    note(std::string(options_name_) + ".environment", before ? task::describe(graph_, before) : "nothing",
         "a " + era_.environment,
         plain ? "the environment says which Docker images can compute the task"
               : "the environment did not fit the renderer options");
  }

  // --- the images

  bool is_right_image(Value image) const {
    const auto repository = task::find_text(graph_, graph_.find(image, "repository"));
    return repository && task::last_component(*repository) == task::last_component(target_.repository);
  }

  // The first image for this renderer that the task or its environment names: its repository and tag stay.
  Value image_in_use() const {
    for (const Value owner : {task_, environment()})
      for (const Value image : images_of(owner))
        if (is_right_image(image)) return image;
    return {};
  }

  Value new_image() {
    const Value known = image_in_use();
    const auto text = [&](std::string_view field, std::string_view otherwise) {
      return known ? task::find_text(graph_, graph_.find(known, field)).value_or(otherwise) : otherwise;
    };
    return object::make_docker_image(graph_, era_.image, text("repository", target_.repository), text("tag", "latest"));
  }

  void convert_images() {
    const auto present = images_of(task_);
    if (std::any_of(present.begin(), present.end(), [&](Value image) { return is_right_image(image); })) return;
    std::vector<Value> images{new_image()};
    images.insert(images.end(), present.begin(), present.end());
    const std::string_view name = *task::find_text(graph_, graph_.find(images[0], "name"));
    graph_.set(task_, "docker_images", graph_.make_sequence(Kind::List, images));
    note("docker_images", present.empty() ? "nothing" : std::to_string(present.size()) + " images for other renderers",
         printable(name), "any of these images has to be present to compute the task");
  }

  Graph& graph_;
  const Target& target_;
  Value task_;
  Value options_;
  std::string_view options_name_;
  EraClasses era_;
  Report report_;
};

}  // namespace

Report to_docker(Graph& graph, Renderer renderer) {
  for (const Target& target : k_targets)
    if (target.renderer == renderer) return Conversion(graph, target).run();
  throw Error(ErrorCode::Bug, "there are Docker tasks for Blender and LuxRender only");
}

}  // namespace gt::rewrite
