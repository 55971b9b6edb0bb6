// One file's way into the graph: by content, never by suffix.
#pragma once

#include <string>

#include "lib/base/error.h"
#include "lib/convert/source.h"
#include "lib/json/decode.h"
#include "lib/object/graph.h"

namespace gt::convert {

// The graph's strings may be views into the source. Findings, of repairs and of decoding, have the file's name.
struct Loaded : Source {
  object::Graph graph;
};

// Reads and decodes `path` ("-" is standard input). Errors name the file. Of a partial pickle, the root says so in an
// attribute or key gt/partial, if it is an instance or a dict.
Loaded load(const std::string& path, json::Restore restore = json::Restore::Whole, const Mending& mending = {});

}  // namespace gt::convert
