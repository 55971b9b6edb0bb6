// A task definition as plain data: what the runtime needs of a saved task, whatever its era called the fields.
// Field meanings and eras: docs/formats.md; the graph it is read from keeps everything else.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"

namespace gt::object {
class Graph;
}

namespace gt::task {

// A Docker image as tasks name it (golem.docker.image.DockerImage).
struct Image {
  std::string repository;
  std::string tag = "latest";
  std::string id;  // empty: any image of that name

  // "repository:tag", as the engine knows it.
  std::string name() const { return repository + ":" + (tag.empty() ? "latest" : tag); }
  bool operator==(const Image&) const = default;
};

enum class Renderer : std::uint8_t { None, Blender, LuxRender, VRay, ThreeDSMax, Pbrt, Unknown };
std::string_view to_string(Renderer renderer);

// Which results the task wants rendered once more in part, to be compared: its verification_options.
struct Verification {
  enum class Which : std::uint8_t { None, ForFirst, ForAll, Random };
  Which which = Which::None;
  std::array<std::int64_t, 2> box_size{5, 5};  // width, height in pixels
  double probability = 0.01;                   // of Random, for each subtask
};

struct Definition {
  std::string class_name;  // gnr.renderingtaskstate.RenderingTaskDefinition
  std::string task_id;
  Renderer renderer = Renderer::None;  // by the class of the renderer options
  std::string options_class;           // of the renderer options, empty if there are none

  std::string main_program_file;
  std::string main_scene_file;
  std::string output_file;
  std::string output_format;           // "PNG", "EXR", ... as saved
  std::vector<std::string> resources;  // in the order of the saved set's text, sorted bytewise

  std::array<std::int64_t, 2> resolution{0, 0};  // width, height in pixels
  std::int64_t total_subtasks = 0;
  bool optimize_total = false;
  double full_task_timeout = 0;       // seconds; 0 is none
  double subtask_timeout = 0;         // seconds; 0 is none
  std::int64_t estimated_memory = 0;  // in bytes, as the desktop program estimated it

  std::string engine;  // Blender's render engine as saved, empty where the era had none
  bool use_frames = false;
  std::vector<std::int64_t> frames;
  std::optional<bool> compositing;  // from June 2016 on
  double halttime = 0;              // LuxRender: seconds for each subtask; 0 is none
  std::int64_t haltspp = 0;         // LuxRender: samples per pixel; 0 is none
  Verification verification;

  std::vector<Image> docker_images;  // the task's own, else its environment's; empty: not a Docker task
  bool is_docker() const { return !docker_images.empty(); }
};

// Reads the definition of the task at the root of `graph`. Fields of the wrong type are TaskField errors that name the
// path; a root that is no task definition of any era is TaskWrongClass.
Definition read_definition(const object::Graph& graph);

}  // namespace gt::task
