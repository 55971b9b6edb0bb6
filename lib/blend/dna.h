// The description of structs that a scene file has with it (block DNA1, "SDNA").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/blend/summary.h"

namespace gt::blend {

// Where a member is within its struct.
struct Field {
  enum class Type : std::uint8_t { Signed, Unsigned, Float, Pointer, Text, Other };
  Type type = Type::Other;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // of all of it: an array counts whole
};

class Dna {
 public:
  // `bytes` is the body of the block at `offset`. Throws SceneCorrupt for counts, indices and names that do not fit it.
  Dna(std::string bytes, const Header& header, std::uint64_t offset);
  Dna(const Dna&) = delete;
  Dna& operator=(const Dna&) = delete;

  std::optional<std::uint32_t> find_struct(std::string_view name) const;
  std::string_view name_of(std::uint32_t struct_index) const { return types_[structs_[struct_index].type]; }
  std::uint64_t struct_count() const { return structs_.size(); }
  std::uint64_t size_of(std::uint32_t struct_index) const;

  // The member `path` of a struct, through structs that it contains: "r.im_format.imtype". Empty if this version has none.
  // `path` must live as long as this. Throws SceneCorrupt if the member would be outside of its struct.
  std::optional<Field> find(std::uint32_t struct_index, std::string_view path) const;

 private:
  struct Name {
    std::string_view text;               // "*next", "id", "name[66]", "(*func)()"
    std::string_view bare;               // "next", "id", "name", "func"
    std::optional<std::uint64_t> count;  // of elements; empty if that is no number
  };
  struct Member {
    std::uint16_t type = 0;
    std::uint16_t name = 0;
  };
  struct Struct {
    std::uint16_t type = 0;
    std::uint32_t first_member = 0;
    std::uint32_t members = 0;
  };
  class Cursor;

  void read_members(Cursor& cursor);
  std::optional<Field> look_up(std::uint32_t struct_index, std::string_view path) const;
  std::optional<Field> find_direct(const Struct& in, std::string_view name, std::uint16_t* type) const;
  std::uint64_t size_of(const Member& member) const;
  Field::Type type_of(const Member& member) const;
  Error corrupt(std::string message) const;

  std::string bytes_;  // what the names point into
  std::uint64_t pointer_size_;
  std::uint64_t offset_;
  std::vector<Name> names_;
  std::vector<std::string_view> types_;
  std::vector<std::uint16_t> type_sizes_;
  std::vector<Struct> structs_;
  std::vector<Member> members_;
  std::map<std::string_view, std::uint32_t> struct_by_name_;
  mutable std::map<std::pair<std::uint32_t, std::string_view>, std::optional<Field>> found_;
};

}  // namespace gt::blend
