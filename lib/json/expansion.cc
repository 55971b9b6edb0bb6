#include "lib/json/expansion.h"

#include <span>
#include <vector>

#include "lib/base/limit_errors.h"

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
  Walk(const Graph& graph, IsWrittenOnce is_written_once)
      : graph_(graph), is_written_once_(is_written_once), seen_(graph.container_count()), inside_(graph.container_count()) {}

  Expansion run(Value root) {
    Expansion total{.bytes = least_bytes(root)};
    if (!object::is_container(root.kind())) return total;
    ++total.containers;
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

  // What the value takes in the place where it stands, without what is inside.
  std::uint64_t least_bytes(Value v) const {
    constexpr std::uint64_t k_new_line = 1;
    if (object::is_container(v.kind())) return 2 + k_new_line;
    if (object::is_string(v.kind())) return graph_.string_of(v).size() + k_new_line;
    return 1 + k_new_line;
  }

  void enter(Value v) {
    seen_[graph_.container_number(v)] = true;
    stack_.push_back({v, 0, {}});
  }

  static Value child(Value item) { return item; }
  static Value child(const object::Entry& entry) { return entry.value; }
  // Keys may be dropped, but only short ones are.
  std::uint64_t least_bytes_of_key(Value) const { return 0; }
  std::uint64_t least_bytes_of_key(const object::Entry& entry) const {
    if (!object::is_string(entry.key.kind())) return 0;
    const std::size_t bytes = graph_.string_of(entry.key).size();
    return bytes >= object::LongKeys::k_bytes ? bytes : 0;
  }

  void step() {
    const Value container = stack_.back().container;
    const bool done =
        object::is_sequence(container.kind()) ? add_parts(graph_.items(container)) : add_parts(graph_.entries(container));
    if (done) leave();
  }

  // False if one was entered.
  template <typename Part>
  bool add_parts(std::span<const Part> parts) {
    Frame& frame = stack_.back();
    Expansion size = frame.size;
    for (std::size_t i = frame.next; i < parts.size(); ++i) {
      const Value v = child(parts[i]);
      const bool container = object::is_container(v.kind());
      if (container && !seen_[graph_.container_number(v)]) {
        frame.next = i;
        frame.size = size;
        enter(v);
        return false;
      }
      if (container) {
        // A dict inside itself has nothing here yet: it will be found too deep.
        add(size, inside_[graph_.container_number(v)]);
        size.containers = saturating_add(size.containers, 1);
      }
      size.bytes = saturating_add(size.bytes, least_bytes(v) + least_bytes_of_key(parts[i]));
    }
    frame.size = size;
    return true;
  }

  void leave() {
    const Frame& frame = stack_.back();
    add(is_written_once_(frame.container) ? once_ : inside_[graph_.container_number(frame.container)], frame.size);
    stack_.pop_back();
  }

  const Graph& graph_;
  IsWrittenOnce is_written_once_;
  std::vector<Frame> stack_;
  std::vector<bool> seen_;
  std::vector<Expansion> inside_;  // of the containers that are written again and again, by number
  Expansion once_;                 // of all that is inside of the others
};

}  // namespace

Expansion least_expansion(const Graph& graph, Value root, IsWrittenOnce is_written_once) {
  return Walk(graph, is_written_once).run(root);
}

void require_fits(const Graph& graph, const EncodeLimits& limits, IsWrittenOnce is_written_once) {
  if (graph.is_tree() && graph.repeated_bytes() <= limits.output_bytes) return;
  const Expansion least = least_expansion(graph, graph.root(), is_written_once);
  if (least.containers > limits.containers) throw containers_limit_error(limits.containers);
  if (least.bytes > limits.output_bytes) throw output_limit_error(limits.output_bytes);
}

}  // namespace gt::json
