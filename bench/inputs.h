// Inputs of the benchmarks: pickles as Python 2 wrote them, in protocol 0 or 2.
#pragma once

#include <cstdint>
#include <string>

namespace gt::bench {

enum class Protocol : std::uint8_t { Zero, Two };

std::string read_whole(const std::string& path);

// A list of `count` times the sample task, each with its strings and classes anew.
std::string tasks(int count, Protocol protocol);
// A list of the integers below `count`.
std::string integers(int count, Protocol protocol);
// A list of `count` different paths.
std::string strings(int count, Protocol protocol);
// A list of `count` dicts with seven members: texts, numbers, a list, a tuple and a dict.
std::string records(int count, Protocol protocol);

}  // namespace gt::bench
