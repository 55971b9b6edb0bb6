// A directory that is removed with its contents, and a task whose files lie in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "lib/base/files.h"
#include "lib/task/definition.h"

namespace gt::run {

class Scratch {
 public:
  Scratch() {
    std::string name = std::filesystem::temp_directory_path() / "gt-run-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::filesystem::path make(const std::string& name, std::string_view text = "x") const {
    std::filesystem::create_directories((path_ / name).parent_path());
    write_file(path_ / name, text);
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

inline task::Definition still_task(const Scratch& scratch) {
  task::Definition d;
  d.class_name = "gnr.renderingtaskstate.RenderingTaskDefinition";
  d.options_class = "gnr.task.blenderrendertask.BlenderRendererOptions";
  d.renderer = task::Renderer::Blender;
  d.main_program_file = "/nowhere/docker_blendertask.py";
  d.main_scene_file = scratch.make("scene/a.blend");
  d.resources = {"/nowhere/docker_blendertask.py", d.main_scene_file};
  d.output_file = scratch / "out";
  d.output_format = "PNG";
  d.resolution = {8, 6};
  d.total_subtasks = 3;
  d.engine = "CYCLES";
  d.docker_images = {{.repository = "golem/blender", .tag = "latest", .id = {}}};
  return d;
}

}  // namespace gt::run
