#include "lib/pickle/amplification.h"

#include <limits>
#include <unordered_map>
#include <vector>

namespace gt::pickle {
namespace {

using object::Facet;
using object::Graph;
using object::Kind;
using object::Value;

template <typename Visit>
void for_each_part(const Graph& graph, Value value, Visit&& visit) {
  if (object::is_sequence(value.kind())) {
    for (const Value item : graph.items(value)) visit(item);
    return;
  }
  for (const object::Entry& entry : graph.entries(value)) {
    visit(entry.key);
    visit(entry.value);
  }
  if (!value.is(Kind::Instance)) return;
  for (const Facet facet : object::k_all_facets)
    if (const Value part = graph.facet(value, facet)) visit(part);
}

struct Size {
  double values = std::numeric_limits<double>::infinity();  // while its parts are counted: a part that meets it holds itself
  bool is_counted = false;
};

}  // namespace

double written_out(const Graph& graph) {
  std::unordered_map<std::uint64_t, Size> sizes;  // of containers
  const auto size_of = [&](Value value) { return object::is_container(value.kind()) ? sizes.at(value.bits()).values : 1.0; };
  std::vector<Value> open = {graph.root()};
  while (!open.empty()) {
    const Value value = open.back();
    const auto [found, is_new] =
        object::is_container(value.kind()) ? sizes.try_emplace(value.bits()) : std::pair(sizes.end(), false);
    if (is_new) {
      for_each_part(graph, value, [&](Value part) {
        if (object::is_container(part.kind()) && !sizes.contains(part.bits())) open.push_back(part);
      });
      continue;  // it is counted when all above it are
    }
    open.pop_back();
    if (found == sizes.end() || found->second.is_counted) continue;
    double values = 1;
    for_each_part(graph, value, [&](Value part) { values += size_of(part); });
    found->second = {values, true};
  }
  return size_of(graph.root());
}

}  // namespace gt::pickle
