// What can be known of a task before it runs: what it is, and what would stop it.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/object/graph.h"
#include "lib/task/definition.h"
#include "lib/task/path_map.h"

namespace gt::batch {

struct Forecast {
  task::Renderer renderer = task::Renderer::None;
  std::vector<Finding> findings;  // fields that cannot be used, a scene that is not there, a format that nobody writes
};

// The root of `graph` must be a task definition. Throws nothing but bad_alloc.
Forecast look_ahead(const object::Graph& graph, const task::PathMap& paths);

// A warning for each number that is none (NaN, Infinity), which strict readers of JSON stop at. `json` is the text of `graph`:
// only where it can have one is the graph searched.
void warn_of_numbers(const object::Graph& graph, std::string_view json, std::vector<Finding>& findings);

}  // namespace gt::batch
