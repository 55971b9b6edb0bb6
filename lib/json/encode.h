// From the object graph to the JSON that pickle2json.py wrote in 2016: jsonpickle 0.9.3 under Python 2.7, its dicts in the
// order in which Python 2 walked them. Source: docs/formats.md a and b.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/sink.h"
#include "lib/json/key_orders.h"
#include "lib/object/graph.h"

namespace gt::json {

struct EncodeLimits {
  std::uint64_t depth = 1000;  // nested lists and objects; the original stopped at about 330
  // jsonpickle writes a shared dict, tuple or set again wherever it occurs, so a small pickle can be endless JSON.
  std::uint64_t output_bytes = std::uint64_t{64} << 20;
  std::uint64_t containers = 1'000'000;

  // The defaults for an input of this size.
  static EncodeLimits for_input(std::uint64_t bytes);
};

// Writes the root of `graph` to `sink`. With `orders`, which are kept from one graph to the next, many small ones are faster.
// Returns warnings: what the format of 2016 cannot say and drops. Throws GraphKey, LimitDepth, LimitNodes, LimitOutput, and
// whatever the sink throws.
std::vector<Finding> encode_2016(const object::Graph& graph, Sink& sink, const EncodeLimits& limits,
                                 KeyOrders* orders = nullptr);

}  // namespace gt::json
