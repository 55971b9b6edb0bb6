// Inputs of the benchmarks, made of the sample task.
#pragma once

#include <string>

namespace gt::bench {

std::string read_whole(const std::string& path);

// One pickle that is a list of `count` times the object in `pickle` (which ends in STOP).
std::string repeat(const std::string& pickle, int count);

// A protocol 0 pickle of a list of the integers below `count`.
std::string integers(int count);

// Runs a command and returns its wall time in seconds, or a negative number if it failed. Its output goes nowhere.
double run_seconds(const char* const* argv);

// Runs a command and returns the number that it prints, or a negative one if it failed.
double run_and_read_number(const std::string& command);

}  // namespace gt::bench
