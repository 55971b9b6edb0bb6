// Assembles scene files in memory, in every form that Blender ever wrote and in forms that it never would.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/blend/summary.h"

namespace gt::testing {

inline constexpr blend::Header k_modern = {};  // 64 bits, little endian; the version is for the test to set
inline constexpr blend::Header k_large = {.form = blend::HeaderForm::Large, .version = 500};

class SceneWriter;

// The bytes of one struct, all 0 at first.
class Fields {
 public:
  Fields& number(std::string_view member, std::int64_t value);
  Fields& text(std::string_view member, std::string_view value);
  const std::string& bytes() const { return bytes_; }

 private:
  friend class SceneWriter;
  Fields(const SceneWriter& writer, std::string struct_name);

  const SceneWriter* writer_;
  std::string struct_name_;
  std::string bytes_;
};

class SceneWriter {
 public:
  explicit SceneWriter(const blend::Header& form) : header(form) {}

  // A struct by its members as C has them: {"ID id", "Object *camera", "char name[66]"}. Again: in the place of the first.
  void define(const std::string& name, const std::vector<std::string>& members);
  void undefine(const std::string& name);
  // The structs and members that lib/blend asks for, as a version has them: 249, 279, 304 or 500.
  void define_all(int version);
  bool has(const std::string& struct_name, std::string_view member) const;

  Fields fields(const std::string& struct_name) const { return Fields(*this, struct_name); }
  // "SC", "DATA", ...; a block without a struct has an empty name.
  void block(std::string_view code, std::uint64_t address, const Fields& body);
  void block(std::string_view code, std::uint64_t address, const std::string& struct_name, std::string_view body,
             std::int64_t count);
  // Bytes that are no block.
  void raw(std::string_view bytes) { blocks_ += bytes; }

  std::string description() const;  // the body of DNA1
  std::string bytes() const;        // the file, with DNA1 and ENDB
  std::string header_bytes() const;
  std::string number(std::int64_t value, std::size_t size) const;
  // A head that may say anything.
  std::string head(std::string_view code, std::int64_t size, std::uint64_t address, std::int64_t struct_index,
                   std::int64_t count) const;

  blend::Header header;
  std::map<std::string, std::int64_t> forged_sizes;  // what the description says of structs instead of the truth
  bool with_description = true;
  bool with_end = true;

 private:
  friend class Fields;
  struct Member {
    std::string type;
    std::string name;  // "*next", "name[66]"
  };
  struct Place {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  std::size_t size_of(const std::string& type) const;
  std::size_t size_of(const Member& member) const;
  Place place(const std::string& struct_name, std::string_view path) const;
  std::int64_t index_of(const std::string& struct_name) const;

  std::vector<std::pair<std::string, std::vector<Member>>> structs_;
  std::string blocks_;
};

std::string gzip(std::string_view bytes);
// One frame for each `part` bytes, as Blender does, and a frame that decoders skip at the end.
std::string zstd(std::string_view bytes, std::size_t part = 4096);

}  // namespace gt::testing
