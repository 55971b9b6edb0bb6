#include "lib/blend/contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace gt::blend {
namespace {

struct KeptRow {
  std::string_view struct_name;
  std::string_view owner;
};
constexpr KeptRow k_kept[] = {
#define GT_KEPT(struct_name, owner) {struct_name, owner},
#include "lib/blend/kept.def"
#undef GT_KEPT
};

// Each element of a list is visited by a few walks at most: one for each question that is asked about a list.
constexpr std::uint64_t k_walks = 16;

std::int64_t whole_number(std::span<const char> bytes, ByteOrder order) {
  const std::uint64_t bits = unsigned_number(bytes, order);
  const double real = bytes.size() == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                                        : std::bit_cast<double>(bits);
  constexpr double k_limit = 1e15;
  return std::isfinite(real) ? static_cast<std::int64_t>(std::clamp(real, -k_limit, k_limit)) : 0;
}

}  // namespace

Contents::Contents(int fd, Compression compression, const Limits& limits) {
  const std::unique_ptr<Source> first = open_source(fd, compression, limits.scanned_bytes);
  header_ = read_header(*first);
  read_description(*first, limits);
  const std::unique_ptr<Source> second = open_source(fd, compression, limits.scanned_bytes);
  read_header(*second);
  read_blocks(*second, limits);
}

void Contents::read_description(Source& source, const Limits& limits) {
  BlockReader reader(source, header_, limits);
  while (const Block* block = reader.next()) {
    if (block->code != "DNA1" || dna_ != nullptr) continue;
    if (block->size > limits.dna_bytes)
      throw Error(
          ErrorCode::SceneTooLarge,
          fmt::format("the description of structs has {} bytes, more than the limit of {}", block->size, limits.dna_bytes),
          {.offset = block->offset}, "Limits::dna_bytes allows more");
    std::string bytes(block->size, '\0');
    reader.read_body(bytes);
    dna_ = std::make_unique<Dna>(std::move(bytes), header_, block->offset);
  }
  if (dna_ == nullptr)
    throw Error(ErrorCode::SceneCorrupt, "the scene has no description of its structs (block DNA1)",
                {.offset = source.position()});
}

Contents::Keys Contents::kept_structs() const {
  Keys out(dna_->struct_count());
  for (const KeptRow& row : k_kept) {
    if (const auto index = dna_->find_struct(row.struct_name)) out[*index].push_back(row.owner);
  }
  return out;
}

void Contents::read_blocks(Source& source, const Limits& limits) {
  const Keys kept = kept_structs();
  BlockReader reader(source, header_, limits);
  std::uint64_t owner = 0;
  std::string owner_code;
  while (const Block* block = reader.next()) {
    if (block->code != "DATA") {
      ++owner;
      owner_code = block->code;
    }
    if (block->struct_index >= kept.size()) continue;
    const std::vector<std::string_view>& owners = kept[block->struct_index];
    if (std::any_of(owners.begin(), owners.end(), [&](std::string_view code) { return code.empty() || code == owner_code; }))
      keep(*block, reader, owner, limits);
  }
}

// What a block says of its count is checked against its size: an array of 2^31 structs in a block of 100 bytes has one.
void Contents::keep(const Block& block, BlockReader& reader, std::uint64_t owner, const Limits& limits) {
  const auto struct_index = static_cast<std::uint32_t>(block.struct_index);
  const std::uint64_t each = dna_->size_of(struct_index);
  const std::uint64_t count = each == 0 ? 0 : std::min(block.count, block.size / each);
  if (count == 0) return;
  constexpr std::uint64_t k_bookkeeping = 256;  // for a struct: its place in by_address_, and what a summary says of it
  if (count > (limits.kept_bytes - used_) / (each + k_bookkeeping))
    throw Error(ErrorCode::SceneTooLarge,
                fmt::format("the scene's settings, nodes and file names take more than {} bytes", limits.kept_bytes),
                {.offset = block.offset}, "Limits::kept_bytes allows more");
  used_ += count * (each + k_bookkeeping);
  const std::size_t at = bytes_.size();
  bytes_.resize(at + static_cast<std::size_t>(count * each));
  reader.read_body(std::span(bytes_).subspan(at));
  by_address_.emplace(std::pair(block.address, block.code == "DATA" ? owner : 0), blocks_.size());
  blocks_.push_back({owner, count, at, struct_index});
}

std::vector<Record> Contents::structs(std::size_t begin, std::size_t end, std::string_view struct_name) const {
  std::vector<Record> out;
  const std::optional<std::uint32_t> index = dna_->find_struct(struct_name);
  for (std::size_t i = begin; index && i < end; ++i) {
    if (blocks_[i].struct_index != *index) continue;
    for (std::uint64_t element = 0; element < blocks_[i].count; ++element) out.push_back(Record(*this, i, element));
  }
  return out;
}

std::vector<Record> Contents::all(std::string_view struct_name) const { return structs(0, blocks_.size(), struct_name); }

Record Contents::find(std::uint64_t address, std::uint64_t owner, std::uint32_t struct_index) const {
  if (address == 0) return {};
  auto found = by_address_.find({address, owner});
  if (found == by_address_.end()) found = by_address_.find({address, 0});
  if (found == by_address_.end() || blocks_[found->second].struct_index != struct_index) return {};
  return Record(*this, found->second, 0);
}

void Contents::count_step() const {
  if (++steps_ <= k_walks * (blocks_.size() + 1)) return;
  throw Error(ErrorCode::SceneCorrupt,
              fmt::format("the lists of the scene are longer than its {} blocks: they run in circles", blocks_.size()));
}

std::string_view Record::struct_name() const { return contents_->dna_->name_of(contents_->blocks_[block_].struct_index); }

std::optional<Field> Record::field(std::string_view member) const {
  if (contents_ == nullptr) return std::nullopt;
  return contents_->dna_->find(contents_->blocks_[block_].struct_index, member);
}

std::span<const char> Record::bytes(const Field& field) const {
  const Contents::Kept& block = contents_->blocks_[block_];
  const std::uint64_t start = block.at + element_ * contents_->dna_->size_of(block.struct_index) + field.offset;
  return std::span(contents_->bytes_).subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(field.size));
}

bool Record::has(std::string_view member) const { return field(member).has_value(); }

std::optional<std::int64_t> Record::number(std::string_view member) const {
  const std::optional<Field> found = field(member);
  if (!found || found->size == 0 || found->size > 8) return std::nullopt;
  const ByteOrder order = contents_->header_.order;
  switch (found->type) {
    case Field::Type::Signed: return signed_number(bytes(*found), order);
    case Field::Type::Unsigned: return static_cast<std::int64_t>(unsigned_number(bytes(*found), order));
    case Field::Type::Float: return whole_number(bytes(*found), order);
    default: return std::nullopt;
  }
}

std::optional<std::string_view> Record::text(std::string_view member) const {
  const std::optional<Field> found = field(member);
  if (!found || found->type != Field::Type::Text) return std::nullopt;
  const std::span<const char> all = bytes(*found);
  return std::string_view(all.data(), static_cast<std::size_t>(std::find(all.begin(), all.end(), '\0') - all.begin()));
}

std::uint64_t Record::pointer(std::string_view member) const {
  const std::optional<Field> found = field(member);
  if (!found || found->type != Field::Type::Pointer) return 0;
  return unsigned_number(bytes(*found), contents_->header_.order);
}

Record Record::follow(std::string_view member, std::string_view struct_name) const {
  if (contents_ == nullptr) return {};
  const std::optional<std::uint32_t> index = contents_->dna_->find_struct(struct_name);
  return index ? contents_->find(pointer(member), contents_->blocks_[block_].owner, *index) : Record();
}

Record Record::next() const {
  contents_->count_step();
  return follow("next", struct_name());
}

std::vector<Record> Record::siblings(std::string_view struct_name) const {
  if (contents_ == nullptr) return {};
  const std::vector<Contents::Kept>& blocks = contents_->blocks_;
  const std::uint64_t owner = blocks[block_].owner;
  std::size_t begin = block_;
  std::size_t end = block_;
  while (begin > 0 && blocks[begin - 1].owner == owner) --begin;
  while (end < blocks.size() && blocks[end].owner == owner) ++end;
  return contents_->structs(begin, end, struct_name);
}

}  // namespace gt::blend
