// Finds equal keys among many, whatever the keys: what a dict or set of Python tells as one.
#pragma once

#include <cstdint>
#include <vector>

#include "lib/object/graph.h"

namespace gt::object {

// The hash is not Python's: that one is known to everybody, and a file can be made of keys that all have the same.
class KeyIndex {
 public:
  KeyIndex(const Graph& graph, std::size_t expected);

  // The index under which an equal key was added before, or `index`, which is then added. Throws as python2_hash() does.
  std::uint32_t find_or_add(Value key, std::uint32_t index);

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Value key;  // Absent: free
    std::uint32_t index = 0;
  };
  Slot& slot_of(std::uint64_t hash, Value key);
  void grow();

  const Graph& graph_;
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace gt::object
