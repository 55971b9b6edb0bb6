// From pickle bytes to the object graph: protocols 0, 1 and 2, as pickle and cPickle of Python 2 wrote them.
//
// Decoding never calls or imports anything. Known globals become inert nodes (globals.def), an unknown class stays a named
// instance with its state, a call of an unknown callable is an error. Only the first pickle of the bytes is read, as Python
// does.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/object/graph.h"
#include "lib/pickle/limits.h"

namespace gt::pickle {

struct Decoded {
  object::Graph graph;  // its strings are views into `pickle`
  // A dict key set twice with different values, with both offsets; bytes behind STOP.
  std::vector<Finding> findings;
};

// `pickle` must outlive the result. Throws the Pickle*, Graph* and Limit* errors, each with offset and opcode.
Decoded decode(std::string_view pickle, const Limits& limits = {});

}  // namespace gt::pickle
