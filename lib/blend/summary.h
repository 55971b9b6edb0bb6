// What a Blender scene file (.blend) says about rendering it, read without Blender.
//
// The file may be anything: nothing in it is run, memory is bounded by Limits, and every length, index and pointer in it is
// checked. A member that the file's version of Blender did not have yet is absent here, never an error.
//
// The format: a header, then blocks, one of which (DNA1) describes the structs that the others hold. Sources: Blender's
// doc/blender_file_format, blenloader_core/BLO_core_blend_header.hh and BLO_core_bhead.hh; members by the names that are in
// the files, which makesdna/intern/dna_rename_defs.h keeps when the code renames them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"

namespace gt::blend {

// What a file may cost before it is refused. Checked before memory is taken.
struct Limits {
  std::uint64_t scanned_bytes = std::uint64_t{16} << 30;  // of the decompressed file; they pass through, they are not kept
  std::uint64_t kept_bytes = std::uint64_t{256} << 20;    // of the blocks that are looked at, and their bookkeeping
  std::uint64_t dna_bytes = std::uint64_t{4} << 20;       // of the description of structs; Blender 3.4 has 0.1 MB
  std::uint64_t blocks = 50'000'000;
};

enum class Compression : std::uint8_t { None, Gzip, Zstd };
enum class ByteOrder : std::uint8_t { Little, Big };
// Classic: 12 bytes, up to Blender 4.5. Large: 17 bytes, and 64-bit sizes of blocks, from 5.0 on.
enum class HeaderForm : std::uint8_t { Classic, Large };

struct Header {
  HeaderForm form = HeaderForm::Classic;
  ByteOrder order = ByteOrder::Little;
  int pointer_size = 8;  // 4 or 8
  int version = 0;       // 279 for 2.79, 304 for 3.4, 500 for 5.0
};

// What Blender writes pictures as.
struct ImageFormat {
  std::string type;            // Blender's identifier: PNG, TARGA, JPEG, OPEN_EXR, ...; empty if it is none of image_types.def
  std::optional<int> depth;    // bits of a channel: 8, 16, 32, ...; absent in old files, which do not say it
  std::string planes;          // BW, RGB, RGBA; empty if it is none of them
  std::optional<int> quality;  // 0 to 100
};

// Cycles keeps its settings as properties that are in the file only once they were changed. Absent ones are told as Blender
// 3.0.26 and later render the file (addons/cycles, properties.py and version_update.py): files saved before that mean no
// adaptive sampling, no denoising and 128 samples (10 up to 2.76.8), later ones both and 4096 samples.
struct CyclesSettings {
  // Empty if the file holds something that is no value for it, or does not say which of these rules it needs.
  std::optional<bool> adaptive_sampling;
  std::optional<bool> denoising;  // of the scene and at least one view layer that is rendered
  std::optional<std::int64_t> samples;
};

struct Scene {
  std::string name;
  std::string engine;  // CYCLES, BLENDER_EEVEE, BLENDER_RENDER, ...; empty before 2.5, where files do not say it
  std::int64_t frame_start = 0;
  std::int64_t frame_end = 0;
  std::int64_t frame_current = 0;
  std::int64_t resolution_x = 0;
  std::int64_t resolution_y = 0;
  std::int64_t percentage = 100;
  bool has_camera = false;  // its own, or one that a timeline marker switches to
  ImageFormat image;
  // As scripts/blendercrop.py tells them, so that both agree on what cannot be rendered in strips.
  bool compositing = false;  // nodes that do more than pass the picture on
  bool sequencer = false;    // strips of the video sequencer take the place of the rendered picture
  bool stamp = false;        // a text is burnt into the picture
  CyclesSettings cycles;     // whatever the engine is: a task may choose Cycles
};

// A file outside that the scene needs, or may need.
struct External {
  enum class Kind : std::uint8_t { Library, Image, Movie, Sound, Font, Clip, Cache, Volume, MeshCache, Ies, Script };
  enum class Extent : std::uint8_t { One, Sequence, Tiles };  // Tiles: the path has <UDIM> or <UVTILE> in it

  Kind kind = Kind::Image;
  std::string name;  // of the data-block or strip; empty for what has none (a modifier, a node)
  std::string path;  // as stored: "//textures\\wood.png"; any bytes but NUL
  Extent extent = Extent::One;
  bool packed = false;  // the file is inside the .blend
  // Whether something uses it, or only a fake user keeps it. Unknown (empty) for modifiers and nodes, and where the file holds
  // no count, as those of 3.4 do except for libraries. For the files of sequencer strips: whether the sequencer is on.
  std::optional<bool> used;
};
std::string_view to_string(External::Kind kind);  // "linked library", "image", ...

struct Summary {
  Header header;
  Compression compression = Compression::None;
  std::optional<int> subversion;       // step of the format within the version: 6 for all of Blender 3.4
  std::optional<int> minimum_version;  // the oldest Blender that may open the file, as the one that saved it thought
  std::string active_scene;            // that Blender renders when it is told none; empty if there are no scenes
  std::vector<Scene> scenes;
  std::vector<External> externals;
  std::vector<Finding> notes;  // what could not be read, and why

  const Scene* active() const;  // null if there are no scenes
};

// Reads the regular file `path`, following links. Throws FileNotFound, FileIsDirectory, FileUnreadable, InputEmpty,
// SceneNotBlend, SceneTruncated, SceneCorrupt, SceneTooLarge. Offsets are those of the decompressed file.
Summary read_summary(const std::filesystem::path& path, const Limits& limits = {});

// Where Blender on this machine looks for a path that a .blend in `directory` has: "//x" is beside the .blend, backslashes
// are slashes, absolute paths stay. Empty for what has no place here: "C:\x", a share "\\server\x", a path relative to the
// working directory of Blender, an empty one. The path may lead anywhere; nothing is opened.
std::optional<std::filesystem::path> resolve(std::string_view stored, const std::filesystem::path& directory);

}  // namespace gt::blend
