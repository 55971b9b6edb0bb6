// JSON for today's jsonpickle: what jsonpickle.decode(text, keys=True) of version 3.0.0 (Debian's python3-jsonpickle) makes an
// equal object of, where the classes can be imported. Source: jsonpickle/unpickler.py of 3.0.0.
//
// Parts that are shared come back shared, but for tuples, sets and bytes, which jsonpickle does not number.
//
// It differs from the JSON of 2016: dicts are numbered, too, and nothing is sorted; bytes are base64; keys that are no texts
// stay what they are; ordered dicts, deques and the like are calls (py/reduce); modules have the names of Python 3.
#pragma once

#include "lib/base/sink.h"
#include "lib/json/encode.h"
#include "lib/json/read.h"
#include "lib/object/graph.h"

namespace gt::json {

// Throws GraphNoForm for what jsonpickle cannot restore: an object that contains itself through the arguments of its
// constructor, references to objects outside the file, attributes whose names begin with two underscores; LimitDepth,
// LimitNodes, LimitOutput, and whatever the sink throws.
void encode_modern(const object::Graph& graph, Sink& sink, const EncodeLimits& limits);

// The graph of such JSON, which was read already, with keys=True: as Python 3's jsonpickle wrote it, or encode_modern. What
// calls made stays a call (Facet::Reduce), but for sets and bytearrays; names of attributes are str. Throws JsonTag for a tag
// with a value that it cannot have, JsonReference for a py/id that points nowhere, GraphNoForm for what no pickle can be made
// of, GraphUnhashable, limits.
object::Graph from_modern(const object::Graph& json, const ReadLimits& limits = {});

}  // namespace gt::json
