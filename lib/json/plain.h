// JSON without tags: what a graph says that is nothing but JSON.
#pragma once

#include <cstdint>

#include "lib/base/sink.h"
#include "lib/json/encode.h"
#include "lib/object/graph.h"

namespace gt::json {

enum class NonFinite : std::uint8_t {
  Refuse,
  AsPython,  // NaN, Infinity and -Infinity, which are not JSON
};

// Writes the root of `graph`: lists, dicts with texts as keys, texts, numbers, true, false, null, dicts in their own order.
// Byte strings of Python 2 are texts where they are UTF-8. What is shared is written wherever it occurs.
// Throws GraphNoForm, with the path, for everything else: an instance, a tuple, a set, bytes, a class, another key, a list
// or dict that contains itself; LimitDepth, LimitOutput, and whatever the sink throws.
void encode_plain(const object::Graph& graph, Sink& sink, const EncodeLimits& limits, NonFinite non_finite = NonFinite::Refuse);

}  // namespace gt::json
