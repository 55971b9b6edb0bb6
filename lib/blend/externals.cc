#include "lib/blend/externals.h"

#include "lib/blend/scenes.h"

namespace gt::blend {
namespace {

using Kind = External::Kind;
using Extent = External::Extent;

struct Row {
  std::string_view struct_name;
  Kind kind;
  std::string_view path;
  std::string_view packed;
  std::string_view needs;  // the switch
  std::string_view sequence;
  std::int64_t sequence_value;
};
constexpr Row k_rows[] = {
#define GT_EXTERNAL(struct_name, kind, path, packed, needs, sequence, value) \
  {struct_name, Kind::kind, path, packed, needs, sequence, value},
#include "lib/blend/externals.def"
#undef GT_EXTERNAL
};

constexpr std::int64_t k_fake_user = 1 << 9;  // ID.flag, LIB_FAKEUSER

// Image.source and .type
constexpr std::int64_t k_source_movie = 3;
constexpr std::int64_t k_source_generated = 4;
constexpr std::int64_t k_source_viewer = 5;  // also results of renderings
constexpr std::int64_t k_source_tiled = 6;

// Sequence.type
constexpr std::int64_t k_image_strip = 0;
constexpr std::int64_t k_movie_strip = 3;

// Blender 3.4 writes 0 for most blocks, 2.79 the count. Nothing that had no users at all is written.
std::optional<bool> used(const Record& block) {
  const std::int64_t users = block.number("id.us").value_or(0);
  if (users <= 0) return std::nullopt;
  const bool has_fake_user = (block.number("id.flag").value_or(0) & k_fake_user) != 0;
  return users > (has_fake_user ? 1 : 0);
}

bool is_packed(const Record& block, std::string_view members) {
  for (;;) {
    const std::size_t bar = members.find('|');
    if (block.pointer(members.substr(0, bar)) != 0) return true;
    if (bar == std::string_view::npos) return false;
    members.remove_prefix(bar + 1);
  }
}

std::optional<External> read_row(const Row& row, const Record& block) {
  External out;
  out.path = block.text(row.path).value_or("");
  const bool is_on = row.needs.empty() || block.number(row.needs).value_or(1) != 0;
  if (out.path.empty() || out.path == "<builtin>" || !is_on) return std::nullopt;
  out.kind = row.kind;
  out.name = data_block_name(block);
  out.packed = is_packed(block, row.packed);
  if (!row.sequence.empty() && block.number(row.sequence) == row.sequence_value) out.extent = Extent::Sequence;
  out.used = used(block);
  return out;
}

// Whether the image is a file at all, and what kind of file.
bool refine_image(const Record& image, External& external) {
  const std::int64_t source = image.number("source").value_or(0);
  if (source == k_source_generated || source == k_source_viewer) return false;
  if (source == k_source_movie) external.kind = Kind::Movie;
  if (source == k_source_tiled) external.extent = Extent::Tiles;
  return true;
}

// A strip has its directory and one element for each picture, or one for the film.
std::optional<External> read_strip(const Record& strip) {
  const std::optional<std::int64_t> type = strip.number("type");
  if (type != k_image_strip && type != k_movie_strip) return std::nullopt;
  const Record data = strip.follow("strip", "Strip");
  External out;
  out.path = data.text("dir").value_or("");
  if (!out.path.empty() && out.path.back() != '/' && out.path.back() != '\\') out.path += '/';
  const std::string_view file = data.follow("stripdata", "StripElem").text("name").value_or("");
  if (file.empty()) return std::nullopt;
  out.path += file;
  out.kind = type == k_movie_strip ? Kind::Movie : Kind::Image;
  out.name = std::string(strip.text("name").value_or(""));
  out.name.erase(0, 2);  // "SQ", as in names of data-blocks
  if (type == k_image_strip && strip.number("len").value_or(1) > 1) out.extent = Extent::Sequence;
  return out;
}

}  // namespace

std::string_view to_string(External::Kind kind) {
  constexpr std::string_view k_names[] = {"linked library", "image",  "movie",      "sound",    "font",      "movie clip",
                                          "cache",          "volume", "mesh cache", "IES file", "OSL script"};
  return k_names[static_cast<std::size_t>(kind)];
}

std::vector<External> read_externals(const Contents& contents, const Limits& limits) {
  std::vector<External> out;
  std::uint64_t bytes = 0;
  for (const Row& row : k_rows) {
    for (const Record& block : contents.all(row.struct_name)) {
      std::optional<External> external = read_row(row, block);
      const bool is_file = external && (row.kind != Kind::Image || refine_image(block, *external));
      if (is_file) out.push_back(std::move(*external));
    }
  }
  for (const Record& scene : contents.all("Scene")) {
    for (const Record& strip : scene.siblings("Sequence")) {
      std::optional<External> external = read_strip(strip);
      if (!external) continue;
      bytes += external->path.size() + external->name.size();
      if (bytes > limits.kept_bytes)
        throw Error(ErrorCode::SceneTooLarge,
                    "the file names of strips take more than " + std::to_string(limits.kept_bytes) + " bytes", {},
                    "Limits::kept_bytes allows more");
      external->used = uses_sequencer(scene);
      out.push_back(std::move(*external));
    }
  }
  return out;
}

}  // namespace gt::blend
