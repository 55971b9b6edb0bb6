// Where in the data a pickle is when something goes wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/object/graph.h"
#include "lib/pickle/stack.h"

namespace gt::pickle {

// The way from the root to what is made next, as far as the stack tells it: renderer_options.environment.software[0]. Empty at
// the root.
std::string path_of(const object::Graph& graph, const Stack& stack);

// The line of `offset`, counted from `start` as 1; nullopt unless what lies between is text, as protocol 0 is.
std::optional<std::uint64_t> line_of(std::string_view file, std::uint64_t start, std::uint64_t offset);

}  // namespace gt::pickle
