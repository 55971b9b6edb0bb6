#include "lib/blend/dna.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "lib/base/text.h"
#include "lib/blend/block_reader.h"

namespace gt::blend {
namespace {

// Larger than any struct, small enough that sums and products of a few stay far from 2^64.
constexpr std::uint64_t k_largest = std::uint64_t{1} << 31;

std::string_view bare(std::string_view name) {
  const std::size_t begin = std::min(name.find_first_not_of("(*"), name.size());
  name.remove_prefix(begin);
  return name.substr(0, name.find_first_of("[)"));
}

bool is_pointer(std::string_view name) { return !name.empty() && (name[0] == '*' || name[0] == '('); }

// How many elements "matrix[4][4]" has; empty if that is no number.
std::optional<std::uint64_t> element_count(std::string_view name) {
  std::uint64_t count = 1;
  for (std::size_t open = name.find('['); open != std::string_view::npos; open = name.find('[', open + 1)) {
    std::uint64_t dimension = 0;
    std::size_t at = open + 1;
    for (; at < name.size() && name[at] >= '0' && name[at] <= '9' && dimension < k_largest; ++at)
      dimension = dimension * 10 + static_cast<std::uint64_t>(name[at] - '0');
    if (at == open + 1 || at == name.size() || name[at] != ']') return std::nullopt;
    count *= dimension;
    if (count > k_largest) return std::nullopt;
  }
  return count;
}

}  // namespace

// Reads the parts of the block in turn: "SDNA", "NAME" names, "TYPE" names, "TLEN" sizes, "STRC" structs.
class Dna::Cursor {
 public:
  Cursor(const Dna& dna, ByteOrder order) : dna_(dna), bytes_(dna.bytes_), order_(order) {}

  // Each part begins at a multiple of 4.
  void expect(std::string_view tag) {
    at_ = (at_ + 3) / 4 * 4;
    if (at_ > bytes_.size() || bytes_.substr(at_, tag.size()) != tag)
      throw dna_.corrupt(fmt::format("the description of structs has no {} at its byte {}", tag, at_));
    at_ += tag.size();
  }
  std::uint64_t number(std::size_t size) {
    if (size > bytes_.size() - at_) throw dna_.corrupt(fmt::format("the description of structs ends within its byte {}", at_));
    at_ += size;
    return unsigned_number(std::span(bytes_).subspan(at_ - size, size), order_);
  }
  // A count of things that take at least `least` bytes each, which must be there, and that indices of 16 bits can reach.
  std::uint64_t count(std::size_t least, const char* what) {
    constexpr std::uint64_t k_most = 1 << 16;
    const std::uint64_t out = number(4);
    if (out > std::min<std::uint64_t>(k_most, (bytes_.size() - at_) / least))
      throw dna_.corrupt(fmt::format("the description of structs cannot have {} {}", out, what));
    return out;
  }
  std::vector<std::string_view> names(std::string_view tag, const char* what) {
    expect(tag);
    std::vector<std::string_view> out(count(1, what));
    for (std::string_view& name : out) {
      const std::size_t end = bytes_.find('\0', at_);
      if (end == std::string_view::npos)
        throw dna_.corrupt(fmt::format("the description of structs has a name without an end at its byte {}", at_));
      name = bytes_.substr(at_, end - at_);
      at_ = end + 1;
    }
    return out;
  }
  std::uint16_t index(std::size_t below, const char* what) {
    const std::uint64_t out = number(2);
    if (out >= below) throw dna_.corrupt(fmt::format("a struct has the {} {}, but there are {}", what, out, below));
    return static_cast<std::uint16_t>(out);
  }

 private:
  const Dna& dna_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  ByteOrder order_;
};

Dna::Dna(std::string bytes, const Header& header, std::uint64_t offset)
    : bytes_(std::move(bytes)), pointer_size_(static_cast<std::uint64_t>(header.pointer_size)), offset_(offset) {
  Cursor cursor(*this, header.order);
  cursor.expect("SDNA");
  for (const std::string_view name : cursor.names("NAME", "names of members"))
    names_.push_back({name, bare(name), element_count(name)});
  types_ = cursor.names("TYPE", "types");
  cursor.expect("TLEN");
  type_sizes_.resize(types_.size());
  for (std::uint16_t& size : type_sizes_) size = static_cast<std::uint16_t>(cursor.number(2));
  read_members(cursor);
}

void Dna::read_members(Cursor& cursor) {
  cursor.expect("STRC");
  structs_.resize(cursor.count(4, "structs"));
  for (std::size_t i = 0; i < structs_.size(); ++i) {
    Struct& made = structs_[i];
    made.type = cursor.index(types_.size(), "type");
    made.first_member = static_cast<std::uint32_t>(members_.size());
    made.members = static_cast<std::uint32_t>(cursor.number(2));
    for (std::uint32_t m = 0; m < made.members; ++m) {
      const std::uint16_t type = cursor.index(types_.size(), "type of a member");
      members_.push_back({type, cursor.index(names_.size(), "name of a member")});
    }
    struct_by_name_.emplace(types_[made.type], static_cast<std::uint32_t>(i));
  }
}

Error Dna::corrupt(std::string message) const {
  return Error(ErrorCode::SceneCorrupt, std::move(message), {.offset = offset_});
}

std::optional<std::uint32_t> Dna::find_struct(std::string_view name) const {
  const auto found = struct_by_name_.find(name);
  if (found == struct_by_name_.end()) return std::nullopt;
  return found->second;
}

std::uint64_t Dna::size_of(std::uint32_t struct_index) const { return type_sizes_[structs_[struct_index].type]; }

std::uint64_t Dna::size_of(const Member& member) const {
  const Name& name = names_[member.name];
  const std::uint64_t each = is_pointer(name.text) ? pointer_size_ : type_sizes_[member.type];
  if (!name.count || *name.count * each > k_largest)
    throw corrupt(fmt::format("the description of structs has a member \"{}\", which has no size", printable(name.text)));
  return *name.count * each;
}

Field::Type Dna::type_of(const Member& member) const {
  const std::string_view name = names_[member.name].text;
  const std::string_view type = types_[member.type];
  const bool is_array = name.find('[') != std::string_view::npos;
  if (is_pointer(name)) return is_array ? Field::Type::Other : Field::Type::Pointer;
  if (is_array) return type == "char" ? Field::Type::Text : Field::Type::Other;
  if (type == "float" || type == "double") return Field::Type::Float;
  if (struct_by_name_.count(type) != 0) return Field::Type::Other;
  return !type.empty() && type[0] == 'u' ? Field::Type::Unsigned : Field::Type::Signed;
}

std::optional<Field> Dna::find_direct(const Struct& in, std::string_view name, std::uint16_t* type) const {
  std::uint64_t offset = 0;
  for (std::uint32_t i = 0; i < in.members; ++i) {
    const Member& member = members_[in.first_member + i];
    const std::uint64_t size = size_of(member);
    if (names_[member.name].bare == name) {
      if (offset + size > type_sizes_[in.type])
        throw corrupt(fmt::format("the description of structs has {}.{} at byte {}, but gives the struct {} bytes",
                                  printable(types_[in.type]), name, offset, type_sizes_[in.type]));
      *type = member.type;
      return Field{type_of(member), offset, size};
    }
    offset += size;
  }
  return std::nullopt;
}

std::optional<Field> Dna::look_up(std::uint32_t struct_index, std::string_view path) const {
  std::uint64_t offset = 0;
  for (;;) {
    const std::size_t dot = path.find('.');
    std::uint16_t type = 0;
    std::optional<Field> field = find_direct(structs_[struct_index], path.substr(0, dot), &type);
    if (!field) return std::nullopt;
    offset += field->offset;
    if (dot == std::string_view::npos) {
      field->offset = offset;
      return field;
    }
    const std::optional<std::uint32_t> next = find_struct(types_[type]);
    if (!next || field->type != Field::Type::Other) return std::nullopt;
    struct_index = *next;
    path.remove_prefix(dot + 1);
  }
}

std::optional<Field> Dna::find(std::uint32_t struct_index, std::string_view path) const {
  const std::pair key(struct_index, path);
  auto found = found_.find(key);
  if (found == found_.end()) found = found_.emplace(key, look_up(struct_index, path)).first;
  return found->second;
}

}  // namespace gt::blend
