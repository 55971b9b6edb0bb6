// JSON text to a graph of dicts, lists and scalars, as Python 2.7's json.loads accepts it: integers of any size, NaN,
// Infinity and -Infinity, lone surrogates in escapes. Never recurses, bounded in depth.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/error.h"
#include "lib/object/graph.h"

namespace gt::json {

struct ReadLimits {
  std::uint64_t depth = 1000;
  std::uint64_t integer_digits = 20'000;
};

// LimitSize: an integer of so many digits.
Error digits_limit_error(std::uint64_t digits, const ReadLimits& limits, std::optional<std::uint64_t> offset = {});

// `text` must outlive the graph. A key that occurs twice in an object has its last value. Throws JsonSyntax with the byte
// offset (control characters in strings, comments, trailing commas, a BOM and bytes behind the value are errors, as in
// Python), LimitDepth, LimitSize.
object::Graph read(std::string_view text, const ReadLimits& limits = {});

}  // namespace gt::json
