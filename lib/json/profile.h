// The forms of JSON that a graph can be written as and read from, behind one entrance.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/sink.h"
#include "lib/json/encode.h"
#include "lib/json/read.h"
#include "lib/object/graph.h"

namespace gt::json {

enum class Profile : std::uint8_t {
  Compat2016,  // encode.h
  Modern,      // modern.h
  Lossless,    // lossless.h
  Plain,       // plain.h
};

// Returns warnings: what the profile of 2016 drops. The others throw instead, and have no use for `orders`.
std::vector<Finding> encode(const object::Graph& graph, Sink& sink, Profile profile, const EncodeLimits& limits,
                            KeyOrders* orders = nullptr);

// Reads JSON of one profile; without one, the lossless form is recognised and all else is taken for the JSON of 2016, with
// unknown classes kept. `text` must outlive the graph.
object::Graph decode(std::string_view text, std::optional<Profile> profile, const ReadLimits& limits = {});

}  // namespace gt::json
