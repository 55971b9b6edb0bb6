// The blocks of a scene file that are looked at, and the way from one to the other through the pointers in them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/blend/block_reader.h"
#include "lib/blend/dna.h"

namespace gt::blend {

class Contents;

// One struct of a block. False: nothing, of which every member is absent. Points into Contents.
class Record {
 public:
  Record() = default;

  explicit operator bool() const { return contents_ != nullptr; }
  std::string_view struct_name() const;

  // Members by their path within the struct ("r.im_format.imtype"), a string literal. Absent if the file's version has none.
  bool has(std::string_view member) const;
  std::optional<std::int64_t> number(std::string_view member) const;
  std::optional<std::string_view> text(std::string_view member) const;  // up to the first NUL
  std::uint64_t pointer(std::string_view member) const;                 // 0: null, or absent

  // The struct that a pointer leads to; nothing if it is null, or leads to no block that was kept or to another struct. As in
  // Blender, addresses of DATA blocks mean something within their ID block only.
  Record follow(std::string_view member, std::string_view struct_name) const;
  // For walks over lists. Throws SceneCorrupt when walks took more steps than there are blocks for: the list is a circle.
  Record next() const;

  // All structs `struct_name` in blocks that belong to the same ID block as this one.
  std::vector<Record> siblings(std::string_view struct_name) const;

 private:
  friend class Contents;
  Record(const Contents& contents, std::size_t block, std::uint64_t element)
      : contents_(&contents), block_(block), element_(element) {}

  std::optional<Field> field(std::string_view member) const;
  std::span<const char> bytes(const Field& field) const;

  const Contents* contents_ = nullptr;
  std::size_t block_ = 0;
  std::uint64_t element_ = 0;
};

class Contents {
 public:
  // Reads the file that `fd` is, twice: what a block is can be told only with the block that describes structs, which Blender
  // writes last. Throws what read_summary throws, without the file's name.
  Contents(int fd, Compression compression, const Limits& limits);

  const Header& header() const { return header_; }
  // Identifies a record for as long as this lives.
  static std::pair<std::size_t, std::uint64_t> key(const Record& record) { return {record.block_, record.element_}; }
  // All structs of that name, in the order of the file.
  std::vector<Record> all(std::string_view struct_name) const;

 private:
  friend class Record;
  struct Kept {
    std::uint64_t owner = 0;  // number of the ID block that it is, or belongs to: from 1, in the order of the file
    std::uint64_t count = 0;  // whole structs
    std::uint64_t at = 0;     // in bytes_
    std::uint32_t struct_index = 0;
  };
  struct AddressHash {
    std::size_t operator()(const std::pair<std::uint64_t, std::uint64_t>& key) const {
      return std::hash<std::uint64_t>()(key.first * 31 + key.second);
    }
  };
  using Keys = std::vector<std::vector<std::string_view>>;  // owners by struct index

  void read_description(Source& source, const Limits& limits);
  void read_blocks(Source& source, const Limits& limits);
  void keep(const Block& block, BlockReader& reader, std::uint64_t owner, const Limits& limits);
  Keys kept_structs() const;
  Record find(std::uint64_t address, std::uint64_t owner, std::uint32_t struct_index) const;
  std::vector<Record> structs(std::size_t begin, std::size_t end, std::string_view struct_name) const;
  void count_step() const;

  Header header_;
  std::unique_ptr<Dna> dna_;
  std::vector<Kept> blocks_;
  std::vector<char> bytes_;
  std::uint64_t used_ = 0;  // of Limits::kept_bytes
  // By address and owner; ID blocks by address and 0.
  std::unordered_map<std::pair<std::uint64_t, std::uint64_t>, std::size_t, AddressHash> by_address_;
  mutable std::uint64_t steps_ = 0;
};

}  // namespace gt::blend
