// A small scene file in memory, whose parts a test changes before it is written.
#pragma once

#include <filesystem>
#include <string>

#include "tests/unit/base/support.h"
#include "tests/unit/blend/writer.h"

namespace gt::testing {

// Addresses of the blocks. Data of two scenes may have the same.
inline constexpr std::uint64_t k_scene = 0x1000;
inline constexpr std::uint64_t k_object = 0x2000;
inline constexpr std::uint64_t k_tree = 0x3000;
inline constexpr std::uint64_t k_node = 0x3100;
inline constexpr std::uint64_t k_layer = 0x4000;
inline constexpr std::uint64_t k_editing = 0x5000;
inline constexpr std::uint64_t k_property = 0x6000;

// The data of one scene: frames 1 to 250, 1920 by 1080, Cycles, PNG in RGBA with 8 bits.
inline Fields scene_fields(const SceneWriter& writer, const std::string& name = "SCScene") {
  Fields out = writer.fields("Scene");
  out.text("id.name", name).number("r.sfra", 1).number("r.efra", 250).number("r.cfra", 7);
  out.number("r.xsch", 1920).number("r.ysch", 1080).number("r.size", 50).number("r.scemode", 0x41);
  const bool is_new = writer.has("RenderData", "im_format");
  out.number(is_new ? "r.im_format.imtype" : "r.imtype", 17).number(is_new ? "r.im_format.planes" : "r.planes", 32);
  out.number(is_new ? "r.im_format.quality" : "r.quality", 90);
  if (is_new) out.number("r.im_format.depth", 2).text("r.engine", "CYCLES");
  return out;
}

inline Fields global_fields(const SceneWriter& writer, std::uint64_t scene = k_scene) {
  return writer.fields("FileGlobal")
      .number("subversion", 6)
      .number("minversion", 300)
      .number("curscene", static_cast<std::int64_t>(scene));
}

inline SceneWriter writer_for(int version, blend::Header header = k_modern) {
  header.version = version;
  SceneWriter out(header);
  out.define_all(version);
  return out;
}

// A property as Blender writes it; `type` 1 is an int, 6 a group, whose value is the address of its first member.
inline Fields property(const SceneWriter& writer, std::string_view name, int type, std::int64_t value, std::uint64_t next = 0) {
  Fields out =
      writer.fields("IDProperty").text("name", name).number("type", type).number("next", static_cast<std::int64_t>(next));
  out.number(type == 6 ? "data.group.first" : "data.val", value);
  return out;
}

// Writes the file, reads it.
inline blend::Summary summary_of(std::string_view bytes, const blend::Limits& limits = {}) {
  const TempDirectory directory;
  return blend::read_summary(directory.put("scene.blend", bytes), limits);
}
inline blend::Summary summary_of(const SceneWriter& writer) { return summary_of(writer.bytes()); }

// The error's text without the directory of the file.
inline std::string failure_of(std::string_view bytes, const blend::Limits& limits = {}) {
  const auto error = error_of([&] { summary_of(bytes, limits); });
  if (!error) return "no error";
  const std::string text = error->what();
  const std::size_t at = text.find("scene.blend: ");
  return std::string(to_string(error->code())) + " | " + (at == std::string::npos ? text : text.substr(at + 13));
}

}  // namespace gt::testing
