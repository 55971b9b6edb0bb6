// The lossless form: JSON that says everything that a graph holds. docs/lossless.md describes it.
#pragma once

#include <string_view>

#include "lib/base/sink.h"
#include "lib/json/encode.h"
#include "lib/json/read.h"
#include "lib/object/graph.h"

namespace gt::json {

// Throws LimitDepth, LimitOutput, and whatever the sink throws.
void encode_lossless(const object::Graph& graph, Sink& sink, const EncodeLimits& limits);

// The graph again: kinds, values, sharing, order, how instances are made, and what keys had before they were set again.
// Throws JsonSyntax, JsonTag (an object that is none of this form), JsonReference, GraphUnhashable, limits.
object::Graph decode_lossless(std::string_view text, const ReadLimits& limits = {});

// True for the JSON of a document in this form.
bool is_lossless(const object::Graph& json);
// The same for a document that was read already.
object::Graph from_lossless(const object::Graph& json, const ReadLimits& limits = {});

}  // namespace gt::json
