#include "lib/blend/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/base/text.h"

namespace gt::blend {
namespace {

constexpr std::string_view k_magic = "BLENDER";
constexpr std::size_t k_classic_header = 12;
constexpr std::size_t k_large_header = 17;
constexpr std::size_t k_code = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error unknown_header(std::string_view bytes) {
  return Error(ErrorCode::SceneNotBlend, fmt::format("the header is \"{}\", which no known Blender writes", printable(bytes)),
               {.offset = 0}, "a newer Blender may have saved it");
}

int decimal(std::string_view digits, std::string_view header) {
  int out = 0;
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) throw unknown_header(header);
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

// BLENDER, '_' or '-' for pointers of 4 or 8 bytes, 'v' or 'V' for little or big endian, 3 digits.
Header decode_classic(std::string_view bytes) {
  const char pointers = bytes[7];
  const char order = bytes[8];
  if ((pointers != '_' && pointers != '-') || (order != 'v' && order != 'V')) throw unknown_header(bytes);
  return {.form = HeaderForm::Classic,
          .order = order == 'v' ? ByteOrder::Little : ByteOrder::Big,
          .pointer_size = pointers == '_' ? 4 : 8,
          .version = decimal(bytes.substr(9), bytes)};
}

// BLENDER, "17" for the bytes of the header, '-', "01" for the version of the format, 'v', 4 digits.
Header decode_large(std::string_view bytes) {
  if (bytes.substr(7, 6) != "17-01v") throw unknown_header(bytes);
  return {
      .form = HeaderForm::Large, .order = ByteOrder::Little, .pointer_size = 8, .version = decimal(bytes.substr(13), bytes)};
}

bool is_code(std::string_view code) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
  return code.size() >= 2 && std::all_of(code.begin(), code.end(), is_letter);
}

// ID blocks have a code of two letters. It was written as a number, so that big-endian files have zeros before it.
std::string code_of(std::string_view bytes) {
  if (bytes[0] == '\0' && bytes[1] == '\0') bytes.remove_prefix(2);
  return std::string(bytes.substr(0, std::min(bytes.find('\0'), bytes.size())));
}

}  // namespace

Header read_header(Source& source) {
  char bytes[k_large_header];
  std::size_t size = source.read(std::span(bytes).first(k_classic_header));
  const std::string_view text(bytes, size);
  if (text.empty()) throw Error(ErrorCode::InputEmpty, "there is nothing in the file");
  const std::size_t common = std::min(text.size(), k_magic.size());
  if (text.substr(0, common) != k_magic.substr(0, common))
    throw Error(ErrorCode::SceneNotBlend, fmt::format("it begins with \"{}\", not with \"{}\"", printable(text), k_magic),
                {.offset = 0});
  const bool is_large = size == k_classic_header && is_digit(bytes[7]);
  if (is_large) size += source.read(std::span(bytes).subspan(k_classic_header));
  if (size < (is_large ? k_large_header : k_classic_header))
    throw Error(ErrorCode::SceneTruncated, "the file ends within its header: it was cut", {.offset = size});
  return is_large ? decode_large({bytes, size}) : decode_classic({bytes, size});
}

std::uint64_t unsigned_number(std::span<const char> bytes, ByteOrder order) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::size_t at = order == ByteOrder::Little ? bytes.size() - 1 - i : i;
    out = out << 8 | static_cast<unsigned char>(bytes[at]);
  }
  return out;
}

std::int64_t signed_number(std::span<const char> bytes, ByteOrder order) {
  const unsigned unused = 64 - 8 * static_cast<unsigned>(bytes.size());
  return static_cast<std::int64_t>(unsigned_number(bytes, order) << unused) >> unused;
}

BlockReader::BlockReader(Source& source, const Header& header, const Limits& limits)
    : source_(source), header_(header), max_blocks_(limits.blocks) {}

Error BlockReader::corrupt(std::string message) const {
  return Error(ErrorCode::SceneCorrupt, std::move(message), {.offset = block_.offset});
}

std::size_t BlockReader::head_bytes() const {
  if (header_.form == HeaderForm::Large) return 32;
  return header_.pointer_size == 4 ? 20 : 24;
}

std::uint64_t BlockReader::take_count(std::span<const char> bytes, const char* what) const {
  const std::int64_t number = signed_number(bytes, header_.order);
  if (number < 0) throw corrupt(fmt::format("block {} has {} {}", block_.code, number, what));
  return static_cast<std::uint64_t>(number);
}

// BHead4 and SmallBHead8: code, size, address, struct, count. LargeBHead8: code, struct, address, size, count.
void BlockReader::decode_head(std::span<const char> head) {
  const auto pointer = static_cast<std::size_t>(header_.pointer_size);
  const bool is_large = header_.form == HeaderForm::Large;
  const std::span<const char> second = head.subspan(k_code, 4);
  const std::span<const char> rest = head.subspan(8 + pointer);
  block_.address = unsigned_number(head.subspan(8, pointer), header_.order);
  block_.struct_index = take_count(is_large ? second : rest.first(4), "as the index of its struct");
  block_.size = take_count(is_large ? rest.first(8) : second, "as its length");
  block_.count = take_count(is_large ? rest.subspan(8, 8) : rest.subspan(4, 4), "structs");
}

void BlockReader::require(std::uint64_t got, std::uint64_t needed) const {
  if (got == needed) return;
  throw Error(ErrorCode::SceneTruncated,
              fmt::format("block {} needs {} bytes, but the file ends after {}: it was cut, or the length lies", block_.code,
                          block_.size, block_.size - needed + got),
              {.offset = block_.offset});
}

const Block* BlockReader::next() {
  require(source_.skip(unread_), unread_);
  unread_ = 0;
  block_.offset = source_.position();
  char head[32];
  const std::size_t size = head_bytes();
  const std::size_t got = source_.read(std::span(head).first(size));
  block_.code = got < k_code ? "" : code_of({head, k_code});
  // Blender, too, does without the rest of the last head.
  if (block_.code == "ENDB") return nullptr;
  if (got < size)
    throw Error(ErrorCode::SceneTruncated,
                got == 0 ? "the file ends here without an ENDB block: it was cut"
                         : "the file ends within the head of a block: it was cut",
                {.offset = block_.offset});
  if (!is_code(block_.code))
    throw corrupt(fmt::format("no block begins here: its code would be \"{}\"", printable({head, k_code})));
  if (++blocks_ > max_blocks_)
    throw Error(ErrorCode::SceneTooLarge, fmt::format("the scene has more than {} blocks", max_blocks_),
                {.offset = block_.offset}, "Limits::blocks allows more");
  decode_head(std::span(head).first(size));
  unread_ = block_.size;
  return &block_;
}

void BlockReader::read_body(std::span<char> body) {
  require(source_.read(body), body.size());
  unread_ -= body.size();
}

}  // namespace gt::blend
