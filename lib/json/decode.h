// From jsonpickle JSON to the object graph.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/json/read.h"
#include "lib/object/graph.h"

namespace gt::json {

enum class Restore : std::uint8_t {
  // Keeps everything: unknown classes with name and children, py/id as the writer numbered it.
  Whole,
  // What jsonpickle 0.9.3 made of it in March 2016: an unknown class stays a plain dict whose parts are not restored, a
  // classic class gets what its constructor sets, py/id is an index into what was restored so far (docs/formats.md c).
  As2016,
};

// Throws JsonSyntax, JsonReference (a py/id that points nowhere), JsonTag (a tag with a value it cannot have), limits.
object::Graph decode(std::string_view text, Restore mode, const ReadLimits& limits = {});
// The same of a document that was read already.
object::Graph from_jsonpickle(const object::Graph& json, Restore mode);

}  // namespace gt::json
