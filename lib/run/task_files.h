// The files of a task on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/render/format.h"
#include "lib/run/relocate.h"
#include "lib/task/definition.h"

namespace gt::run {

struct TaskFiles {
  std::filesystem::path scene;                      // empty for a Python task
  std::vector<std::filesystem::path> resources;     // without the scene and the program, each once
  std::optional<std::filesystem::path> own_script;  // absent: the built-in script
};

// Relocates the scene, the resources and the program file (a task without a scene needs one) and makes sure that each is a
// regular file. One that is not there is looked for by its name in the directories `search`; `found` gets a note of each.
// Throws SceneMissing that lists all that are not to be had, each with the --map that would find it, and those that are there
// several times, with their sizes.
struct Search {
  std::vector<std::filesystem::path> directories = {};
  std::vector<Finding>* found = nullptr;  // the caller's
};
TaskFiles find_task_files(const task::Definition& definition, const PathMap& map, const Search& search = {});

// Where the picture goes: `option` as given, else the task's own place, relocated. The format's extension is appended when
// it is missing. Throws SceneMissing when the directory does not exist, Usage when there is no place at all, and
// OutputIsInput when it is one of `files`.
std::filesystem::path find_output(const task::Definition& definition, const PathMap& map,
                                  const std::optional<std::string>& option, const render::Format& format,
                                  const TaskFiles& files);
// The same of a Python task, whose files go into a directory that the task does not name.
std::filesystem::path find_output_directory(const std::optional<std::string>& option);

}  // namespace gt::run
