// What is wrong with a pickle, as far as that can be told without making its values: for pickles that are dense, of which
// decoding takes many times the memory of the file, so that a forged one is refused for little.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/pickle/limits.h"

namespace gt::pickle {

// Runs the pickle that begins at `start` of the file to its STOP over kinds of values, four bytes each: for a fraction of the
// time and memory of decoding.
//
// Throws what decoding throws, but for the path, where the pickle is cut, has an unknown opcode or an argument that stands for
// nothing, takes from the stack or the memo what is not there, puts parts into what has none, has keys that nobody can hash, or
// calls what it may not; and what writing JSON throws, LimitDepth, LimitNodes or LimitOutput, where the limits say how much can
// be written, as a list is written once and a tuple, dict or set wherever it is met.
// What this throws, decoding or writing would come to, but for what would be lost on the way, as a value of a key that is set
// again, and for depth behind more than 15 references; what it lets pass they may still refuse, and be it for something
// earlier.
void survey(std::string_view file, std::uint64_t start, const Limits& limits, UnknownCalls unknown_calls);

}  // namespace gt::pickle
