// A graph as a line of words, in which a Python tells what it has loaded, too: tests/fuzz/differential.py,
// tests/conformance/record_pickletester.py.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/object/graph.h"

namespace gt::fuzz {

// Python 2 tells int from long, and has an order of its own in dicts.
enum class WordsOf : std::uint8_t { Python2, Python3 };

// "BIG" for more than 20,000 values.
std::string words_of(const object::Graph& graph, WordsOf python);

// The bytes, those that are no printable ASCII and backslashes as \xNN.
std::string printable_ascii(std::string_view bytes);

}  // namespace gt::fuzz
