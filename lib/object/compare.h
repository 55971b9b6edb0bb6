// Structural equality of two graphs: same kinds, same values, same sharing.
#pragma once

#include <cstdint>

#include "lib/object/graph.h"

namespace gt::object {

// True if `x` in `a` and `y` in `b` are the same structure: scalars equal (floats bit by bit), containers equal part by part,
// and parts shared in one shared likewise in the other, but for the empty tuple, of which Python has only one. Dicts and
// attributes are compared as sequences of entries in their stored order, sets likewise. Never recurses; cycles are fine.
bool same_structure(const Graph& a, Value x, const Graph& b, Value y);
// Compares no more than `parts_left`, and takes off how many it did: when none is left, that counts as a difference.
bool same_structure(const Graph& a, Value x, const Graph& b, Value y, std::uint64_t& parts_left);

}  // namespace gt::object
