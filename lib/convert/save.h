// One file's way out of the graph.
#pragma once

#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "lib/convert/limits.h"
#include "lib/convert/source.h"
#include "lib/json/profile.h"
#include "lib/object/graph.h"
#include "lib/pickle/encode.h"

namespace gt::convert {

struct SaveOptions {
  Clobber clobber = Clobber::Replace;
  Durability durability = Durability::Sync;
  json::Profile profile = json::Profile::Compat2016;
  Limits limits = {};
};

// Writes `graph` as JSON of options.profile to `output` ("-" is standard output), atomically. `input` is where the graph came
// from: an output that is the same file is refused, its size sets what options.limits leave open, and its name is in errors
// about content. Returns warnings.
std::vector<Finding> save_json(const object::Graph& graph, const Input& input, const std::string& output,
                               const SaveOptions& options = {});
// The same as a pickle.
void save_pickle(const object::Graph& graph, pickle::Protocol protocol, const Input& input, const std::string& output,
                 const SaveOptions& options = {});

// The same of each pickle in a file that has several, one behind the other: a document each, followed by a line end. Decodes
// them one at a time, and throws what decoding throws; there is no output unless all are good. JSON is one document.
std::vector<Finding> save_all_json(const Source& source, const std::string& output, const SaveOptions& options = {});

}  // namespace gt::convert
