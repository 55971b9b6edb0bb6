// One file's way into the graph: by content, never by suffix.
#pragma once

#include <optional>
#include <string>

#include "lib/base/error.h"
#include "lib/convert/limits.h"
#include "lib/convert/source.h"
#include "lib/json/decode.h"
#include "lib/json/profile.h"
#include "lib/object/graph.h"

namespace gt::convert {

// The graph's strings may be views into the source. Findings, of repairs and of decoding, have the file's name.
struct Loaded : Source {
  object::Graph graph;
};

struct LoadOptions {
  json::Restore restore = json::Restore::Whole;
  Mending mending = {};
  Limits limits = {};
  json::Profile profile = json::Profile::Compat2016;  // that will be written
};

// Reads and decodes `path` ("-" is standard input). Errors name the file. JSON of the lossless form is recognised, if all of
// it is to be restored.
Loaded load(const std::string& path, const LoadOptions& options = {});

// The same of a file that has to be JSON, `profile` as for json::decode. Throws InputNotATask for a pickle.
Loaded load_json(const std::string& path, std::optional<json::Profile> profile = std::nullopt);

// The root of a partial pickle says so in an attribute or key gt/partial, if it is an instance or a dict. To be called when
// nothing else of the graph is changed any more.
void mark_if_partial(Loaded& loaded);

}  // namespace gt::convert
