// From bytes to blocks: the header of a scene file, then one block after the other.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "lib/blend/source.h"
#include "lib/blend/summary.h"

namespace gt::blend {

// Throws SceneNotBlend if it is none, SceneTruncated if the file ends within it.
Header read_header(Source& source);

// A whole number of `bytes.size()` bytes, 1 to 8.
std::uint64_t unsigned_number(std::span<const char> bytes, ByteOrder order);
std::int64_t signed_number(std::span<const char> bytes, ByteOrder order);

struct Block {
  std::string code;           // "SC" (an ID block: a scene), "DATA" (belongs to the ID block before it), "DNA1", ...
  std::uint64_t offset = 0;   // of its head
  std::uint64_t size = 0;     // of its body
  std::uint64_t address = 0;  // that it had in the memory of the Blender that wrote it: what pointers to it hold
  std::uint64_t struct_index = 0;
  std::uint64_t count = 0;  // structs in a row
};

class BlockReader {
 public:
  // `source` stands at the end of the header, and is the caller's.
  BlockReader(Source& source, const Header& header, const Limits& limits);

  // The next block; passes over what was not read of the one before. Null at the block that ends the file. Throws
  // SceneTruncated if the file ends without it, SceneCorrupt where no block begins, SceneTooLarge at too many.
  const Block* next();
  // Reads the beginning of that block's body, or all of it: as much as `body` has room for.
  void read_body(std::span<char> body);

 private:
  std::size_t head_bytes() const;
  void decode_head(std::span<const char> head);
  std::uint64_t take_count(std::span<const char> bytes, const char* what) const;
  void require(std::uint64_t got, std::uint64_t needed) const;
  Error corrupt(std::string message) const;

  Source& source_;
  Header header_;
  std::uint64_t max_blocks_;
  std::uint64_t blocks_ = 0;
  std::uint64_t unread_ = 0;  // bytes of the body
  Block block_;
};

}  // namespace gt::blend
