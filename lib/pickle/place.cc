#include "lib/pickle/place.h"

#include <algorithm>

#include "lib/base/text.h"
#include "lib/object/python2.h"

namespace gt::pickle {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

constexpr std::size_t k_longest_path = 300;

bool can_be_key(Value v) { return v && !object::has_identity(v.kind()); }

std::string key_text(const Graph& graph, Value key) {
  if (object::is_string(key.kind())) return "." + printable(graph.string_of(key), 40);
  return "[" + printable(object::python2_repr(graph, key), 40) + "]";
}

// Goes up the stack. Each container that is not the topmost waits for something above it: a list for an item, a dict for a
// value, of which the key is there already, an instance for its state. Behind a mark there may be whole items or pairs first.
class Climb {
 public:
  Climb(const Graph& graph, const Stack& stack) : graph_(graph), stack_(stack) {}

  std::string run() {
    while (at_ < stack_.size() && path_.size() < k_longest_path) {
      const Value v = stack_[at_];
      if (v.is(Kind::List)) {
        climb_list(v);
      } else if (object::is_object(v.kind())) {
        climb_object();
      } else {
        ++at_;
      }
    }
    return path_.starts_with('.') ? path_.substr(1) : path_;
  }

 private:
  bool marked(std::size_t index) const {
    const auto marks = stack_.marks();
    return std::binary_search(marks.begin(), marks.end(), index);
  }
  // Where what lies behind the mark at `index` ends: at the next mark or at the top.
  std::size_t end_behind(std::size_t index) const {
    const auto marks = stack_.marks();
    const auto next = std::upper_bound(marks.begin(), marks.end(), index);
    return next == marks.end() ? stack_.size() : *next;
  }
  bool waits_for_state(std::size_t index, std::size_t end) const {
    return index + 1 < end && stack_[index].is(Kind::Instance) && stack_[index + 1].is(Kind::Dict);
  }

  void climb_list(Value list) {
    std::size_t index = graph_.items(list).size();
    ++at_;
    if (marked(at_)) {
      const std::size_t end = end_behind(at_);
      for (; at_ + 1 < end && !waits_for_state(at_, end); ++at_) ++index;
    }
    path_ += "[" + std::to_string(index) + "]";
  }

  void climb_object() {
    ++at_;
    if (marked(at_)) {
      const std::size_t end = end_behind(at_);
      while (at_ + 2 < end && can_be_key(stack_[at_ + 2]) && !waits_for_state(at_ + 1, end)) at_ += 2;
    }
    if (at_ >= stack_.size() || !can_be_key(stack_[at_])) return;
    path_ += key_text(graph_, stack_[at_++]);
  }

  const Graph& graph_;
  const Stack& stack_;
  std::size_t at_ = 0;
  std::string path_;
};

}  // namespace

std::string path_of(const Graph& graph, const Stack& stack) { return Climb(graph, stack).run(); }

std::optional<std::uint64_t> line_of(std::string_view file, std::uint64_t start, std::uint64_t offset) {
  const std::string_view before = file.substr(start, offset - start);
  const auto is_text = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  };
  if (before.starts_with('\x80') || !std::all_of(before.begin(), before.end(), is_text)) return std::nullopt;
  return 1 + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
}

}  // namespace gt::pickle
