#include "lib/object/duplicate_keys.h"

#include <bitset>
#include <string_view>

#include "lib/object/key_index.h"

namespace gt::object {
namespace {

// True if no two keys can be equal: the usual small dict of different strings, told without hashing. Only those of one length
// with the same ends are compared.
bool surely_distinct(const Graph& graph, std::span<const Entry> entries) {
  constexpr std::size_t k_small = 32;
  if (entries.size() > k_small) return false;
  std::bitset<1024> met;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!is_string(entries[i].key.kind())) return false;
    const std::string_view text = graph.string_of(entries[i].key);
    const auto number = [](char c) { return std::size_t{static_cast<unsigned char>(c)}; };
    const std::size_t taste =
        text.empty() ? 0 : (text.size() * 181 + number(text.front()) * 29 + number(text.back())) % met.size();
    if (!met[taste]) {
      met.set(taste);
      continue;
    }
    for (std::size_t j = 0; j < i; ++j)
      if (graph.have_same_bytes(entries[i].key, entries[j].key)) return false;
  }
  return true;
}

void merge_in(Graph& graph, Value container, KeyShapes& shapes, std::vector<DuplicateKey>& found) {
  if (graph.shape(container) != 0) return;  // told together with the dict that its entries come from
  if (number_key_shape(graph, container, shapes)) return;
  const auto entries = graph.entries(container);
  KeyIndex index(graph, entries.size());
  std::vector<Entry> kept;
  std::vector<std::uint32_t> origin;  // of each kept entry: the index at which its present value was added
  const Making before = graph.making(container);
  Making after = before;
  after.items = after.slots = 0;
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const auto place = index.find_or_add(entries[i].key, static_cast<std::uint32_t>(kept.size()));
    if (place == kept.size()) {
      kept.push_back(entries[i]);
      origin.push_back(i);
      if (i < before.items) ++after.items;
      if (i + before.slots >= entries.size()) ++after.slots;
      continue;
    }
    found.push_back({container, origin[place], i, kept[place].key, kept[place].value, entries[i].value});
    graph.add_lost_value({container, kept[place].key, kept[place].value});
    kept[place].value = entries[i].value;
    origin[place] = i;
  }
  if (kept.size() == entries.size()) return graph.set_shape(container, shapes.add(entries));
  if (before != after) graph.set_making(container, after);
  graph.replace_entries(container, kept);
}

}  // namespace

bool number_key_shape(Graph& graph, Value container, KeyShapes& shapes) {
  const auto entries = graph.entries(container);
  if (const auto shape = shapes.find(entries)) {
    graph.set_shape(container, *shape);
    return true;
  }
  const bool distinct = surely_distinct(graph, entries);
  if (distinct) graph.set_shape(container, shapes.add(entries));
  return distinct;
}

std::vector<DuplicateKey> merge_duplicate_keys(Graph& graph) {
  KeyShapes shapes(graph);
  return merge_duplicate_keys(graph, shapes);
}

std::vector<DuplicateKey> merge_duplicate_keys(Graph& graph, KeyShapes& shapes) {
  std::vector<DuplicateKey> found;
  for (std::size_t i = 0; i < graph.dict_count(); ++i) merge_in(graph, graph.dict_at(i), shapes, found);
  for (std::size_t i = 0; i < graph.instance_count(); ++i) merge_in(graph, graph.instance_at(i), shapes, found);
  return found;
}

void number_key_shapes(Graph& graph) {
  KeyShapes shapes(graph);
  const auto number = [&](Value container) {
    const auto shape = shapes.find(graph.entries(container));
    graph.set_shape(container, shape ? *shape : shapes.add(graph.entries(container)));
  };
  for (std::size_t i = 0; i < graph.dict_count(); ++i) number(graph.dict_at(i));
  for (std::size_t i = 0; i < graph.instance_count(); ++i) number(graph.instance_at(i));
}

}  // namespace gt::object
