// Files outside that a scene names, and where they are.
#include <doctest/doctest.h>

#include "tests/unit/blend/listing.h"
#include "tests/unit/blend/scene_file.h"

namespace gt::blend {
namespace {

using namespace testing;

std::vector<std::string> listed(const SceneWriter& writer) {
  std::vector<std::string> out;
  for (const External& external : summary_of(writer).externals) out.push_back(listing(external));
  return out;
}

TEST_CASE("every kind of file is listed with its path as stored") {
  SceneWriter writer = writer_for(304);
  const auto add = [&](const char* code, const char* struct_name, const char* name, const char* member, const char* path) {
    Fields fields = writer.fields(struct_name);
    if (name != nullptr) fields.text("id.name", name);
    writer.block(code, 0x100, fields.text(member, path));
  };
  add("LI", "Library", "LIhouse.blend", "name", "//house.blend");
  add("SO", "bSound", "SObell", "name", "//bell.ogg");
  add("VF", "VFont", "VFBfont", "name", "<builtin>");
  add("VF", "VFont", "VFSerif", "name", "/usr/share/fonts/serif.ttf");
  add("MC", "MovieClip", "MCClip", "name", "//clip.mp4");
  add("CF", "CacheFile", "CFsea", "filepath", "//sea.abc");
  add("VO", "Volume", "VOsmoke", "filepath", "//smoke.vdb");
  add("DATA", "MeshCacheModifierData", nullptr, "filepath", "//walk.mdd");
  add("DATA", "MeshCacheModifierData", nullptr, "filepath", "");
  CHECK(listed(writer) == std::vector<std::string>{
                              "file linked library | house.blend | //house.blend | one | outside",
                              "file sound | bell | //bell.ogg | one | outside",
                              "file font | Serif | /usr/share/fonts/serif.ttf | one | outside",
                              "file movie clip | Clip | //clip.mp4 | one | outside",
                              "file cache | sea | //sea.abc | one | outside",
                              "file volume | smoke | //smoke.vdb | one | outside",
                              "file mesh cache |  | //walk.mdd | one | outside",
                          });
}

TEST_CASE("nodes name a file only where they do not hold its text themselves") {
  SceneWriter writer = writer_for(304);
  for (const int mode : {0, 1}) {
    writer.block("DATA", 1, writer.fields("NodeShaderTexIES").number("mode", mode).text("filepath", "//lamp.ies"));
    writer.block("DATA", 2, writer.fields("NodeShaderScript").number("mode", mode).text("filepath", "//wood.osl"));
  }
  CHECK(listed(writer) == std::vector<std::string>{"file IES file |  | //lamp.ies | one | outside",
                                                   "file OSL script |  | //wood.osl | one | outside"});
}

TEST_CASE("an image is a file, a sequence, a film, tiles, or none") {
  struct Row {
    int source;
    const char* text;  // nullptr: not listed
  };
  const Row rows[] = {{0, "file image | I | //i.png | one | outside"},
                      {1, "file image | I | //i.png | one | outside"},
                      {2, "file image | I | //i.png | sequence | outside"},
                      {3, "file movie | I | //i.png | one | outside"},
                      {4, nullptr},
                      {5, nullptr},
                      {6, "file image | I | //i.png | tiles | outside"}};
  for (const Row& row : rows) {
    SceneWriter writer = writer_for(304);
    writer.block("IM", 1, writer.fields("Image").text("id.name", "IMI").text("name", "//i.png").number("source", row.source));
    CHECK(listed(writer) == (row.text == nullptr ? std::vector<std::string>() : std::vector<std::string>{row.text}));
  }
}

TEST_CASE("a packed file is one whose bytes are in the scene") {
  for (const char* member : {"packedfile", "packedfiles.first", ""}) {
    SceneWriter writer = writer_for(304);
    Fields image = writer.fields("Image").text("name", "//i.png");
    if (*member != '\0') image.number(member, 0x500);
    writer.block("IM", 1, image);
    const Summary got = summary_of(writer);
    REQUIRE(got.externals.size() == 1);
    CHECK(got.externals[0].packed == (*member != '\0'));
  }
}

TEST_CASE("a file is used unless only a fake user keeps it; new files do not say") {
  struct Row {
    int users;
    int flag;
    std::optional<bool> used;
  };
  const Row rows[] = {{0, 0, std::nullopt}, {0, 0x200, std::nullopt}, {1, 0, true},
                      {1, 0x200, false},    {2, 0x200, true},         {-1, 0, std::nullopt}};
  for (const Row& row : rows) {
    SceneWriter writer = writer_for(279);
    writer.block("SO", 1,
                 writer.fields("bSound").text("name", "//s.ogg").number("id.us", row.users).number("id.flag", row.flag));
    const Summary got = summary_of(writer);
    REQUIRE(got.externals.size() == 1);
    CHECK(got.externals[0].used == row.used);
  }
}

TEST_CASE("strips of the sequencer name images and films, also those within others") {
  for (const bool is_on : {false, true}) {
    SceneWriter writer = writer_for(304);
    writer.block("SC", k_scene, scene_fields(writer).number("r.scemode", is_on ? 1 : 0));
    const auto strip = [&](std::int64_t at, const char* name, int type, int length, const char* directory, const char* file) {
      writer.block(
          "DATA", static_cast<std::uint64_t>(at),
          writer.fields("Sequence").text("name", name).number("type", type).number("len", length).number("strip", at + 1));
      writer.block("DATA", static_cast<std::uint64_t>(at + 1),
                   writer.fields("Strip").text("dir", directory).number("stripdata", at + 2));
      const std::string one = writer.fields("StripElem").text("name", file).bytes();
      writer.block("DATA", static_cast<std::uint64_t>(at + 2), "StripElem", one + one, 2);
    };
    strip(0x100, "SQOne", 0, 1, "//frames/", "0001.png");
    strip(0x110, "SQMany", 0, 24, "//frames", "0001.png");
    strip(0x120, "SQFilm", 3, 24, "C:\\films\\", "a.mp4");
    strip(0x130, "SQSound", 4, 24, "//", "a.ogg");  // a data-block of its own
    strip(0x140, "SQNone", 0, 24, "//", "");
    const Summary got = summary_of(writer);
    std::vector<std::string> lines;
    for (const External& external : got.externals) {
      lines.push_back(listing(external));
      CHECK(external.used == is_on);
    }
    CHECK(lines == std::vector<std::string>{"file image | One | //frames/0001.png | one | outside",
                                            "file image | Many | //frames/0001.png | sequence | outside",
                                            "file movie | Film | C:\\films\\a.mp4 | one | outside"});
  }
}

TEST_CASE("a stored path is beside the scene, absolute, or nowhere on this machine") {
  struct Row {
    const char* stored;
    const char* place;  // nullptr: nowhere
  };
  const Row rows[] = {{"//wood.png", "/home/ania/wood.png"},
                      {"//textures\\wood.png", "/home/ania/textures/wood.png"},
                      {"//../shared/wood.png", "/home/shared/wood.png"},
                      {"//a/../b//c.png", "/home/ania/b/c.png"},
                      {"///etc/passwd", "/home/ania/etc/passwd"},
                      {"//", nullptr},
                      {"////", nullptr},
                      {"/srv/wood.png", "/srv/wood.png"},
                      {"/srv/./a\\wood.png", "/srv/a/wood.png"},
                      {"C:\\textures\\wood.png", nullptr},
                      {"d:/wood.png", nullptr},
                      {"\\\\server\\share\\wood.png", nullptr},
                      {"wood.png", nullptr},
                      {"textures/wood.png", nullptr},
                      {"C:", nullptr},
                      {"", nullptr}};
  for (const Row& row : rows) {
    CAPTURE(row.stored);
    const auto got = resolve(row.stored, "/home/ania");
    CHECK(got.value_or("nowhere").string() == (row.place == nullptr ? "nowhere" : row.place));
  }
  CHECK(resolve(std::string_view("//a\0b", 5), "/x") == std::nullopt);
  CHECK(resolve("//wood.png", "relative")->string() == "relative/wood.png");
}

}  // namespace
}  // namespace gt::blend
