#include "lib/object/compare.h"

#include <bit>
#include <unordered_map>

namespace gt::object {
namespace {

class Comparison {
 public:
  Comparison(const Graph& a, const Graph& b, std::uint64_t& parts_left) : a_(a), b_(b), parts_left_(parts_left) {}

  bool run(Value x, Value y) {
    push(x, y);
    while (!stack_.empty()) {
      const auto [left, right] = stack_.back();
      stack_.pop_back();
      if (parts_left_ == 0) return false;
      --parts_left_;
      if (!same_node(left, right)) return false;
    }
    return true;
  }

 private:
  void push(Value x, Value y) { stack_.push_back({x, y}); }

  bool same_bytes(Value x, Value y) const { return &a_ == &b_ ? a_.have_same_bytes(x, y) : a_.string_of(x) == b_.string_of(y); }

  bool same_scalar(Value x, Value y) const {
    switch (x.kind()) {
      case Kind::Int: return a_.int_of(x) == b_.int_of(y);
      case Kind::Long: return a_.long_of(x) == b_.long_of(y);
      case Kind::Float: return std::bit_cast<std::uint64_t>(a_.float_of(x)) == std::bit_cast<std::uint64_t>(b_.float_of(y));
      case Kind::Bytes:
      case Kind::Text:
      case Kind::Binary: return same_bytes(x, y);
      case Kind::Global: return a_.global(x).qualified == b_.global(y).qualified;
      default: return x == y;
    }
  }

  bool same_node(Value x, Value y) {
    if (x.kind() != y.kind()) return false;
    if (!has_identity(x.kind())) return same_scalar(x, y);
    if (x.is(Kind::Tuple) && a_.items(x).empty()) return b_.items(y).empty();
    const auto [known, inserted] = partner_.try_emplace(x.bits(), y);
    const auto [known_back, inserted_back] = partner_back_.try_emplace(y.bits(), x);
    if (!inserted || !inserted_back) return known->second == y && known_back->second == x;
    if (x.is(Kind::ByteArray)) return same_bytes(x, y);
    if (is_sequence(x.kind())) {
      const auto left = a_.items(x);
      const auto right = b_.items(y);
      if (left.size() != right.size()) return false;
      for (std::size_t i = 0; i < left.size(); ++i) push(left[i], right[i]);
      return true;
    }
    if (x.is(Kind::Instance)) {
      if (a_.class_name(x) != b_.class_name(y)) return false;
      for (const Facet facet : k_all_facets) push(a_.facet(x, facet), b_.facet(y, facet));
    }
    const auto left = a_.entries(x);
    const auto right = b_.entries(y);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      push(left[i].key, right[i].key);
      push(left[i].value, right[i].value);
    }
    return true;
  }

  struct Pair {
    Value x;
    Value y;
  };
  const Graph& a_;
  const Graph& b_;
  std::vector<Pair> stack_;
  std::unordered_map<std::uint64_t, Value> partner_;  // of containers already met, both ways
  std::unordered_map<std::uint64_t, Value> partner_back_;
  std::uint64_t& parts_left_;
};

}  // namespace

bool same_structure(const Graph& a, Value x, const Graph& b, Value y) {
  std::uint64_t all = ~std::uint64_t{0};
  return same_structure(a, x, b, y, all);
}

bool same_structure(const Graph& a, Value x, const Graph& b, Value y, std::uint64_t& parts_left) {
  return Comparison(a, b, parts_left).run(x, y);
}

}  // namespace gt::object
