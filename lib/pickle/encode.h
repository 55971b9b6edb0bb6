// From the object graph to pickle bytes: what Python 2.7 and Python 3 load to an equal graph.
#pragma once

#include <cstdint>

#include "lib/base/sink.h"
#include "lib/object/graph.h"
#include "lib/pickle/limits.h"

namespace gt::pickle {

enum class Protocol : std::uint8_t {
  Text = 0,    // lines of ASCII, as the desktop program saved its tasks
  Binary = 2,  // the newest of Python 2
};

struct EncodeOptions {
  Protocol protocol = Protocol::Text;
  // Python makes a part of a tuple or set again while it is not finished, so that a small cyclic graph can be a long pickle.
  std::uint64_t output_bytes = std::uint64_t{64} << 20;
  UnknownCalls unknown_calls = UnknownCalls::Refuse;
};

// Writes the root of `graph` to `sink`. Shared parts are written once and then named; a key that was set twice is set twice.
// Throws GraphNoForm for what no pickle can hold (iterators, modules, a tuple that contains nothing but itself),
// PickleUnknownCall for a call that decode() would refuse, LimitOutput, and whatever the sink throws.
void encode(const object::Graph& graph, Sink& sink, const EncodeOptions& options = {});

}  // namespace gt::pickle
