// What is read of each scene. tests/docker/blend_truth_test.cc compares all of it with Blender.
#include <doctest/doctest.h>

#include "tests/unit/blend/listing.h"
#include "tests/unit/blend/scene_file.h"

namespace gt::blend {
namespace {

using namespace testing;

// The only scene of a file whose Scene block `change` changes, and to which `more` adds blocks.
template <typename Change, typename More>
Scene scene_of(int version, const Change& change, const More& more) {
  SceneWriter writer = writer_for(version, version >= 500 ? k_large : k_modern);
  writer.block("GLOB", 0x10, global_fields(writer));
  Fields scene = scene_fields(writer);
  change(scene);
  writer.block("SC", k_scene, scene);
  more(writer);
  const Summary got = summary_of(writer);
  REQUIRE(got.scenes.size() == 1);
  return got.scenes[0];
}
template <typename Change>
Scene scene_of(int version, const Change& change) {
  return scene_of(version, change, [](SceneWriter&) {});
}

TEST_CASE("the picture format is told by Blender's identifier") {
  struct Row {
    int imtype;
    const char* type;
  };
  const Row rows[] = {{0, "TARGA"}, {1, "IRIS"},      {4, "JPEG"},    {14, "TARGA_RAW"},           {17, "PNG"},  {20, "BMP"},
                      {22, "TIFF"}, {23, "OPEN_EXR"}, {24, "FFMPEG"}, {28, "OPEN_EXR_MULTILAYER"}, {35, "WEBP"}, {99, ""},
                      {-1, ""},     {2, ""}};
  for (const Row& row : rows) {
    CAPTURE(row.imtype);
    for (const int version : {249, 304})
      CHECK(scene_of(version, [&](Fields& scene) {
              scene.number(version == 249 ? "r.imtype" : "r.im_format.imtype", row.imtype);
            }).image.type == row.type);
  }
}

TEST_CASE("depth is a flag, planes are bits of a pixel; what they never are is told as nothing") {
  const std::pair<int, std::optional<int>> depths[] = {
      {1, 1},   {2, 8},   {4, 10},           {8, 12},           {16, 16},
      {32, 24}, {64, 32}, {3, std::nullopt}, {0, std::nullopt}, {-128, std::nullopt}};
  for (const auto& [flag, depth] : depths) {
    const int value = flag;
    CHECK(scene_of(304, [&](Fields& scene) { scene.number("r.im_format.depth", value); }).image.depth == depth);
  }
  const std::pair<int, const char*> planes[] = {{8, "BW"}, {24, "RGB"}, {32, "RGBA"}, {16, ""}, {0, ""}};
  for (const auto& [bits, name] : planes) {
    const int value = bits;
    CHECK(scene_of(304, [&](Fields& scene) { scene.number("r.im_format.planes", value); }).image.planes == name);
  }
}

TEST_CASE("a camera is the scene's own, or one that a marker switches to") {
  const auto nothing = [](Fields&) {};
  CHECK_FALSE(scene_of(304, nothing).has_camera);
  CHECK(scene_of(304, [](Fields& scene) { scene.number("camera", k_object); }).has_camera);
  for (const std::int64_t camera : {std::int64_t{0}, std::int64_t{k_object}}) {
    const Scene scene = scene_of(
        304, [](Fields& fields) { fields.number("markers.first", 0x100); },
        [&](SceneWriter& writer) {
          writer.block("DATA", 0x100, writer.fields("TimeMarker").number("next", 0x108));
          writer.block("DATA", 0x108, writer.fields("TimeMarker").number("camera", camera));
        });
    CHECK(scene.has_camera == (camera != 0));
  }
}

TEST_CASE("a stamp counts when it is drawn") {
  CHECK_FALSE(scene_of(304, [](Fields& scene) { scene.number("r.stamp", 0x3fbf); }).stamp);
  CHECK(scene_of(304, [](Fields& scene) { scene.number("r.stamp", 0x40); }).stamp);
}

TEST_CASE("the sequencer counts when it is on and has strips") {
  for (const bool is_on : {false, true}) {
    for (const std::int64_t strip : {std::int64_t{0}, std::int64_t{0x5100}}) {
      const Scene scene = scene_of(
          304, [&](Fields& fields) { fields.number("r.scemode", is_on ? 0x41 : 0x40).number("ed", k_editing); },
          [&](SceneWriter& writer) {
            writer.block("DATA", k_editing, writer.fields("Editing").number("seqbase.first", strip));
          });
      CHECK(scene.sequencer == (is_on && strip != 0));
    }
  }
  CHECK_FALSE(scene_of(304, [](Fields& scene) { scene.number("ed", k_editing); }).sequencer);
}

struct Node {
  int type;
  const char* idname;
};

// A scene whose compositing nodes are these.
Scene with_nodes(int version, const std::vector<Node>& nodes, int scemode = 0x41, int use_nodes = 1) {
  const bool is_group = version >= 500;
  return scene_of(
      version,
      [&](Fields& scene) {
        scene.number("r.scemode", scemode).number("use_nodes", use_nodes);
        scene.number(is_group ? "compositing_node_group" : "nodetree", k_tree);
      },
      [&](SceneWriter& writer) {
        if (is_group) writer.block("OB", 0x9999, "", "something between", 1);
        writer.block(is_group ? "NT" : "DATA", k_tree,
                     writer.fields("bNodeTree").number("nodes.first", nodes.empty() ? 0 : k_node));
        for (std::size_t i = 0; i < nodes.size(); ++i) {
          Fields node = writer.fields("bNode").number("type", nodes[i].type);
          if (writer.has("bNode", "idname")) node.text("idname", nodes[i].idname);
          if (i + 1 < nodes.size()) node.number("next", static_cast<std::int64_t>(k_node + i + 1));
          writer.block("DATA", k_node + i, node);
        }
      });
}

TEST_CASE("compositing counts when a node does more than pass the picture on") {
  const std::vector<Node> passive = {{221, "CompositorNodeRLayers"},
                                     {222, "CompositorNodeComposite"},
                                     {201, "CompositorNodeViewer"},
                                     {6, "NodeReroute"},
                                     {5, "NodeFrame"},
                                     {8, "NodeGroupOutput"}};
  std::vector<Node> blur = passive;
  blur.push_back({218, "CompositorNodeBlur"});
  for (const int version : {249, 279, 304, 500}) {
    CAPTURE(version);
    CHECK_FALSE(with_nodes(version, {}).compositing);
    CHECK_FALSE(with_nodes(version, passive).compositing);
    CHECK(with_nodes(version, blur).compositing);
    CHECK_FALSE(with_nodes(version, blur, 0x01).compositing);                   // use_compositing is off
    CHECK(with_nodes(version, blur, 0x41, 0).compositing == (version == 500));  // there use_nodes means nothing
  }
  // The name decides where there is one.
  CHECK(with_nodes(304, {{221, "CompositorNodeBlur"}}).compositing);
  CHECK_FALSE(with_nodes(304, {{218, "NodeFrame"}}).compositing);
  CHECK_FALSE(with_nodes(304, {{221, ""}}).compositing);
}

TEST_CASE("nodes that are linked from another file are taken as doing something, with a note") {
  SceneWriter writer = writer_for(500, k_large);
  writer.block("SC", k_scene, scene_fields(writer).number("compositing_node_group", k_tree));
  const Summary got = summary_of(writer);
  REQUIRE(got.scenes.size() == 1);
  CHECK(got.scenes[0].compositing);
  REQUIRE(!got.notes.empty());
  CHECK(got.notes[0].message == "the compositing nodes are not in this file; they are taken as doing something");
  CHECK(got.notes[0].where.path == "Scene");
}

TEST_CASE("addresses of data mean something within their scene only") {
  SceneWriter writer = writer_for(304);
  writer.block("GLOB", 0x10, global_fields(writer, k_scene + 8));
  const auto add = [&](std::uint64_t address, const char* name, const char* node) {
    writer.block("SC", address, scene_fields(writer, name).number("nodetree", k_tree).number("use_nodes", 1));
    writer.block("DATA", k_tree, writer.fields("bNodeTree").number("nodes.first", k_node));
    writer.block("DATA", k_node, writer.fields("bNode").text("idname", node));
  };
  add(k_scene, "SCPlain", "NodeFrame");
  add(k_scene + 8, "SCBlurred", "CompositorNodeBlur");
  const Summary got = summary_of(writer);
  REQUIRE(got.scenes.size() == 2);
  CHECK_FALSE(got.scenes[0].compositing);
  CHECK(got.scenes[1].compositing);
  CHECK(got.active_scene == "Blurred");
  CHECK(got.active() == &got.scenes[1]);
}

TEST_CASE("a scene that is linked is not one of the file's own") {
  SceneWriter writer = writer_for(304);
  writer.block("SC", k_scene, scene_fields(writer).number("id.lib", 0x8000));
  writer.block("SC", k_scene + 8, scene_fields(writer, "SCOwn"));
  const Summary got = summary_of(writer);
  REQUIRE(got.scenes.size() == 1);
  CHECK(got.scenes[0].name == "Own");
}

// ---- Cycles ----

struct Setting {
  const char* name;
  int type;
  int value;
};

struct CyclesRow {
  int version;
  std::optional<int> subversion;
  std::vector<Setting> settings;
  const char* text;  // adaptive, denoising, samples
};

CyclesSettings cycles_of(const CyclesRow& row, std::int64_t layer_flag = 1, std::vector<Setting> layer_settings = {}) {
  SceneWriter writer = writer_for(row.version, row.version >= 500 ? k_large : k_modern);
  if (row.subversion) writer.block("GLOB", 0x10, global_fields(writer).number("subversion", *row.subversion));
  const bool is_5 = row.version >= 500;
  const bool has_view_layers = row.version >= 280;
  Fields scene = scene_fields(writer);
  scene.number(is_5 ? "id.system_properties" : "id.properties", k_property);
  scene.number(has_view_layers ? "view_layers.first" : "r.layers.first", k_layer);
  writer.block("SC", k_scene, scene);
  const auto add = [&](std::uint64_t at, const std::vector<Setting>& settings) {
    writer.block("DATA", at, property(writer, "", 6, static_cast<std::int64_t>(at + 1)));
    writer.block("DATA", at + 1, property(writer, "other", 6, 0, at + 2));
    writer.block("DATA", at + 2, property(writer, "cycles", 6, settings.empty() ? 0 : static_cast<std::int64_t>(at + 3)));
    for (std::size_t i = 0; i < settings.size(); ++i)
      writer.block(
          "DATA", at + 3 + i,
          property(writer, settings[i].name, settings[i].type, settings[i].value, i + 1 < settings.size() ? at + 4 + i : 0));
  };
  add(k_property, row.settings);
  Fields layer = writer.fields(has_view_layers ? "ViewLayer" : "SceneRenderLayer");
  if (has_view_layers) layer.number("flag", layer_flag);
  if (!has_view_layers && layer_flag == 0) layer.number("layflag", 1 << 17);
  layer.number(is_5 ? "system_properties" : has_view_layers ? "id_properties" : "prop", k_property + 0x100);
  writer.block("DATA", k_layer, layer);
  add(k_property + 0x100, layer_settings);
  const Summary got = summary_of(writer);
  REQUIRE(got.scenes.size() == 1);
  return got.scenes[0].cycles;
}

std::string text_of(const CyclesSettings& cycles) {
  return shown(cycles.adaptive_sampling) + " " + shown(cycles.denoising) + " " + shown(cycles.samples);
}

TEST_CASE("Cycles' settings are what the file says, else what Blender takes for a file of that age") {
  const CyclesRow rows[] = {
      {249, 2, {}, "0 0 10"},
      {276, 8, {}, "0 0 10"},
      {276, 9, {}, "0 0 128"},
      {279, 0, {}, "0 0 128"},
      {300, 25, {}, "0 0 128"},
      {300, 26, {}, "1 1 4096"},
      {304, 6, {}, "1 1 4096"},
      {500, 0, {}, "1 1 4096"},
      {300, std::nullopt, {}, "unknown unknown unknown"},
      {276, std::nullopt, {}, "0 0 unknown"},
      {304, std::nullopt, {}, "1 1 4096"},
      {304, 6, {{"use_adaptive_sampling", 1, 0}}, "0 1 4096"},
      {304, 6, {{"use_denoising", 1, 0}, {"samples", 1, 77}}, "1 0 77"},
      {305, 6, {{"use_denoising", 10, 0}}, "1 0 4096"},  // booleans of their own
      {500, 6, {{"use_adaptive_sampling", 10, 0}, {"use_denoising", 10, 1}, {"samples", 1, 1}}, "0 1 1"},
      {282, 0, {{"use_adaptive_sampling", 1, 1}, {"use_denoising", 1, 1}}, "1 1 128"},
      {304, 6, {{"use_adaptive_sampling", 0, 1}, {"samples", 2, 5}}, "unknown 1 unknown"},  // a text, a float
      {279, 0, {{"samples", 1, 35}, {"use_square_samples", 1, 1}}, "0 0 1225"},
      {304, 6, {{"samples", 1, 35}, {"use_square_samples", 1, 1}}, "1 1 35"},
      {279, 0, {{"samples", 1, 1 << 30}, {"use_square_samples", 1, 1}}, "0 0 1073741824"},
  };
  for (const CyclesRow& row : rows) {
    CAPTURE(row.version);
    CHECK(text_of(cycles_of(row)) == row.text);
  }
}

TEST_CASE("denoising needs a view layer that is rendered and denoised") {
  for (const int version : {279, 304, 500}) {
    CAPTURE(version);
    const CyclesRow row = {version, 6, {{"use_denoising", 1, 1}}, ""};
    CHECK(cycles_of(row, 1, {}).denoising == true);
    CHECK(cycles_of(row, 1, {{"use_denoising", 1, 1}}).denoising == true);
    CHECK(cycles_of(row, 1, {{"use_denoising", 1, 0}}).denoising == false);
    CHECK(cycles_of(row, 0, {{"use_denoising", 1, 1}}).denoising == false);
  }
}

TEST_CASE("a user's own property of the same name deeper down does not count") {
  const CyclesRow row = {304, 6, {{"cycles", 6, 0}}, ""};
  CHECK(text_of(cycles_of(row)) == "1 1 4096");
}

}  // namespace
}  // namespace gt::blend
