#include "lib/picture/kind.h"

#include <algorithm>
#include <array>

#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/picture/source.h"
#include "lib/picture/tga.h"

namespace gt::picture {
namespace {

using namespace std::string_view_literals;

struct KindRow {
  Kind kind;
  std::string_view name;
  std::string_view extension;
  std::string_view magic;
  std::int64_t rows;
  std::int64_t side;
};

constexpr KindRow k_kinds[] = {
#define GT_KIND(name, text, extension, magic, rows, side) {Kind::name, text##sv, extension##sv, magic##sv, rows, side},
#include "lib/picture/kinds.def"
#undef GT_KIND
};

const KindRow& row_of(Kind kind) { return k_kinds[static_cast<std::size_t>(kind)]; }

using Start = std::array<std::uint8_t, 512>;

std::string_view read_start(Source& source, Start& bytes) {
  source.seek(0);
  std::size_t size = 0;
  while (const std::size_t got = source.read_some(std::span(bytes).subspan(size))) size += got;
  source.seek(0);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::optional<Kind> by_magic(std::string_view start) {
  for (const KindRow& row : k_kinds) {
    if (!row.magic.empty() && start.substr(0, row.magic.size()) == row.magic) return row.kind;
  }
  return std::nullopt;
}

bool is_text(std::string_view start) {
  return std::all_of(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\n' || c == '\r' || c == '\t';
  });
}

std::string what_it_is(std::string_view start, std::optional<Kind> kind) {
  if (start.empty()) return "is empty";
  if (kind) return std::string(kind == Kind::Exr ? "is an " : "is a ") + std::string(to_string(*kind)) + " picture";
  if (is_text(start)) return "is text (" + printable(start, 40) + ")";
  return "is no picture of a known kind";
}

}  // namespace

std::string_view to_string(Kind kind) { return row_of(kind).name; }
std::string_view extension_of(Kind kind) { return row_of(kind).extension; }

std::int64_t row_granularity(Kind kind) { return row_of(kind).rows; }
std::int64_t max_side(Kind kind) { return row_of(kind).side; }

std::optional<Kind> find_kind(std::string_view extension) {
  for (const KindRow& row : k_kinds) {
    if (row.extension == extension) return row.kind;
  }
  return std::nullopt;
}

std::optional<Kind> kind_of(int fd) {
  Source source(fd);
  Start bytes;
  if (const auto kind = by_magic(read_start(source, bytes))) return kind;
  if (looks_like_tga(source)) return Kind::Tga;
  return std::nullopt;
}

void require_kind(Source& source, Kind expected) {
  Start bytes;
  const std::string_view start = read_start(source, bytes);
  std::optional<Kind> found = by_magic(start);
  if (found == expected) return;
  // A TGA header that is wrong is for its reader to explain.
  if (expected == Kind::Tga && !found && !start.empty() && !is_text(start)) return;
  if (!found && looks_like_tga(source)) found = Kind::Tga;
  source.seek(0);
  throw Error(ErrorCode::ResultWrongFormat,
              what_it_is(start, found) + ", " + std::string(to_string(expected)) + " was expected");
}

}  // namespace gt::picture
