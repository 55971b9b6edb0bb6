// gt::blend against Blender itself: scenes that Blender makes with settings by chance are read by both, and every field
// compared. Exits with 77 (skipped) without an engine that has golem/blender. GT_TOOLS_FULL=1: 500 scenes.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/base/support.h"
#include "tests/unit/blend/listing.h"

namespace gt::blend {
namespace {

namespace fs = std::filesystem;

// Runs blend_scenes.py inside Blender with `directory` as /scenes, and `arguments`.
int run_blender(const std::string& directory, const std::string& arguments) {
  const std::string command = "docker run --rm --network none -v '" + directory + "':/scenes -v '" +
                              fs::current_path().string() +
                              "/tests/docker/blend_scenes.py':/blend_scenes.py:ro --entrypoint blender golem/blender -b" +
                              " --factory-startup -P /blend_scenes.py -- " + arguments + " >'" + directory + "/log' 2>&1";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string joined(const std::vector<std::string>& lines) { return fmt::format("{}\n", fmt::join(lines, "\n")); }

// As Blender says it: it makes slashes of backslashes when it opens a file.
std::string listing_of(const std::string& path) {
  std::vector<std::string> lines = testing::listing(read_summary(path));
  for (std::string& line : lines)
    if (line.starts_with("file ")) std::replace(line.begin(), line.end(), '\\', '/');
  std::sort(lines.begin(), lines.end());
  return joined(lines);
}

TEST_CASE("scenes by chance are read as Blender reads them") {
  const int count = std::getenv("GT_TOOLS_FULL") == nullptr ? 60 : 500;
  const testing::TempDirectory directory;
  REQUIRE_MESSAGE(run_blender(directory.path(), "make /scenes " + std::to_string(count)) == 0,
                  testing::contents(directory / "log"));
  int compared = 0;
  for (int number = 0; number < count; ++number) {
    const std::string stem = directory / fmt::format("scene-{:03}", number);
    CAPTURE(number);
    CHECK(listing_of(stem + ".blend") == testing::contents(stem + ".truth"));
    ++compared;
  }
  MESSAGE(compared, " scenes compared");
}

// A file of Blender 2.79 names an engine that 3.4 does not have any more: that one line differs.
TEST_CASE("older files mean to Blender 3.4 what they are read as here") {
  const char* folder = std::getenv("GT_TOOLS_SCENES");
  if (folder == nullptr) {
    MESSAGE("skipped: GT_TOOLS_SCENES does not say where the scenes are");
    return;
  }
  const testing::TempDirectory directory;
  std::string arguments = "truth";
  for (const char* name : {"bmw27_cpu", "cube", "chessboard_400x400"}) {
    fs::copy_file(fs::path(folder) / (std::string(name) + ".blend"), directory / (std::string(name) + ".blend"));
    arguments += fmt::format(" /scenes/{0}.blend /scenes/{0}.truth", name);
  }
  REQUIRE_MESSAGE(run_blender(directory.path(), arguments) == 0, testing::contents(directory / "log"));
  for (const char* name : {"bmw27_cpu", "cube", "chessboard_400x400"}) {
    std::string got = listing_of(directory / (std::string(name) + ".blend"));
    const std::string gone = "engine BLENDER_RENDER\n";
    if (const std::size_t at = got.find(gone); at != std::string::npos) got.replace(at, gone.size(), "engine BLENDER_EEVEE\n");
    CHECK(got == testing::contents(directory / (std::string(name) + ".truth")));
  }
}

}  // namespace
}  // namespace gt::blend

int main(int argc, char** argv) {
  if (std::system("docker image inspect golem/blender >/dev/null 2>&1") != 0) {
    std::puts("skipped: there is no engine with golem/blender");
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
