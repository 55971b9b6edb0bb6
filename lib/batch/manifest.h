// What the program wrote into one output directory: one file there, to which lines are only ever added.
//
// A line is added before its file gets its name, so that no file is ever taken for somebody else's. Each has a checksum of its
// own: a line that a kill or a full disk cut, and what is no line at all, count as not there.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gt::batch {

using Hash = std::array<unsigned char, 32>;  // SHA-256
Hash hash_of(std::string_view bytes);

constexpr const char* k_manifest_name = ".gt-migrate.manifest";

struct Record {
  std::string name;  // in this directory
  Hash output;
  Hash source;
};
// With its line feed.
std::string to_line(const Record& record);

class Manifest {
 public:
  Manifest() = default;
  explicit Manifest(std::string_view text);

  void add(const Record& record);

  struct Entry {
    Hash output;
    Hash source;
    // What the line before said: still there if the program was stopped between the last line and the renaming.
    std::optional<Hash> before;
    bool is_ours(const Hash& there) const { return there == output || there == before; }
  };
  const Entry* find(const std::string& name) const;
  const std::map<std::string, Entry>& entries() const { return entries_; }

 private:
  std::map<std::string, Entry> entries_;
};

}  // namespace gt::batch
