#include "lib/blend/scenes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "lib/base/text.h"
#include "lib/blend/cycles.h"

namespace gt::blend {
namespace {

// RenderData.scemode and .stamp
constexpr std::int64_t k_do_sequence = 1 << 0;   // R_DOSEQ
constexpr std::int64_t k_do_composite = 1 << 6;  // R_DOCOMP
constexpr std::int64_t k_stamp_drawn = 1 << 6;   // R_STAMP_DRAW

// What a scene must say to be rendered. A file whose version does not have one of them gets a note.
constexpr std::string_view k_expected[] = {"camera",
                                           "r.engine",
                                           "r.sfra",
                                           "r.efra",
                                           "r.cfra",
                                           "r.xsch",
                                           "r.ysch",
                                           "r.size",
                                           "r.stamp",
                                           "r.scemode",
                                           "view_layers.first|r.layers.first"};

struct ImageTypeRow {
  std::int64_t number;
  std::string_view identifier;
};
constexpr ImageTypeRow k_image_types[] = {
#define GT_IMAGE_TYPE(number, identifier) {number, identifier},
#include "lib/blend/image_types.def"
#undef GT_IMAGE_TYPE
};

// Nodes that pass a picture on as it is: those of scripts/blendercrop.py by the numbers and names that files have, and the end
// of a node group, which takes the place of the composite node from 5.0 on.
struct NodeRow {
  std::int64_t type;
  std::string_view name;
};
constexpr NodeRow k_passive_nodes[] = {{221, "CompositorNodeRLayers"},
                                       {222, "CompositorNodeComposite"},
                                       {201, "CompositorNodeViewer"},
                                       {6, "NodeReroute"},
                                       {5, "NodeFrame"},
                                       {8, "NodeGroupOutput"}};

// idname says it for certain; old files have the number only.
bool is_passive(const Record& node) {
  const std::optional<std::string_view> name = node.text("idname");
  const std::optional<std::int64_t> type = node.number("type");
  const bool has_name = name && !name->empty();
  return std::any_of(std::begin(k_passive_nodes), std::end(k_passive_nodes),
                     [&](const NodeRow& row) { return has_name ? row.name == *name : row.type == type; });
}

std::int64_t number_or(const Record& scene, std::string_view member, std::string_view older, std::int64_t otherwise) {
  const std::optional<std::int64_t> value = scene.number(member);
  return value ? *value : scene.number(older).value_or(otherwise);
}

// R_IMF_CHAN_DEPTH_*: one bit for each of them.
std::optional<int> depth_of(std::optional<std::int64_t> flag) {
  constexpr int k_depths[] = {1, 8, 10, 12, 16, 24, 32};
  for (std::size_t bit = 0; flag && bit < std::size(k_depths); ++bit)
    if (*flag == std::int64_t{1} << bit) return k_depths[bit];
  return std::nullopt;
}

std::string planes_of(std::int64_t bits) {
  if (bits == 8) return "BW";
  if (bits == 24) return "RGB";
  return bits == 32 ? "RGBA" : "";
}

bool has_camera(const Record& scene) {
  if (scene.pointer("camera") != 0) return true;
  for (Record marker = scene.follow("markers.first", "TimeMarker"); marker; marker = marker.next())
    if (marker.pointer("camera") != 0) return true;
  return false;
}

class SceneReader {
 public:
  SceneReader(int version, std::optional<int> subversion, std::vector<Finding>& notes)
      : version_(version), subversion_(subversion), notes_(notes) {}

  Scene read(const Record& scene) {
    Scene out;
    out.name = data_block_name(scene);
    note_absent(scene);
    out.engine = scene.text("r.engine").value_or("");
    out.frame_start = scene.number("r.sfra").value_or(0);
    out.frame_end = scene.number("r.efra").value_or(0);
    out.frame_current = scene.number("r.cfra").value_or(0);
    out.resolution_x = scene.number("r.xsch").value_or(0);
    out.resolution_y = scene.number("r.ysch").value_or(0);
    out.percentage = scene.number("r.size").value_or(100);
    out.has_camera = has_camera(scene);
    out.image = read_image(scene, out.name);
    out.compositing = composites(scene, out.name);
    out.sequencer = uses_sequencer(scene) && scene.follow("ed", "Editing").pointer("seqbase.first") != 0;
    out.stamp = (scene.number("r.stamp").value_or(0) & k_stamp_drawn) != 0;
    out.cycles = read_cycles(scene, version_, subversion_);
    return out;
  }

 private:
  void note(std::string message, std::string path) {
    notes_.push_back({.severity = Finding::Severity::Note, .message = std::move(message), .where = {.path = std::move(path)}});
  }

  // Once: all scenes of a file are of one version.
  void note_absent(const Record& scene) {
    if (std::exchange(is_checked_, true)) return;
    for (const std::string_view member : k_expected) {
      const std::size_t bar = member.find('|');
      const bool is_there =
          scene.has(member.substr(0, bar)) || (bar != std::string_view::npos && scene.has(member.substr(bar + 1)));
      if (!is_there)
        note(fmt::format("Blender {}.{:02} did not save this", version_ / 100, version_ % 100),
             fmt::format("Scene.{}", member));
    }
  }

  ImageFormat read_image(const Record& scene, const std::string& name) {
    ImageFormat out;
    const std::int64_t type = number_or(scene, "r.im_format.imtype", "r.imtype", -1);
    for (const ImageTypeRow& row : k_image_types)
      if (row.number == type) out.type = row.identifier;
    if (out.type.empty()) note(fmt::format("the picture format {} is not known", type), printable(name));
    out.depth = depth_of(scene.number("r.im_format.depth"));
    out.planes = planes_of(number_or(scene, "r.im_format.planes", "r.planes", 0));
    const std::int64_t quality = number_or(scene, "r.im_format.quality", "r.quality", -1);
    if (quality >= 0) out.quality = static_cast<int>(std::min<std::int64_t>(quality, 1000));
    return out;
  }

  bool composites(const Record& scene, const std::string& name) {
    if ((scene.number("r.scemode").value_or(0) & k_do_composite) == 0) return false;
    const bool is_group = scene.has("compositing_node_group");  // 5.0 and later; use_nodes means nothing there
    if (!is_group && scene.number("use_nodes").value_or(0) == 0) return false;
    const std::string_view member = is_group ? "compositing_node_group" : "nodetree";
    const Record tree = scene.follow(member, "bNodeTree");
    if (tree) return does_more(tree);
    if (scene.pointer(member) == 0) return false;
    note("the compositing nodes are not in this file; they are taken as doing something", printable(name));
    return true;
  }

  // Node groups may be shared by any number of scenes.
  bool does_more(const Record& tree) {
    const auto [place, is_new] = trees_.emplace(Contents::key(tree), false);
    if (!is_new) return place->second;
    for (Record node = tree.follow("nodes.first", "bNode"); node && !place->second; node = node.next())
      place->second = !is_passive(node);
    return place->second;
  }

  int version_;
  std::optional<int> subversion_;
  std::vector<Finding>& notes_;
  bool is_checked_ = false;
  std::map<std::pair<std::size_t, std::uint64_t>, bool> trees_;
};

}  // namespace

bool uses_sequencer(const Record& scene) { return (scene.number("r.scemode").value_or(0) & k_do_sequence) != 0; }

std::string data_block_name(const Record& id_block) {
  std::string_view name = id_block.text("id.name").value_or("");
  name.remove_prefix(std::min<std::size_t>(2, name.size()));
  return std::string(name);
}

std::vector<Scene> read_scenes(const Contents& contents, std::optional<int> subversion, std::vector<Finding>& notes) {
  SceneReader reader(contents.header().version, subversion, notes);
  std::vector<Scene> out;
  for (const Record& scene : contents.all("Scene"))
    if (scene.pointer("id.lib") == 0) out.push_back(reader.read(scene));
  return out;
}

}  // namespace gt::blend
