#include "lib/object/arena.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>

namespace gt::object {
namespace {

struct Node {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  bool operator==(const Node&) const = default;
};

TEST_CASE("what was pushed as zeros is zero, on the heap and beyond, and what was written stays") {
  constexpr std::size_t k_count = 100'000;  // 1.6 MB
  Table<Node> table;
  for (std::size_t i = 0; i < k_count; ++i) {
    table.push_back_zero();
    if (i % 100 == 0) table[i].b = i + 1;
  }
  REQUIRE(table.size() == k_count);
  for (std::size_t i = 0; i < k_count; ++i) CHECK(table[i] == Node{0, i % 100 == 0 ? i + 1 : 0});
}

// Of the process: the second number is that of the pages that have memory.
std::size_t pages_in_use() {
  std::size_t all = 0;
  std::size_t in_use = 0;
  std::ifstream("/proc/self/statm") >> all >> in_use;
  return in_use;
}

TEST_CASE("zeros that nobody writes to take no memory") {
  constexpr std::size_t k_count = 1'000'000;  // 16 MB
  const std::size_t before = pages_in_use();
  Table<Node> untouched;
  for (std::size_t i = 0; i < k_count; ++i) untouched.push_back_zero();
  CHECK(pages_in_use() < before + 500);
  for (std::size_t i = 0; i < k_count; ++i) untouched[i].a = 1;
  CHECK(pages_in_use() > before + 3000);
}

}  // namespace
}  // namespace gt::object
