#include "lib/json/expansion.h"

#include <vector>

namespace gt::json {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? ~std::uint64_t{0} : sum;
}

void add(Expansion& to, const Expansion& part) {
  to.containers = saturating_add(to.containers, part.containers);
  to.bytes = saturating_add(to.bytes, part.bytes);
}

class Walk {
 public:
  explicit Walk(const Graph& graph) : graph_(graph), seen_(graph.container_count()), inside_(graph.container_count()) {}

  Expansion run(Value root) {
    Expansion total = of_value(root);
    if (!object::is_container(root.kind())) return total;
    enter(root);
    while (!stack_.empty()) step();
    add(total, once_);
    add(total, inside_[graph_.container_number(root)]);
    return total;
  }

 private:
  struct Frame {
    Value container;
    std::size_t next;
    Expansion size;
  };

  // Lists, and what jsonpickle numbers like them: in full the first time, a short reference after that.
  static bool written_once(Value v) { return v.is(Kind::List) || v.is(Kind::Instance) || v.is(Kind::FrozenSet); }

  // What the value takes in the place where it stands, without what is inside.
  Expansion of_value(Value v) const {
    constexpr std::uint64_t k_new_line = 1;
    if (object::is_container(v.kind())) return {1, 2 + k_new_line};
    if (object::is_string(v.kind())) return {0, graph_.string_of(v).size() + k_new_line};
    return {0, 1 + k_new_line};
  }

  void enter(Value v) {
    seen_[graph_.container_number(v)] = true;
    stack_.push_back({v, 0, {}});
  }

  // Keys are left out: this is what there is at least.
  std::size_t count(Value v) const { return object::is_sequence(v.kind()) ? graph_.items(v).size() : graph_.entries(v).size(); }
  Value child(Value v, std::size_t i) const {
    return object::is_sequence(v.kind()) ? graph_.items(v)[i] : graph_.entries(v)[i].value;
  }

  void step() {
    Frame& frame = stack_.back();
    const std::size_t parts = count(frame.container);
    while (frame.next < parts) {
      const Value v = child(frame.container, frame.next);
      const bool container = object::is_container(v.kind());
      if (container && !seen_[graph_.container_number(v)]) return enter(v);
      ++frame.next;
      add(frame.size, of_value(v));
      // A dict inside itself has nothing here yet: it will be found too deep.
      if (container) add(frame.size, inside_[graph_.container_number(v)]);
    }
    add(written_once(frame.container) ? once_ : inside_[graph_.container_number(frame.container)], frame.size);
    stack_.pop_back();
  }

  const Graph& graph_;
  std::vector<Frame> stack_;
  std::vector<bool> seen_;
  std::vector<Expansion> inside_;  // of the containers that are written again and again, by number
  Expansion once_;                 // of all that is inside of the others
};

}  // namespace

Expansion least_expansion(const Graph& graph, Value root) { return Walk(graph).run(root); }

}  // namespace gt::json
