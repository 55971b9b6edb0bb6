// The values that keys of a graph lost, found by container and key: for who writes them again.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "lib/object/graph.h"

namespace gt::object {

class LostValues {
 public:
  using ByKey = std::unordered_map<std::uint64_t, std::vector<Value>>;

  explicit LostValues(const Graph& graph) {
    for (const LostValue& lost : graph.lost_values()) found_[lost.container.bits()][lost.key.bits()].push_back(lost.value);
  }

  // Null if the container lost nothing.
  const ByKey* find(Value container) const {
    const auto found = found_.find(container.bits());
    return found == found_.end() ? nullptr : &found->second;
  }

  // `entries`, which are some of the container's, each behind those that its key had before.
  std::vector<Entry> with_lost(Value container, std::span<const Entry> entries) const {
    const ByKey* const keys = find(container);
    if (keys == nullptr) return {entries.begin(), entries.end()};
    std::vector<Entry> out;
    for (const Entry& entry : entries) {
      if (const auto lost = keys->find(entry.key.bits()); lost != keys->end())
        for (const Value value : lost->second) out.push_back({entry.key, value});
      out.push_back(entry);
    }
    return out;
  }

 private:
  std::unordered_map<std::uint64_t, ByKey> found_;  // by bits of the container and of the key
};

}  // namespace gt::object
