// Files that moved, found by their names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gt::run {

// The regular files below some directories, by name. Links to directories are not followed: they may lead in circles.
class FileIndex {
 public:
  // Throws what the system has against a directory that is named; what cannot be read below it is passed over. Throws
  // LimitNodes at more than k_most_files.
  explicit FileIndex(const std::vector<std::filesystem::path>& directories);

  struct Match {
    std::filesystem::path path;
    std::uint64_t size = 0;
  };
  // In the order of their paths; of several names of one file the first.
  std::vector<Match> find(std::string_view name) const;

  static constexpr std::size_t k_most_files = 5'000'000;

 private:
  std::multimap<std::string, std::filesystem::path, std::less<>> files_;
};

// Matches of which it does not matter which is taken: all of one size and with the same bytes.
bool are_copies(const std::vector<FileIndex::Match>& matches);

}  // namespace gt::run
