// What kind of picture a file is, by its content.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gt::picture {

// Rows of a block of JPEG as Blender writes it: 4:2:0, that is two blocks of 8 rows of brightness beside one of colour. Gray
// ones need 8 only.
inline constexpr std::int64_t k_jpeg_rows = 16;

enum class Kind : std::uint8_t {
#define GT_KIND(name, text, extension, magic, rows, side) name,
#include "lib/picture/kinds.def"
#undef GT_KIND
};

std::string_view to_string(Kind kind);  // "PNG"
// By the extension that Blender gives files of the kind, such as ".exr"; absent for others.
std::optional<Kind> find_kind(std::string_view extension);

std::string_view extension_of(Kind kind);  // ".png"

// Where strips are cut: every strip but the last must have a multiple of so many rows.
std::int64_t row_granularity(Kind kind);
std::int64_t max_side(Kind kind);

// By the first bytes; TGA, which has no magic, by a header that fits the length of the file. Throws what Source throws.
std::optional<Kind> kind_of(int fd);

class Source;
// Throws ResultWrongFormat that says what the file is if it is not `expected`: "is text, PNG was expected". Leaves the source
// at its start.
void require_kind(Source& source, Kind expected);

}  // namespace gt::picture
