// Structural equality of two graphs: same kinds, same values, same sharing.
#pragma once

#include "lib/object/graph.h"

namespace gt::object {

// True if `x` in `a` and `y` in `b` are the same structure: scalars equal (NaN equals NaN), containers equal part by part,
// and parts shared in one shared likewise in the other. Dicts and attributes are compared as sequences of entries in their
// stored order, sets likewise. Never recurses; cycles are fine.
bool same_structure(const Graph& a, Value x, const Graph& b, Value y);

}  // namespace gt::object
