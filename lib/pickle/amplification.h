// How much larger a value is when everything that it holds twice is written twice.
#pragma once

#include "lib/object/graph.h"

namespace gt::pickle {

// The number of values in the root, each counted as often as it would be written; infinity when it contains itself.
double written_out(const object::Graph& graph);

}  // namespace gt::pickle
