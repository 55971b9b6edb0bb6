#include "lib/docker/create_body.h"

#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using nlohmann::ordered_json;
using testing::error_of;
using testing::TemporaryDirectory;
namespace fs = std::filesystem;

class Directories {
 public:
  Directories() {
    for (const char* name : {"resources", "work", "out:put"}) fs::create_directory(root_.path() / name);
  }
  JobSpec spec() const {
    return {.image = testing::image("golem/blender"),
            .resources_dir = root_.path() / "resources",
            .work_dir = root_.path() / "work",
            .output_dir = root_.path() / "out:put"};
  }
  std::string at(const char* name) const { return (root_.path() / name).string(); }

 private:
  TemporaryDirectory root_;
};

TEST_CASE("the engine is told everything that isolates, and nothing else") {
  const Directories directories;
  JobSpec spec = directories.spec();
  spec.isolation = {
      .uid = 1000, .gid = 1001, .memory_bytes = 5'000'000'000, .pids = 64, .tmp_bytes = 1 << 20, .log_bytes = 1 << 30};
  spec.labels = {{"io.gt-tools.run", "r1"}, {"io.gt-tools.project", "someone else's"}};
  const ordered_json expected = {
      {"Image", "golem/blender:latest"},
      {"Entrypoint", {"/usr/bin/python"}},
      {"Cmd", {"/golem/work/job.py"}},
      {"WorkingDir", "/golem/work"},
      {"User", "1000:1001"},
      {"Env", {"HOME=/tmp", "PYTHONDONTWRITEBYTECODE=1"}},
      {"Labels", {{"io.gt-tools.project", "gt-tools"}, {"io.gt-tools.run", "r1"}}},
      {"HostConfig",
       {{"Mounts",
         {{{"Type", "bind"}, {"Source", directories.at("work")}, {"Target", "/golem/work"}, {"ReadOnly", false}},
          {{"Type", "bind"}, {"Source", directories.at("resources")}, {"Target", "/golem/resources"}, {"ReadOnly", true}},
          {{"Type", "bind"}, {"Source", directories.at("out:put")}, {"Target", "/golem/output"}, {"ReadOnly", false}}}},
        {"NetworkMode", "none"},
        {"Memory", 5'000'000'000},
        {"MemorySwap", 5'000'000'000},
        {"PidsLimit", 64},
        {"ReadonlyRootfs", true},
        {"CapDrop", {"ALL"}},
        {"SecurityOpt", {"no-new-privileges"}},
        {"Tmpfs", {{"/tmp", "rw,nosuid,nodev,size=1048576"}}},
        {"Init", true},
        {"LogConfig", {{"Type", "json-file"}, {"Config", {{"max-size", "1073741824"}, {"max-file", "1"}}}}}}}};
  CHECK(create_body(spec, InitProcess::Available).dump(2) == expected.dump(2));
}

TEST_CASE("without a limit no memory is named, without an init program none is asked for") {
  const Directories directories;
  const ordered_json host = create_body(directories.spec(), InitProcess::Missing).at("HostConfig");
  CHECK_FALSE(host.contains("Memory"));
  CHECK_FALSE(host.contains("MemorySwap"));
  CHECK_FALSE(host.contains("Init"));
  CHECK(host.at("PidsLimit") == 512);
}

TEST_CASE("links to a directory are resolved, since the engine mounts what the caller saw") {
  const Directories directories;
  JobSpec spec = directories.spec();
  fs::create_directory_symlink(spec.resources_dir, spec.work_dir / "link");
  spec.resources_dir = spec.work_dir / "link";
  CHECK(create_body(spec, InitProcess::Missing)["HostConfig"]["Mounts"][1]["Source"] == directories.at("resources"));
}

TEST_CASE("what cannot be mounted is named with where it was to be") {
  const Directories directories;
  JobSpec spec = directories.spec();
  const std::string missing = directories.at("missing");
  spec.resources_dir = missing;
  CHECK(error_of([&] { create_body(spec, InitProcess::Missing); }) ==
        "file.not-found: " + missing + ": cannot mount this directory as /golem/resources: No such file or directory");
  const std::string file = directories.at("file");
  testing::write_text(file, "");
  spec.resources_dir = file;
  CHECK(error_of([&] { create_body(spec, InitProcess::Missing); }) ==
        "system.error: " + file + ": cannot mount this as /golem/resources: Not a directory");
  const std::string latin = directories.at("caf\xe9");
  fs::create_directory(latin);
  spec.resources_dir = latin;
  CHECK(error_of([&] { create_body(spec, InitProcess::Missing); }).find("its name is not UTF-8") != std::string::npos);
}

}  // namespace
}  // namespace gt::docker
