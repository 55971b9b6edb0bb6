// How much JSON a graph would be at least. What is in several places is written in each of them, so that a file of 204 bytes
// can be 2^40 nodes; this is told without going there.
#pragma once

#include <cstdint>

#include "lib/json/encode.h"
#include "lib/object/graph.h"

namespace gt::json {

struct Expansion {
  std::uint64_t containers = 0;  // lists and objects
  // Of their values and of long keys: each text has at least its length, everything else a byte, and a value a line.
  std::uint64_t bytes = 0;
};

// True for a container that is written in full the first time only. Each profile has its own.
using IsWrittenOnce = bool (*)(object::Value container);

// What no JSON of `root` can be below: what is written once is counted once, everything else as often as it is met. Numbers do
// not overflow but stay at the largest. Takes the time of one walk over the graph.
Expansion least_expansion(const object::Graph& graph, object::Value root, IsWrittenOnce is_written_once);

// Before anything is written, and before time and memory go into what will be refused: throws LimitNodes or LimitOutput.
void require_fits(const object::Graph& graph, const EncodeLimits& limits, IsWrittenOnce is_written_once);

}  // namespace gt::json
