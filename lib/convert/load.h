// One file's way into the graph: by content, never by suffix.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "lib/json/decode.h"
#include "lib/json/profile.h"
#include "lib/object/graph.h"

namespace gt::convert {

enum class Form : std::uint8_t { Pickle, JsonPickle };

// What the bytes look like: JSON starts with a bracket or a quote, which no pickle does. Throws InputEmpty, and
// InputNotATask for well-known formats (pictures, archives, .blend files), naming them.
Form recognise(std::string_view bytes);

struct Loaded {
  Input input;  // the graph's strings may be views into it
  Form form = Form::Pickle;
  object::Graph graph;
  std::vector<Finding> findings;  // with the file's name
};

// Reads and decodes `path` ("-" is standard input). Errors name the file.
Loaded load(const std::string& path, json::Restore restore = json::Restore::Whole);

// The same of a file that has to be JSON. Throws InputNotATask for a pickle.
// `profile` as for json::decode.
Loaded load_json(const std::string& path, std::optional<json::Profile> profile = std::nullopt);

}  // namespace gt::convert
