// Keys that were set more than once, found and merged as Python 2 does, and on the way the shapes of those that were not.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/object/graph.h"
#include "lib/object/key_shapes.h"

namespace gt::object {

// A key that was set more than once in one dict or instance; the last value stays, at the place of the first.
struct DuplicateKey {
  Value container;
  std::uint32_t first;  // indices of the two entries as they were added
  std::uint32_t second;
  Value key;
  Value first_value;
  Value second_value;
};

// Merges entries with equal keys in every dict and instance of the graph and returns what was merged. Numbers their shapes.
std::vector<DuplicateKey> merge_duplicate_keys(Graph& graph);
// The same for who numbered shapes of this graph already, while it was made.
std::vector<DuplicateKey> merge_duplicate_keys(Graph& graph, KeyShapes& shapes);
// Numbers the shape of one dict or instance, unless two of its keys may be equal: then it says false.
bool number_key_shape(Graph& graph, Value dict_or_instance, KeyShapes& shapes);
// Numbers the shapes only.
void number_key_shapes(Graph& graph);

}  // namespace gt::object
