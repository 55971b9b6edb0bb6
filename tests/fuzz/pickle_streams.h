// Pickles made at random: streams of opcodes that fit together, of values that both Python and the graph know.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace gt::fuzz {

struct StreamOptions {
  int protocol = 5;        // no opcode of a later one
  int steps = 60;          // about as many opcodes
  unsigned damage = 0;     // percent of streams in which bytes are changed afterwards
  bool mixes_memo = true;  // one number put as text and got as bytes, which Python 2 takes for two
};

// The same `random` makes the same stream.
std::string make_stream(std::mt19937_64& random, const StreamOptions& options);

// Changes a few bytes of a stream, or opcodes of it: what is changed may no longer fit together.
void damage(std::string& stream, std::mt19937_64& random);

// Takes opcodes out of a stream, doubles or swaps them, or puts those of a new one in: whole opcodes, which a mutation of bytes
// hardly ever meets. What cannot be read as opcodes stays behind the rest.
void change_opcodes(std::string& stream, std::mt19937_64& random);

}  // namespace gt::fuzz
