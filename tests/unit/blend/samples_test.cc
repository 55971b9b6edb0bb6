// Files that Blender itself wrote.
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/unit/base/support.h"
#include "tests/unit/blend/listing.h"

namespace gt::blend {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

TEST_CASE("the sample of this project") {
  const Summary got = read_summary("samples/blocks/blocks.blend");
  CHECK(testing::listing(got) == Lines{"active Scene", "scene Scene adaptive 0", "scene Scene camera 1",
                                       "scene Scene compositing 0", "scene Scene denoising 0", "scene Scene engine CYCLES",
                                       "scene Scene frames 1 24 1", "scene Scene image PNG 8 RGBA 90",
                                       "scene Scene resolution 480 270 100", "scene Scene samples 32",
                                       "scene Scene sequencer 0", "scene Scene stamp 0", "version 304.6"});
  CHECK(got.compression == Compression::Zstd);
  CHECK(got.notes.empty());
}

// As tests/unit/blend/fixtures/README.md says, *.truth is what Blender said of each file.
TEST_CASE("the fixtures are read as Blender reads them") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("tests/unit/blend/fixtures")) {
    if (entry.path().extension() != ".blend") continue;
    CAPTURE(entry.path().string());
    ++count;
    const Summary got = read_summary(entry.path());
    CHECK(fmt::format("{}\n", fmt::join(testing::listing(got), "\n")) ==
          testing::contents(fs::path(entry.path()).replace_extension(".truth").string()));
  }
  CHECK(count == 2);
}

// Scenes of 2015 to 2020 that are not part of the project: GT_TOOLS_SCENES says where they are.
TEST_CASE("the classic scenes") {
  const char* folder = std::getenv("GT_TOOLS_SCENES");
  if (folder == nullptr) {
    MESSAGE("skipped: GT_TOOLS_SCENES does not say where the scenes are");
    return;
  }
  const Summary bmw = read_summary(fs::path(folder) / "bmw27_cpu.blend");
  CHECK(bmw.compression == Compression::Gzip);
  CHECK(bmw.header.version == 277);
  REQUIRE(bmw.scenes.size() == 1);
  CHECK(bmw.scenes[0].compositing);
  CHECK(bmw.scenes[0].cycles.samples == 1225);  // 35 squared
  CHECK(bmw.scenes[0].resolution_x == 1920);
  CHECK(bmw.scenes[0].percentage == 50);
  CHECK(bmw.externals.size() == 6);
  for (const External& external : bmw.externals) {
    CHECK(external.packed);
    CHECK(external.used == true);
  }

  const Summary chessboard = read_summary(fs::path(folder) / "chessboard_400x400.blend");
  CHECK(chessboard.compression == Compression::None);
  CHECK(chessboard.header.version == 279);
  REQUIRE(chessboard.scenes.size() == 1);
  CHECK(chessboard.scenes[0].engine == "BLENDER_RENDER");
  CHECK(chessboard.scenes[0].frame_end == 2);

  const Summary cube = read_summary(fs::path(folder) / "cube.blend");
  CHECK(cube.header.version == 282);
  CHECK(cube.subversion == 7);
  REQUIRE(cube.scenes.size() == 1);
  CHECK(cube.scenes[0].engine == "CYCLES");
  CHECK(cube.scenes[0].cycles.adaptive_sampling == false);
}

}  // namespace
}  // namespace gt::blend
