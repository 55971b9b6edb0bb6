// The members of one JSON object: which attributes or items it has, under which names, in which order jsonpickle visits
// them and in which order Python 2 writes them.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/error.h"
#include "lib/object/graph.h"

namespace gt::json {

struct Member {
  enum class Source : std::uint8_t { ClassName, Facet, Entry };
  Source source = Source::Entry;
  object::Facet facet = object::Facet::State;
  std::uint32_t entry = 0;
  std::string key;  // "name": as it stands in the JSON
};

struct Members {
  std::vector<Member> visited;         // in the order in which jsonpickle flattens (and so numbers) the values
  std::vector<std::uint32_t> written;  // indices into `visited`, in the order of the output
};

// The value of a member of `container`; Absent for the class name.
object::Value value_of(const object::Graph& graph, object::Value container, const Member& member);

// True for functions of the module __builtin__, which jsonpickle drops as attributes.
bool is_builtin_function(const object::Graph& graph, object::Value value);

// Finds the members of dicts and instances. Objects with the same keys share one answer: a file with thousands of tasks
// has a handful of shapes.
class MemberTable {
 public:
  explicit MemberTable(const object::Graph& graph) : graph_(graph) {}

  // Valid as long as the table.
  const Members& of(object::Value container);
  std::vector<Finding> take_findings() { return std::move(findings_); }

 private:
  class Filling;
  Members make(object::Value container);
  void add_entries(object::Value container, Filling& filling);

  const object::Graph& graph_;
  std::unordered_map<std::string, Members> by_shape_;
  std::string shape_;
  std::vector<Finding> findings_;
};

}  // namespace gt::json
