// The forms of a file: header, byte order, pointer size, compression. The same scene reads the same in all of them.
#include <doctest/doctest.h>

#include "tests/unit/blend/listing.h"
#include "tests/unit/blend/scene_file.h"

namespace gt::blend {
namespace {

using namespace testing;

struct Row {
  HeaderForm form;
  ByteOrder order;
  int pointer_size;
  int version;
};
const Row k_rows[] = {{HeaderForm::Classic, ByteOrder::Little, 8, 304}, {HeaderForm::Classic, ByteOrder::Little, 4, 279},
                      {HeaderForm::Classic, ByteOrder::Big, 8, 279},    {HeaderForm::Classic, ByteOrder::Big, 4, 249},
                      {HeaderForm::Classic, ByteOrder::Little, 4, 249}, {HeaderForm::Large, ByteOrder::Little, 8, 500}};

std::string scene_file(const Row& row) {
  SceneWriter writer = writer_for(row.version, {row.form, row.order, row.pointer_size, 0});
  writer.block("REND", 0, "", "ignored...", 1);
  writer.block("GLOB", 0x10, global_fields(writer));
  writer.block("SC", k_scene, scene_fields(writer).number("camera", k_object).number("use_nodes", 1));
  writer.block("DATA", 0x1234, "", std::string(100'000, 'x'), 1);
  writer.block("IM", 0x7000, writer.fields("Image").text("id.name", "IMWood").text("name", "//wood.png").number("source", 1));
  return writer.bytes();
}

TEST_CASE("a scene reads the same in every form of file") {
  for (const Row& row : k_rows) {
    CAPTURE(row.version);
    CAPTURE(row.pointer_size);
    const std::string bytes = scene_file(row);
    const std::pair<Compression, std::string> files[] = {
        {Compression::None, bytes},
        {Compression::Gzip, gzip(bytes)},
        {Compression::Gzip, gzip(bytes.substr(0, 1000)) + gzip(bytes.substr(1000)) + "trailing"},
        {Compression::Zstd, zstd(bytes)},
        {Compression::Zstd, zstd(bytes, 7)},
        {Compression::Zstd, zstd(bytes, bytes.size())}};
    for (const auto& [compression, file] : files) {
      const Summary got = summary_of(file);
      CHECK(got.compression == compression);
      CHECK(got.header.form == row.form);
      CHECK(got.header.order == row.order);
      CHECK(got.header.pointer_size == row.pointer_size);
      CHECK(got.header.version == row.version);
      CHECK(got.subversion == 6);
      CHECK(got.minimum_version == 300);
      CHECK(got.active_scene == "Scene");
      REQUIRE(got.scenes.size() == 1);
      CHECK(got.active() == &got.scenes[0]);
      const Scene& scene = got.scenes[0];
      CHECK(scene.frame_start == 1);
      CHECK(scene.frame_end == 250);
      CHECK(scene.frame_current == 7);
      CHECK(scene.resolution_x == 1920);
      CHECK(scene.resolution_y == 1080);
      CHECK(scene.percentage == 50);
      CHECK(scene.has_camera);
      CHECK(scene.engine == (row.version < 250 ? "" : "CYCLES"));
      CHECK(scene.image.type == "PNG");
      CHECK(scene.image.planes == "RGBA");
      CHECK(scene.image.quality == 90);
      CHECK(scene.image.depth == (row.version < 250 ? std::nullopt : std::optional(8)));
      CHECK_FALSE(scene.compositing);
      CHECK_FALSE(scene.sequencer);
      REQUIRE(got.externals.size() == 1);
      CHECK(listing(got.externals[0]) == "file image | Wood | //wood.png | one | outside");
    }
  }
}

TEST_CASE("what a version did not have yet is said once") {
  SceneWriter writer = writer_for(249);
  writer.block("SC", k_scene, scene_fields(writer));
  writer.block("SC", k_scene + 8, scene_fields(writer, "SCOther"));
  const Summary got = summary_of(writer);
  std::vector<std::string> notes;
  for (const Finding& note : got.notes) notes.push_back(note.where.path + ": " + note.message);
  CHECK(notes == std::vector<std::string>{"Scene.r.engine: Blender 2.49 did not save this",
                                          ": the file does not say which scene is active: the first one is taken"});
  CHECK(got.active_scene == "Scene");
  CHECK(got.subversion == std::nullopt);
}

TEST_CASE("a file without a scene has none, and says so") {
  SceneWriter writer = writer_for(304);
  writer.block("GLOB", 0x10, global_fields(writer));
  const Summary got = summary_of(writer);
  CHECK(got.scenes.empty());
  CHECK(got.active() == nullptr);
  CHECK(got.active_scene.empty());
  REQUIRE(got.notes.size() == 1);
  CHECK(got.notes[0].message == "there is no scene in the file: nothing to render");
  CHECK(got.notes[0].where.file.find("scene.blend") != std::string::npos);
}

TEST_CASE("the description of structs may stand before the blocks, and the last head may be cut short") {
  SceneWriter writer = writer_for(304);
  const std::string description = writer.description();
  writer.block("DNA1", 0, "", description, 1);
  writer.block("SC", k_scene, scene_fields(writer));
  writer.with_description = false;
  writer.with_end = false;
  writer.raw("ENDB");
  CHECK(summary_of(writer).scenes.size() == 1);
}

}  // namespace
}  // namespace gt::blend
