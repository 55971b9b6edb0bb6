// Collections of saved tasks, made of the recorded ones with variations.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gt::testing {

struct Collection {
  std::uint64_t files = 0;
  std::uint64_t bad = 0;                  // cut, or with an opcode that is none
  std::uint64_t no_tasks = 0;             // words, pictures
  std::vector<std::string> outputs = {};  // that a migration to Docker must make, relative, sorted
};

// Writes `count` files below `root`: tasks of every era and renderer with numbers of their own, 2 % bad, 2 % no tasks, in deep
// directories, names with spaces, line feeds and bytes that are not UTF-8. The same count gives the same tree.
Collection generate(const std::string& root, std::uint64_t count);

}  // namespace gt::testing
