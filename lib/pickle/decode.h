// From pickle bytes to the object graph: protocols 0 to 5, as Python 2 and 3 write them.
//
// Decoding never calls or imports anything. Known globals become inert nodes (globals.def), an unknown class stays a named
// instance with its state, a call of an unknown callable is an error unless it is asked for as a node. What lies outside the
// file is a name (PERSID, BINPERSID) or an error (EXT1 to EXT4, NEXT_BUFFER).
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/object/graph.h"
#include "lib/pickle/limits.h"

namespace gt::pickle {

struct Decoded {
  object::Graph graph;  // its strings are views into the file
  // A dict key set twice with different values, with both offsets; bytes behind STOP (of decode).
  std::vector<Finding> findings;
  std::uint64_t end = 0;  // the offset behind STOP
};

// The first pickle of a file; `pickle` must outlive the result. Throws the Pickle*, Graph* and Limit* errors, each with offset
// and opcode.
Decoded decode(std::string_view pickle, const Limits& limits = {}, UnknownCalls unknown_calls = UnknownCalls::Refuse);

// The pickle that begins at `start` of a file that has several, one behind the other, each with a memo of its own. Offsets are
// those in the file.
Decoded decode_at(std::string_view file, std::uint64_t start, const Limits& limits = {},
                  UnknownCalls unknown_calls = UnknownCalls::Refuse);

}  // namespace gt::pickle
