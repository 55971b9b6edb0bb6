// The members of one JSON object: which attributes or items it has, under which names, in which order jsonpickle visits
// them and in which order Python 2 writes them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/json/key_orders.h"
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
  std::vector<Finding> findings;       // what is left out
};

// The value of a member of `container`; Absent for the class name.
object::Value value_of(const object::Graph& graph, object::Value container, const Member& member);

// True for functions of Python 2's module __builtin__, which jsonpickle drops as attributes.
bool is_builtin_function(const object::Graph& graph, object::Value value);

// Finds the members of dicts and instances. Objects with the same keys (the same shape) share one answer: a file with thousands
// of tasks has a handful.
class MemberTable {
 public:
  // With `orders`, what is known of earlier graphs is not found again.
  explicit MemberTable(const object::Graph& graph, KeyOrders* orders = nullptr);

  // The shared answer, valid as long as the table; nullptr for an object whose keys have no shape: then make() finds it.
  Members* find(object::Value container);
  std::shared_ptr<Members> make(object::Value container) const;
  // True if the graph names functions that jsonpickle drops: what has them as values is never shared.
  bool has_builtin_functions() const { return has_builtin_functions_; }

 private:
  class Filling;
  void add_entries(object::Value container, Filling& filling, std::vector<Finding>& findings) const;

  // Of the same shape there may be dicts, instances, and instances with different facets.
  struct Known {
    std::uint32_t variant;
    std::shared_ptr<Members> members;
  };
  std::uint32_t variant_of(object::Value container) const;
  std::shared_ptr<Members> make_anew(object::Value container) const;

  const object::Graph& graph_;
  KeyOrders* orders_;
  bool has_builtin_functions_ = false;
  std::vector<std::vector<Known>> by_shape_;
};

}  // namespace gt::json
