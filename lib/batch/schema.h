// Validates a task against one of the JSON Schemas of schemas/ on its graph, before there is any text.
//
// valijson does the same on text in ten times the time (bench/README.md); tests compare both over all recorded tasks. Only the
// keywords that these schemas use are known, and any other is an error when the schema is read. The graph is looked at as the
// JSON that would be written of it (an instance is an object with py/object, a set one with py/set), with one difference: where
// the JSON would refer to a part by py/id, the part itself is validated.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/object/graph.h"

namespace gt::batch {

class Schema {
 public:
  // `text` is the schema, `other` gives the text of one that it refers to by name. The texts must outlive this.
  Schema(std::string_view text, const std::function<std::string_view(std::string_view name)>& other);
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  struct Fault {
    std::string path;  // renderer_options.environment, empty for the task itself
    std::string message;
  };
  // Absent if the root of `graph` is valid.
  std::optional<Fault> validate(const object::Graph& graph) const;

  struct Node;  // the private form of a schema

 private:
  std::deque<object::Graph> graphs_;  // whose strings the nodes have
  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
};

// The two schemas of tasks, in the program.
const Schema& task_schema();
const Schema& docker_task_schema();

}  // namespace gt::batch
