#include "lib/docker/create_body.h"

#include <functional>

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

const char* const k_socket = "/run/nowhere/docker.sock";
const EngineInfo k_engine{.memory_bytes = 5'000'000'000, .cpus = 8, .has_init = true};

ordered_json body_of(const JobSpec& spec) { return create_body(spec, k_engine, k_socket); }

TEST_CASE("the engine is told everything that isolates, and nothing else") {
  const Directories directories;
  JobSpec spec = directories.spec();
  spec.isolation = {.uid = 1000, .gid = 1001, .pids = 64, .tmp_bytes = 1 << 20, .log_bytes = 1 << 30};
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
        {"ReadonlyRootfs", true},
        {"CapDrop", {"ALL"}},
        {"SecurityOpt", {"no-new-privileges"}},
        {"Tmpfs", {{"/tmp", "rw,nosuid,nodev,size=1048576"}}},
        {"Init", true},
        {"Memory", 5'000'000'000},
        {"MemorySwap", 5'000'000'000},
        {"PidsLimit", 64},
        {"Ulimits", {{{"Name", "core"}, {"Soft", 0}, {"Hard", 0}}, {{"Name", "nofile"}, {"Soft", 4096}, {"Hard", 4096}}}},
        {"LogConfig", {{"Type", "json-file"}, {"Config", {{"max-size", "1073741824"}, {"max-file", "1"}}}}}}}};
  CHECK(body_of(spec).dump(2) == expected.dump(2));
}

TEST_CASE("each part of the isolation is an option") {
  const Directories directories;
  struct Row {
    const char* what;
    std::function<void(Isolation&)> change;
    ordered_json gone;   // keys that are not there then
    ordered_json there;  // what is there
  };
  const Row rows[] = {
      {"network", [](Isolation& i) { i.network = "bridge"; }, {}, {{"NetworkMode", "bridge"}}},
      {"capabilities", [](Isolation& i) { i.drop_capabilities = false; }, {"CapDrop"}, {}},
      {"privileges", [](Isolation& i) { i.no_new_privileges = false; }, {"SecurityOpt"}, {}},
      {"root", [](Isolation& i) { i.read_only_root = false; }, {}, {{"ReadonlyRootfs", false}}},
      {"init", [](Isolation& i) { i.init = false; }, {"Init"}, {}},
      {"memory", [](Isolation& i) { i.memory_bytes = 64 << 20; }, {}, {{"Memory", 64 << 20}, {"MemorySwap", 64 << 20}}},
      {"no memory limit", [](Isolation& i) { i.memory_bytes = 0; }, {"Memory", "MemorySwap"}, {}},
      {"cpus", [](Isolation& i) { i.cpus = 1.5; }, {}, {{"NanoCpus", 1'500'000'000}}},
      {"all cpus", [](Isolation& i) { i.cpus = 8; }, {"NanoCpus"}, {}},
      {"more cpus than there are", [](Isolation& i) { i.cpus = 99; }, {"NanoCpus"}, {}},
      {"no cpu limit", [](Isolation& i) { i.cpus = 0; }, {"NanoCpus"}, {}},
      {"no pids limit", [](Isolation& i) { i.pids = 0; }, {"PidsLimit"}, {}},
      {"ulimits",
       [](Isolation& i) {
         i.ulimits = {{"fsize", 10, -1}};
       },
       {},
       {{"Ulimits", {{{"Name", "fsize"}, {"Soft", 10}, {"Hard", -1}}}}}},
      {"runtime", [](Isolation& i) { i.runtime = "nvidia"; }, {}, {{"Runtime", "nvidia"}}},
      {"all gpus",
       [](Isolation& i) { i.gpus = "all"; },
       {},
       {{"DeviceRequests", {{{"Driver", ""}, {"Capabilities", {{"gpu"}}}, {"Count", -1}}}}}},
      {"some gpus",
       [](Isolation& i) { i.gpus = "device=0,GPU-a"; },
       {},
       {{"DeviceRequests", {{{"Driver", ""}, {"Capabilities", {{"gpu"}}}, {"DeviceIDs", {"0", "GPU-a"}}}}}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    JobSpec spec = directories.spec();
    row.change(spec.isolation);
    const ordered_json host = body_of(spec).at("HostConfig");
    for (const auto& key : row.gone) CHECK_FALSE(host.contains(key.get<std::string>()));
    for (const auto& item : row.there.items()) {
      CAPTURE(item.key());
      CHECK(host.at(item.key()).dump() == item.value().dump());
    }
  }
  CHECK_FALSE(create_body(directories.spec(), {}, k_socket).at("HostConfig").contains("Init"));  // the engine has none
}

TEST_CASE("GPUs are all, a number, or ids") {
  CHECK(gpu_request("all").count == -1);
  CHECK(gpu_request("2").count == 2);
  CHECK(gpu_request("device=1").ids == std::vector<std::string>{"1"});
  for (const char* bad : {"", "0", "-1", "2x", "device=", "device=1,", "device=,1", "All", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(error_of([&] { gpu_request(bad); }) ==
          std::string("usage: '") + bad +
              "' names no GPUs; give all, a number, or device=ID,ID (IDs as nvidia-smi -L lists them)");
  }
}

TEST_CASE("a link is not mounted where the container may write") {
  const Directories directories;
  for (const bool is_work : {true, false}) {
    JobSpec spec = directories.spec();
    const fs::path link = directories.at(is_work ? "link-to-work" : "link-to-output");
    fs::create_directory_symlink(spec.resources_dir, link);
    (is_work ? spec.work_dir : spec.output_dir) = link;
    CHECK(error_of([&] { body_of(spec); }) == "usage: " + link.string() +
                                                  ": is a symbolic link, which is not mounted as /golem/" +
                                                  (is_work ? "work" : "output") + "; name another directory");
  }
}

TEST_CASE("the engine's socket is not handed to a container") {
  const Directories directories;
  const JobSpec spec = directories.spec();
  for (const char* place : {"work", "resources", "out:put"}) {
    const std::string error = error_of([&] { create_body(spec, k_engine, directories.at(place) + "/run/docker.sock"); });
    CHECK(error ==
          "usage: " + directories.at(place) +
              ": holds the engine's socket, through which a container could command the engine; name another directory");
  }
  JobSpec root = directories.spec();
  root.resources_dir = "/";
  CHECK(error_of([&] { body_of(root); }).starts_with("usage: /: holds the engine's socket"));
}

TEST_CASE("links to a directory are resolved, since the engine mounts what the caller saw") {
  const Directories directories;
  JobSpec spec = directories.spec();
  fs::create_directory_symlink(spec.resources_dir, spec.work_dir / "link");
  spec.resources_dir = spec.work_dir / "link";
  CHECK(body_of(spec)["HostConfig"]["Mounts"][1]["Source"] == directories.at("resources"));
}

TEST_CASE("what cannot be mounted is named with where it was to be") {
  const Directories directories;
  JobSpec spec = directories.spec();
  const std::string missing = directories.at("missing");
  spec.resources_dir = missing;
  CHECK(error_of([&] { body_of(spec); }) ==
        "file.not-found: " + missing + ": cannot mount this directory as /golem/resources: No such file or directory");
  const std::string file = directories.at("file");
  testing::write_text(file, "");
  spec.resources_dir = file;
  CHECK(error_of([&] { body_of(spec); }) ==
        "system.error: " + file + ": cannot mount this as /golem/resources: Not a directory");
  const std::string latin = directories.at("caf\xe9");
  fs::create_directory(latin);
  spec.resources_dir = latin;
  CHECK(error_of([&] { body_of(spec); }).find("its name is not UTF-8") != std::string::npos);
}

TEST_CASE("in a rootless engine the caller is number 0, and nobody else is") {
  const Directories directories;
  JobSpec spec = directories.spec();
  EngineInfo rootless = k_engine;
  rootless.is_rootless = true;
  spec.isolation = {};
  CHECK(create_body(spec, rootless, k_socket)["User"] == "0:0");
  CHECK(body_of(spec)["User"] == std::to_string(::geteuid()) + ":" + std::to_string(::getegid()));
  spec.isolation.uid = ::geteuid() + 1;
  CHECK(create_body(spec, rootless, k_socket)["User"] == body_of(spec)["User"]);
}

}  // namespace
}  // namespace gt::docker
