// Files that are cut, forged, huge when decompressed, or no scenes at all: a clear error, bounded memory, an end.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "tests/unit/blend/listing.h"
#include "tests/unit/blend/scene_file.h"

namespace gt::blend {
namespace {

using namespace testing;
using namespace std::string_literals;

SceneWriter whole_scene(Header header = k_modern) {
  SceneWriter writer = writer_for(304, header);
  writer.block("GLOB", 0x10, global_fields(writer));
  writer.block("SC", k_scene,
               scene_fields(writer).number("nodetree", k_tree).number("use_nodes", 1).number("id.properties", k_property));
  writer.block("DATA", k_tree, writer.fields("bNodeTree").number("nodes.first", k_node));
  writer.block("DATA", k_node, writer.fields("bNode").text("idname", "NodeFrame").number("next", k_node + 1));
  writer.block("DATA", k_node + 1, writer.fields("bNode").text("idname", "CompositorNodeBlur"));
  writer.block("DATA", k_property, property(writer, "", 6, k_property + 1));
  writer.block("DATA", k_property + 1, property(writer, "cycles", 6, k_property + 2));
  writer.block("DATA", k_property + 2, property(writer, "samples", 1, 12));
  writer.block("IM", 0x7000, writer.fields("Image").text("id.name", "IMWood").text("name", "//wood.png").number("source", 1));
  return writer;
}

TEST_CASE("what is no scene is said by its first bytes") {
  struct Row {
    std::string bytes;
    const char* failure;
  };
  const Row rows[] = {
      {"", "input.empty | there is nothing in the file"},
      {"\x89PNG\r\n\x1a\n and more",
       "scene.not-blend | byte 0: it begins with \"\\x89PNG\\x0d\\x0a\\x1a\\x0a and\", not with \"BLENDER\""},
      {"Hello", "scene.not-blend | byte 0: it begins with \"Hello\", not with \"BLENDER\""},
      {"BLENDES-v304", "scene.not-blend | byte 0: it begins with \"BLENDES-v304\", not with \"BLENDER\""},
      {"blender-v304", "scene.not-blend | byte 0: it begins with \"blender-v304\", not with \"BLENDER\""},
      {gzip("a text"), "scene.not-blend | byte 0: it begins with \"a text\", not with \"BLENDER\""},
      {zstd("a text"), "scene.not-blend | byte 0: it begins with \"a text\", not with \"BLENDER\""},
      {gzip(""), "input.empty | there is nothing in the file"},
      {"\x1f\x8b"s, "scene.truncated | byte 0: the gzip data ends in the middle: the file was cut"},
      {"\x1f\x8b not gzip", "scene.corrupt | byte 0: the gzip data cannot be decompressed: unknown compression method"},
      {"\x28\xb5\x2f\xfd"s, "scene.truncated | byte 0: the zstd data ends in the middle: the file was cut"},
      {"\x28\xb5\x2f\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", nullptr},
      {"B", "scene.truncated | byte 1: the file ends within its header: it was cut"},
      {"BLENDER-v3", "scene.truncated | byte 10: the file ends within its header: it was cut"},
      {"BLENDER17-01v", "scene.truncated | byte 13: the file ends within its header: it was cut"},
      {"BLENDER+v304",
       "scene.not-blend | byte 0: the header is \"BLENDER+v304\", which no known Blender writes; a newer Blender may have "
       "saved it"},
      {"BLENDER-x304",
       "scene.not-blend | byte 0: the header is \"BLENDER-x304\", which no known Blender writes; a newer Blender may have "
       "saved it"},
      {"BLENDER-v3.4",
       "scene.not-blend | byte 0: the header is \"BLENDER-v3.4\", which no known Blender writes; a newer Blender may have "
       "saved it"},
      {"BLENDER17-02v0600",
       "scene.not-blend | byte 0: the header is \"BLENDER17-02v0600\", which no known Blender writes; a newer Blender may have "
       "saved it"},
      {"BLENDER17-01v05x0",
       "scene.not-blend | byte 0: the header is \"BLENDER17-01v05x0\", which no known Blender writes; a newer Blender may have "
       "saved it"},
      {"BLENDER-v304", "scene.truncated | byte 12: the file ends here without an ENDB block: it was cut"},
      {"BLENDER-v304ENDB", "scene.corrupt | byte 16: the scene has no description of its structs (block DNA1)"},
      {"BLENDER-v304REN", "scene.truncated | byte 12: the file ends within the head of a block: it was cut"},
      {"BLENDER-v304\1\2\3\4" + std::string(40, 'x'),
       "scene.corrupt | byte 12: no block begins here: its code would be \"\\x01\\x02\\x03\\x04\""},
  };
  for (const Row& row : rows) {
    const std::string got = failure_of(row.bytes);
    if (row.failure == nullptr) {
      CHECK(got.find("scene.corrupt | byte 0: the zstd data cannot be decompressed: ") == 0);
    } else {
      CHECK(got == row.failure);
    }
  }
}

TEST_CASE("what cannot be opened has the code of its cause") {
  const TempDirectory directory;
  const auto code = [&](const std::string& path) { return code_of(error_of([&] { read_summary(path); })); };
  CHECK(code(directory / "gone.blend") == "file.not-found");
  CHECK(code(directory.path()) == "file.is-directory");
  CHECK(code("/dev/null") == "file.unreadable");
  REQUIRE(::mkfifo((directory / "pipe").c_str(), 0600) == 0);
  CHECK(code(directory / "pipe") == "file.unreadable");  // and does not wait for a writer
  std::filesystem::create_symlink("gone", directory / "link");
  CHECK(code(directory / "link") == "file.not-found");
  CHECK(text_of(error_of([&] { read_summary(directory / "gone.blend"); })) ==
        directory / "gone.blend" + ": cannot open the scene: No such file or directory");
}

TEST_CASE("a scene that was cut anywhere is recognised, also when it is compressed") {
  for (const Header& header : {k_modern, k_large, Header{HeaderForm::Classic, ByteOrder::Big, 4, 0}}) {
    const std::string bytes = whole_scene(header).bytes();
    const std::size_t last_head = bytes.rfind("ENDB");
    for (std::size_t size = 1; size < bytes.size(); size += size < 200 ? 1 : 97) {
      const std::string got = failure_of(bytes.substr(0, size));
      CAPTURE(size);
      CHECK(got.substr(0, 15) == (size < last_head + 4 ? "scene.truncated" : "no error"));
    }
  }
  const std::string bytes = whole_scene().bytes();
  const std::string expected = fmt::format("{}", fmt::join(listing(summary_of(bytes)), "\n"));
  for (const std::string& packed : {gzip(bytes), zstd(bytes, 512)}) {
    for (std::size_t size = 4; size < packed.size(); size += 13) {
      CAPTURE(size);
      const std::string got = failure_of(packed.substr(0, size));
      // The end of the file is behind the last block.
      const bool is_whole =
          got == "no error" && fmt::format("{}", fmt::join(listing(summary_of(packed.substr(0, size))), "\n")) == expected;
      CHECK_MESSAGE((got.substr(0, 15) == "scene.truncated" || (is_whole && size + 64 > packed.size())), got);
    }
  }
}

TEST_CASE("a length that lies is an error with its place, whatever it says") {
  struct Row {
    Header header;
    std::int64_t size;
    std::int64_t struct_index;
    std::int64_t count;
    const char* failure;
  };
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const Row rows[] = {
      {k_modern, -5, 0, 1, "scene.corrupt | byte 12: block DATA has -5 as its length"},
      {k_modern, 4, -1, 1, "scene.corrupt | byte 12: block DATA has -1 as the index of its struct"},
      {k_modern, 4, 0, -2, "scene.corrupt | byte 12: block DATA has -2 structs"},
      {k_modern, 100, 0, 1,
       "scene.truncated | byte 12: block DATA needs 100 bytes, but the file ends after 4: it was cut, or the length lies"},
      {k_modern, 0x7fffffff, 0, 1,
       "scene.truncated | byte 12: block DATA needs 2147483647 bytes, but the file ends after 4: it was cut, or the length "
       "lies"},
      {k_large, most, 0, 1,
       "scene.truncated | byte 17: block DATA needs 9223372036854775807 bytes, but the file ends after 4: it was cut, or the "
       "length lies"},
      {k_large, -1, 0, 1, "scene.corrupt | byte 17: block DATA has -1 as its length"},
      {k_large, 4, 0, std::numeric_limits<std::int64_t>::min(),
       "scene.corrupt | byte 17: block DATA has -9223372036854775808 structs"},
  };
  for (const Row& row : rows) {
    SceneWriter writer = writer_for(304, row.header);
    const std::string bytes = writer.header_bytes() + writer.head("DATA", row.size, 1, row.struct_index, row.count) + "body";
    CHECK(failure_of(bytes) == row.failure);
  }
}

TEST_CASE("a count that lies takes no more structs than the block has room for") {
  for (const Header& header : {k_modern, k_large}) {
    SceneWriter writer = writer_for(304, header);
    const std::string image = writer.fields("Image").text("name", "//i.png").bytes();
    writer.block("IM", 1, "Image", image + image + "rest",
                 header.form == HeaderForm::Large ? std::numeric_limits<std::int64_t>::max() : 0x7fffffff);
    writer.block("IM", 2, "Image", image, 0);
    writer.block("IM", 3, "Image", image.substr(0, 100), 1);
    CHECK(summary_of(writer).externals.size() == 2);
  }
}

// The file with another description of structs, or none.
std::string with_description(const SceneWriter& writer, std::string_view description) {
  SceneWriter copy = writer;
  copy.with_description = false;
  copy.block("DNA1", 0, "", description, 1);
  return copy.bytes();
}

TEST_CASE("a forged description of structs is an error") {
  const SceneWriter writer = whole_scene();
  const std::string good = writer.description();
  const std::size_t types = good.find("TYPE");
  const std::size_t sizes = good.find("TLEN");
  const std::size_t structs = good.find("STRC");
  const auto changed = [&](std::size_t at, const std::string& bytes) {
    return std::string(good).replace(at, bytes.size(), bytes);
  };
  struct Row {
    std::string description;
    const char* failure;  // behind the place
  };
  const Row rows[] = {
      {"", "the description of structs has no SDNA at its byte 0"},
      {"SDNB", "the description of structs has no SDNA at its byte 0"},
      {"SDNANAME", "the description of structs ends within its byte 8"},
      {changed(8, writer.number(-1, 4)), "the description of structs cannot have 4294967295 names of members"},
      {changed(8, writer.number(1 << 20, 4)), "the description of structs cannot have 1048576 names of members"},
      {changed(types + 4, writer.number(70'000, 4)), "the description of structs cannot have 70000 types"},
      {changed(structs + 4, writer.number(60'000, 4)), "the description of structs cannot have 60000 structs"},
      {changed(8, writer.number(0, 4)), "the description of structs has no TYPE at its byte 12"},
      {"SDNANAME" + writer.number(3, 4) + "abcdef", "the description of structs has a name without an end at its byte 12"},
      {good.substr(0, types), nullptr},
      {good.substr(0, sizes + 6), nullptr},
      {good.substr(0, good.size() - 1), nullptr},
      {changed(structs + 8, writer.number(-1, 2)), nullptr},   // type of the first struct
      {changed(structs + 12, writer.number(-1, 2)), nullptr},  // type of its first member
      {changed(structs + 14, writer.number(-1, 2)), nullptr},  // name of its first member
  };
  for (const Row& row : rows) {
    const std::string got = failure_of(with_description(writer, row.description));
    if (row.failure == nullptr) {
      CHECK(got.find("scene.corrupt | byte ") == 0);
    } else {
      CHECK(got == fmt::format("scene.corrupt | byte {}: {}", writer.bytes().size() - good.size() - 48, row.failure));
    }
  }
}

TEST_CASE("members without a size, or outside of their struct, are errors") {
  struct Row {
    std::vector<std::string> members;
    std::int64_t size;
    const char* failure;  // behind the place
  };
  const char* no_size = "the description of structs has a member \"{}\", which has no size";
  const Row rows[] = {
      {{"char a[]", "short subversion"}, 8, no_size},
      {{"char a[x]", "short subversion"}, 8, no_size},
      {{"int a[4", "short subversion"}, 8, no_size},
      {{"int a[99999][99999][99999]", "short subversion"}, 8, no_size},
      {{"int a[99999999999999999999]", "short subversion"}, 8, no_size},
      {{"char a[7]", "short subversion"},
       8,
       "the description of structs has FileGlobal.subversion at byte 7, but gives the struct 8 bytes"},
      {{"ID a[70]", "short subversion"},
       1,
       "the description of structs has FileGlobal.subversion at byte 7280, but gives the struct 1 bytes"},
  };
  for (const Row& row : rows) {
    SceneWriter forged = whole_scene();
    forged.define("FileGlobal", row.members);
    forged.forged_sizes["FileGlobal"] = row.size;
    const std::string name = row.members[0].substr(row.members[0].find(' ') + 1);
    const std::string got = failure_of(with_description(whole_scene(), forged.description()));
    CHECK(got.find("scene.corrupt | byte ") == 0);
    CHECK(got.substr(got.find(": ") + 2) == fmt::format(fmt::runtime(row.failure), name));
  }
  // Of a struct without bytes there is none in any block.
  SceneWriter empty = whole_scene();
  empty.forged_sizes["Scene"] = 0;
  CHECK(summary_of(empty).scenes.empty());
}

TEST_CASE("structs and members that are not there leave out what they would have said") {
  for (const char* name :
       {"FileGlobal", "Scene", "Image", "IDProperty", "bNodeTree", "bNode", "ViewLayer", "RenderData", "ListBase", "ID"}) {
    CAPTURE(name);
    SceneWriter writer = whole_scene();
    writer.undefine(name);
    CHECK(failure_of(with_description(whole_scene(), writer.description())) == "no error");
  }
}

TEST_CASE("a list that runs in a circle ends with an error") {
  const char* circle = "scene.corrupt | the lists of the scene are longer than its ";
  const auto fails = [&](const SceneWriter& writer) {
    return failure_of(writer.bytes()).substr(0, std::string(circle).size()) == circle;
  };
  SceneWriter nodes = writer_for(304);
  nodes.block("SC", k_scene, scene_fields(nodes).number("nodetree", k_tree).number("use_nodes", 1));
  nodes.block("DATA", k_tree, nodes.fields("bNodeTree").number("nodes.first", k_node));
  nodes.block("DATA", k_node, nodes.fields("bNode").text("idname", "NodeFrame").number("next", k_node));
  CHECK(failure_of(nodes.bytes()) == std::string(circle) + "3 blocks: they run in circles");

  SceneWriter layers = writer_for(304);
  layers.block("GLOB", 0x10, global_fields(layers));
  layers.block("SC", k_scene, scene_fields(layers).number("view_layers.first", k_layer));
  layers.block("DATA", k_layer, layers.fields("ViewLayer").number("next", k_layer + 1));
  layers.block("DATA", k_layer + 1, layers.fields("ViewLayer").number("next", k_layer));
  CHECK(fails(layers));

  SceneWriter markers = writer_for(304);
  markers.block("SC", k_scene, scene_fields(markers).number("markers.first", 1));
  markers.block("DATA", 1, markers.fields("TimeMarker").number("next", 1));
  CHECK(fails(markers));

  SceneWriter properties = writer_for(304);
  properties.block("SC", k_scene, scene_fields(properties).number("id.properties", k_property));
  properties.block("DATA", k_property, property(properties, "x", 6, k_property, k_property));  // in itself, and after itself
  CHECK(fails(properties));
}

TEST_CASE("pointers to nothing, or to other structs, are null") {
  for (const std::uint64_t target : {std::uint64_t{0xdead}, k_scene, std::uint64_t{0x10}}) {
    SceneWriter writer = writer_for(304);
    const auto pointer = static_cast<std::int64_t>(target);
    writer.block("GLOB", 0x10, global_fields(writer, 0xdead));
    writer.block("SC", k_scene,
                 scene_fields(writer)
                     .number("nodetree", pointer)
                     .number("use_nodes", 1)
                     .number("ed", pointer)
                     .number("id.properties", pointer)
                     .number("view_layers.first", pointer)
                     .number("markers.first", pointer));
    const Summary got = summary_of(writer);
    REQUIRE(got.scenes.size() == 1);
    CHECK_FALSE(got.scenes[0].sequencer);
    CHECK_FALSE(got.scenes[0].has_camera);
    CHECK(got.scenes[0].cycles.samples == 4096);
  }
}

TEST_CASE("what grows beyond the limits is refused before it is held") {
  const SceneWriter writer = whole_scene();
  const std::string zeros(std::size_t{8} << 20, '\0');
  SceneWriter bomb = whole_scene();
  bomb.block("DATA", 1, "", zeros, 1);
  for (const std::string& file : {bomb.bytes(), gzip(bomb.bytes()), zstd(bomb.bytes(), std::size_t{1} << 20)})
    CHECK(failure_of(file, {.scanned_bytes = 1 << 20}).find("scene.too-large | byte ") == 0);
  CHECK(failure_of(gzip(bomb.bytes()), {.scanned_bytes = 1 << 20})
            .find(": the scene is larger than the limit of 1048576 decompressed bytes; Limits::scanned_bytes allows more") !=
        std::string::npos);
  // Data that is passed over does not count as kept.
  CHECK(failure_of(gzip(bomb.bytes()), {.kept_bytes = 64 << 10}) == "no error");

  CHECK(failure_of(writer.bytes(), {.kept_bytes = 2000})
            .find(": the scene's settings, nodes and file names take more than 2000 bytes; Limits::kept_bytes allows more") !=
        std::string::npos);
  CHECK(failure_of(writer.bytes(), {.blocks = 5}).find(": the scene has more than 5 blocks; Limits::blocks allows more") !=
        std::string::npos);
  CHECK(
      failure_of(writer.bytes(), {.dna_bytes = 100}).find("bytes, more than the limit of 100; Limits::dna_bytes allows more") !=
      std::string::npos);
}

TEST_CASE("many tiny structs cost what they take in memory, not what they take in the file") {
  SceneWriter writer = writer_for(304);
  writer.define("Image", {"char name[1]"});
  writer.block("IM", 1, "Image", std::string(100'000, 'x'), 100'000);
  CHECK(failure_of(writer.bytes(), {.kept_bytes = std::uint64_t{1} << 20}).find("scene.too-large | ") == 0);
}

TEST_CASE("strips that share a long path cost what it takes for each of them") {
  SceneWriter writer = writer_for(304);
  writer.define("Strip", {"StripElem *stripdata", "char dir[60000]"});
  writer.block("SC", k_scene, scene_fields(writer));
  writer.block("DATA", 1, writer.fields("Strip").text("dir", std::string(60'000, 'x')).number("stripdata", 2));
  writer.block("DATA", 2, writer.fields("StripElem").text("name", "1.png"));
  std::string strips;
  for (int i = 0; i < 1000; ++i) strips += writer.fields("Sequence").number("strip", 1).bytes();
  writer.block("DATA", 3, "Sequence", strips, 1000);
  CHECK(failure_of(writer.bytes(), {.kept_bytes = std::uint64_t{8} << 20}) ==
        "scene.too-large | the file names of strips take more than 8388608 bytes; Limits::kept_bytes allows more");
  CHECK(failure_of(writer.bytes(), {.kept_bytes = std::uint64_t{64} << 20}) == "no error");
}

TEST_CASE("a description with as many members as there can be, of a very long name, is read at once") {
  const SceneWriter writer = writer_for(304);
  const auto part = [&](std::string out, int count) { return out + writer.number(count, 4); };
  const int members = 60'000;
  std::string description = part("SDNANAME", 1) + std::string(50'003, 'x') + '\0';
  description += part("TYPE", 2) + "void\0FileGlobal\0"s;
  description +=
      "TLEN" + writer.number(0, 2) + writer.number(100, 2) + part("STRC", 1) + writer.number(1, 2) + writer.number(members, 2);
  description.append(std::size_t{4} * members, '\0');  // each of the type 0 and the name 0
  SceneWriter scene = writer_for(304);
  scene.block("GLOB", 0x10, "", std::string(100, '\0'), 1);
  const auto start = std::chrono::steady_clock::now();
  CHECK(failure_of(with_description(scene, description)) == "no error");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("any change of bytes gives a summary or an error of the file, never anything else") {
  std::mt19937 random(20'261'124);
  const int rounds = std::getenv("GT_TOOLS_FULL") == nullptr ? 500 : 50'000;
  const TempDirectory directory;
  int summaries = 0;
  for (const Header& header : {k_modern, k_large, Header{HeaderForm::Classic, ByteOrder::Big, 4, 0}}) {
    const std::string good = whole_scene(header).bytes();
    for (int round = 0; round < rounds; ++round) {
      std::string bytes = good;
      for (unsigned change = 0; change <= random() % 4; ++change) {
        const std::size_t at = 12 + random() % (bytes.size() - 12);
        bytes[at] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
      }
      const auto error = error_of([&] { read_summary(directory.put("scene.blend", bytes)); });
      if (!error) ++summaries;
      if (error) CHECK(to_string(error->code()).substr(0, 6) == "scene.");
    }
  }
  CHECK(summaries > rounds / 2);
}

}  // namespace
}  // namespace gt::blend
