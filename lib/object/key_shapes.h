// Containers whose keys are the same, one after the other: a file with thousands of records has a handful of such shapes, and
// what follows from the keys alone needs to be found once for each.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lib/object/graph.h"

namespace gt::object {

class KeyShapes {
 public:
  explicit KeyShapes(const Graph& graph) : graph_(graph) {}

  // The number of the shape of these keys, which is not 0; fastest for the very keys of a shape that was asked for lately.
  // nullopt for keys that are no known shape: add() makes them one.
  std::optional<std::uint32_t> find(std::span<const Entry> entries);
  // The shape of exactly these keys, which are followed by a value each; 0 if none was asked for lately.
  std::uint32_t find_recent(std::span<const Value> pairs) const;
  // Takes the keys that find() was asked for last. 0 if they are not worth it: shapes take a bounded amount of memory, and
  // who compares with one a bounded time. `entries` must stay where they are.
  std::uint32_t add(std::span<const Entry> entries);

 private:
  struct Shape {
    std::uint64_t hash;
    std::span<const Entry> entries;
  };
  std::uint64_t hash_of(std::span<const Entry> entries) const;
  bool same_keys(std::span<const Entry> a, std::span<const Entry> b) const;
  template <typename KeyAt>
  bool has_keys(std::uint32_t number, std::size_t keys, const KeyAt& key_at) const;
  void grow_slots();
  static std::size_t recent_slot(std::size_t keys, Value first);

  const Graph& graph_;
  std::vector<Shape> shapes_;
  std::vector<std::uint32_t> slots_;        // numbers of shapes by hash, 0 is free
  std::array<std::uint32_t, 64> recent_{};  // numbers of shapes by the identity of the first key
  std::uint64_t hash_ = 0;                  // of the last find(), and the free slot that it ended at
  std::uint32_t* free_slot_ = nullptr;
  std::size_t keys_ = 0;
};

}  // namespace gt::object
