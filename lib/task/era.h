// When and by what a task was saved, from the names of its classes and fields.
#pragma once

#include <string>
#include <vector>

#include "lib/object/graph.h"

namespace gt::task {

struct Identity {
  std::string what;       // "a Blender task definition", "a running task with its state", "a list"
  std::string from = {};  // days such as 2016-02-23, empty when nothing tells
  std::string until = {};
  std::vector<std::string> because = {};
  std::vector<std::string> although = {};  // what does not fit: files keep fields that the classes of their time do not have
};

// The rows of eras.def that hold, in their order, each as far as it agrees with those before it.
Identity identify(const object::Graph& graph);

// Whether the root is (Task, TaskState): what the Golem of 2017 to 2020 kept of each task that it ran.
bool is_dump(const object::Graph& graph);

}  // namespace gt::task
