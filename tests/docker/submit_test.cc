// submit-task against a real engine and a real Blender. Skipped (exit code 77) without them.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <thread>

#include "lib/docker/engine.h"
#include "lib/picture/rows.h"
#include "tests/docker/submit_call.h"

namespace fs = std::filesystem;
using gt::run::Scratch;
using gt::run::Stop;
using gt::task::Definition;
using gt::testing::Call;
using gt::testing::docker_host;
using gt::testing::OwnedRunner;
using namespace std::chrono_literals;

namespace {

const fs::path k_scene = gt::testing::k_blocks;

Definition blocks(const std::string& output) { return gt::testing::blocks_task(output); }

struct Picture {
  std::string type;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<std::uint8_t> pixels;
};

Picture read_picture(const fs::path& path, gt::picture::Size size = {96, 54}) {
  const gt::Fd fd(::open(path.c_str(), O_RDONLY));
  const auto kind = gt::picture::find_kind(path.extension().string()).value();
  const auto reader = gt::picture::open_rows(fd.get(), kind, size);
  const auto& header = reader->header();
  Picture picture{gt::picture::to_string(header.layout), header.size.width, header.size.height, {}};
  std::vector<std::uint8_t> row(header.row_bytes());
  for (std::int64_t y = 0; y < header.size.height; ++y) {
    reader->read_row(row);
    picture.pixels.insert(picture.pixels.end(), row.begin(), row.end());
  }
  reader->finish();
  return picture;
}

// A task that runs this Python text as its own script.
Definition own_script(const Scratch& scratch, std::string_view text) {
  Definition d = blocks(scratch / "out.png");
  d.main_program_file = scratch.make("mine/script.py", text);
  d.docker_images = {{.repository = "golem/base", .tag = "latest", .id = {}}};
  return d;
}

std::vector<std::string> left(const Scratch& scratch) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(scratch / "")) {
    if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(scratch / ""));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("stitched strips equal the picture of one container, in every pixel and channel") {
  const Scratch scratch;
  Call whole{.definition = blocks(scratch / "whole.png")};
  REQUIRE_MESSAGE(whole.run({"--strips", "1"}) == 0, whole.err.str());
  const Picture expected = read_picture(scratch / "whole.png");
  CHECK(expected.width == 96);
  CHECK(expected.height == 54);
  CHECK(std::count(expected.pixels.begin(), expected.pixels.end(), expected.pixels[0]) <
        static_cast<std::ptrdiff_t>(expected.pixels.size()));
  for (const std::string strips : {"2", "5", "7"}) {
    Call call{.definition = blocks(scratch / ("strips" + strips))};
    REQUIRE_MESSAGE(call.run({"--strips", strips}) == 0, call.err.str());
    CHECK(call.out.str() == (scratch / ("strips" + strips + ".png\n")).string());
    const Picture got = read_picture(scratch / ("strips" + strips + ".png"));
    CHECK(got.type == expected.type);
    CHECK(got.height == expected.height);
    CHECK_MESSAGE(got.pixels == expected.pixels, strips << " strips differ from the whole picture");
    CHECK(call.containers() == 0);
  }
}

// Real scenes of 2015-2016 that are not part of the project: GT_TOOLS_SCENES says where they are.
TEST_CASE("strips of the classic scenes equal the picture of one container") {
  const char* folder = std::getenv("GT_TOOLS_SCENES");
  if (folder == nullptr) {
    MESSAGE("skipped: GT_TOOLS_SCENES does not say where the scenes are");
    return;
  }
  struct Row {
    const char* scene;
    std::vector<std::string> options;
  };
  const Row rows[] = {{"bmw27_cpu.blend", {"--compositing", "off", "--adaptive", "off", "--engine-override", "scene"}},
                      {"cube.blend", {"--adaptive", "off", "--engine-override", "scene"}},
                      {"chessboard_400x400.blend", {"--engine-override", "scene"}}};
  for (const Row& row : rows) {
    CAPTURE(row.scene);
    const Scratch scratch;
    std::vector<Picture> pictures;
    for (const char* strips : {"1", "3"}) {
      Call call{.definition = blocks(scratch / (std::string(strips) + ".png"))};
      call.definition.main_scene_file = (fs::path(folder) / row.scene).string();
      call.definition.resources = {call.definition.main_scene_file};
      call.definition.resolution = {48, 27};
      std::vector<std::string> arguments = row.options;
      arguments.insert(arguments.end(), {"--strips", strips});
      INFO(call.err.str());
      REQUIRE(call.run(arguments) == 0);
      pictures.push_back(read_picture(scratch / (std::string(strips) + ".png"), {48, 27}));
    }
    CHECK(pictures[0].type == pictures[1].type);
    CHECK(pictures[0].width == 48);
    CHECK(pictures[1].height == 27);
    CHECK(pictures[0].pixels == pictures[1].pixels);
  }
}

TEST_CASE("a run leaves the picture and the logs, and they belong to the user who called sudo") {
  const Scratch scratch;
  Call call{.definition = blocks(scratch / "out.png")};
  if (::geteuid() == 0) call.owner = {.uid = 1234, .gid = 1235, .is_other = true};
  REQUIRE_MESSAGE(call.run({"--quiet"}) == 0, call.err.str());
  CHECK(call.err.str().empty());
  CHECK(left(scratch) == std::vector<std::string>{"out.png", "out.png.run/containers/00001-1/stderr.log",
                                                  "out.png.run/containers/00001-1/stdout.log", "out.png.run/gt-run",
                                                  "out.png.run/preview.png", "out.png.run/report.html",
                                                  "out.png.run/report.json"});
  for (const auto& entry : fs::recursive_directory_iterator(scratch / "")) {
    struct stat info {};
    REQUIRE(::stat(entry.path().c_str(), &info) == 0);
    CAPTURE(entry.path().string());
    CHECK(info.st_uid == call.owner.uid);
  }
}

TEST_CASE("a scene that is missing inside is the script's own error") {
  const Scratch scratch;
  Call call{.definition = blocks(scratch / "out.png")};
  call.definition.main_scene_file = "/home/ania/blocks/blocks.blend";
  CHECK(call.run({}) == 4);
  CHECK(call.err.str() ==
        "submit-task: the scene /home/ania/blocks/blocks.blend is not here; give --map /home/ania/blocks=DIR\n");
  Call mapped{.definition = blocks(scratch / "out.png")};
  mapped.definition.main_scene_file = "/home/ania/blocks/blocks.blend";
  CHECK(mapped.run({"--map", "/home/ania/blocks=" + k_scene.parent_path().string()}) == 0);
}

TEST_CASE("a scene that is no scene is refused before anything starts") {
  const Scratch scratch;
  Call call{.definition = blocks(scratch / "out.png")};
  call.definition.main_scene_file = scratch.make("a.blend", "this is no scene\n");
  CHECK(call.run({}) == 1);
  CHECK(call.err.str() == "submit-task: " + call.definition.main_scene_file +
                              ": byte 0: it begins with \"this is no s\", not with \"BLENDER\"\n");
  CHECK(call.containers() == 0);
  CHECK_FALSE(fs::exists(scratch / "out.png"));
}

TEST_CASE("an image that is missing is named before anything starts") {
  const Scratch scratch;
  Call call{.definition = blocks(scratch / "out.png")};
  CHECK(call.run({"--image", "golem/blender=no/such:image"}) == 4);
  CHECK(call.err.str() ==
        "submit-task: the engine has no image no/such:image; pull or build one of them; --image OLD=NEW takes one of another "
        "name\n");
  CHECK(left(scratch).empty());
}

TEST_CASE("the task's own script runs as it is, with the parameters") {
  const Scratch scratch;
  Call call{.definition = own_script(scratch, R"(
import params, sys
sys.stderr.write("rows %r of %r\n" % (params.rows, params.resolution))
sys.exit(9)
)")};
  call.definition.total_subtasks = 1;
  CHECK(call.run({}) == 3);
  const std::string logs = (scratch / "out.png.run/containers/00001-1").string();
  CHECK(call.err.str().find("submit-task: subtask 1 of 1 (rows 0 to 53) ended with exit code 9; its logs are in " + logs +
                            ", stderr.log ends with:\n    rows [0, 54] of [96, 54]\n") != std::string::npos);
  CHECK(gt::Input::read(logs + "/stderr.log").bytes() == "rows [0, 54] of [96, 54]\n");
  CHECK(call.containers() == 0);
  CHECK(fs::exists(scratch / "out.png.run/plan"));
}

TEST_CASE("a Python task: its program reads its resources, and what it leaves is there, but for links") {
  const Scratch scratch;
  Call call;
  call.definition.class_name = "gnr.gnrtaskstate.GNRTaskDefinition";
  call.definition.main_program_file =
      scratch.make("task/sum.py",
                   "import os\n"
                   "numbers = open('/golem/resources/data/d.csv').read().split(',')\n"
                   "os.mkdir('/golem/output/sums')\n"
                   "open('/golem/output/sums/all.txt', 'w').write(str(sum(map(int, numbers))))\n"
                   "os.symlink('/etc/passwd', '/golem/output/passwd')\n");
  call.definition.resources = {scratch.make("task/data/d.csv", "1,2,4")};
  REQUIRE_MESSAGE(call.run({"--output", scratch / "out"}) == 0, call.err.str());
  CHECK(call.out.str() == (scratch / "out").string() + "\n");
  CHECK(gt::Input::read(scratch / "out/sums/all.txt").bytes() == "7");
  CHECK_FALSE(fs::exists(fs::symlink_status(scratch / "out/passwd")));
  CHECK(call.err.str().find("passwd is a symbolic link") != std::string::npos);
  CHECK(call.containers() == 0);
}

TEST_CASE("what a container says shows line by line, with its stream and subtask, when its logger is at debug level") {
  const Scratch scratch;
  const std::string script = "import sys\nprint('Fra:1 Mem:12.3M')\nsys.stderr.write('oops\\n')\nsys.exit(9)\n";
  const std::string ini = scratch.make("logging.ini",
                                       "[loggers]\nkeys=root,job\n[logger_root]\nlevel=WARNING\n[logger_job]\nlevel=DEBUG\n"
                                       "qualname=golem.task.docker.job.container\npropagate=1\n");
  for (const bool is_on : {true, false}) {
    Call call{.definition = own_script(scratch, script)};
    CHECK(call.run(is_on ? std::vector<std::string>{"--strips", "1", "--log-config", ini}
                         : std::vector<std::string>{"--strips", "1"}) == 3);
    const std::string err = call.err.str();
    INFO(err);
    CHECK((err.find("[golem.task.docker.job.container    ] subtask 1 stdout: Fra:1 Mem:12.3M\n") != std::string::npos) ==
          is_on);
    CHECK((err.find("[golem.task.docker.job.container    ] subtask 1 stderr: oops\n") != std::string::npos) == is_on);
    CHECK(gt::Input::read(scratch / "out.png.run/containers/00001-1/stdout.log").bytes() == "Fra:1 Mem:12.3M\n");
    CHECK(gt::Input::read(scratch / "out.png.run/containers/00001-1/stderr.log").bytes() == "oops\n");
  }
}

TEST_CASE("exit code 0 with a wrong result is a failure") {
  for (const auto& [script, text] :
       {std::pair{"pass", "left no picture"},
        {"open('/golem/output/strip0001.png', 'w').write('this is text')", "is text (this is text), PNG was expected"},
        {"import os; os.symlink('/etc/passwd', '/golem/output/strip0001.png')", "is a symbolic link"},
        {"import os; os.mkfifo('/golem/output/strip0001.png')", "is a pipe, not a regular file"}}) {
    const Scratch scratch;
    Call call{.definition = own_script(scratch, script)};
    CHECK(call.run({}) == 3);
    INFO(call.err.str());
    CHECK(call.err.str().find(text) != std::string::npos);
    CHECK_FALSE(fs::exists(scratch / "out.png"));
  }
}

TEST_CASE("a container that takes too long is ended") {
  const Scratch scratch;
  Call call{.definition = own_script(scratch, "import time; time.sleep(60)")};
  CHECK(call.run({"--subtask-timeout", "1.5"}) == 3);
  CHECK(call.err.str().find("took longer than 1.500 s") != std::string::npos);
  CHECK(call.containers() == 0);
}

TEST_CASE("a stop ends every container and removes what was temporary") {
  for (const auto& [stop, code] : {std::pair{Stop::Interrupt, 130}, {Stop::Terminate, 143}}) {
    const Scratch scratch;
    Call call{.definition = own_script(scratch, "import time; time.sleep(60)")};
    std::jthread user([&, signal = stop] {
      for (int i = 0; i < 300 && call.containers() < 2; ++i) std::this_thread::sleep_for(50ms);
      call.stop = signal;
    });
    CHECK(call.run({}) == code);
    user.join();
    CHECK(call.containers() == 0);
    for (const std::string& name : left(scratch)) {
      CAPTURE(name);
      CHECK((name == "mine/script.py" || name.find("/resources/") == std::string::npos));
    }
  }
}

TEST_CASE("memory beyond the limit is called so") {
  const Scratch scratch;
  Call call{.definition = own_script(scratch, "x = bytearray(6 << 30)\nfor i in range(0, len(x), 4096): x[i] = 1")};
  CHECK(call.run({"--jobs", "2"}) == 3);
  INFO(call.err.str());
  CHECK(call.err.str().find("needed more than its 4096 MiB of memory") != std::string::npos);
}

// The program itself, since signals are wired in its main.
struct Process {
  pid_t pid = -1;

  Process(const Scratch& scratch, const std::string& scenes) : pid(::fork()) {
    if (pid != 0) return;
    const gt::Fd log(::open((scratch / "log").c_str(), O_WRONLY | O_CREAT, 0644));
    ::dup2(log.get(), STDERR_FILENO);
    ::dup2(log.get(), STDOUT_FILENO);
    const std::string map = "/home/ania/blocks=" + scenes;
    const std::string output = scratch / "out.png";
    ::execl(GT_SUBMIT_TASK, GT_SUBMIT_TASK, "samples/blocks/blocks.gt", "--map", map.c_str(), "--output", output.c_str(),
            nullptr);
    ::_exit(127);
  }
  std::vector<gt::docker::ContainerInfo> containers() const {
    gt::docker::Engine engine({.host = docker_host()});
    return engine.list_containers({{"io.gt-tools.owner-pid", std::to_string(pid)}});
  }
  void wait_for_containers() const {
    for (int i = 0; i < 400 && containers().empty(); ++i) std::this_thread::sleep_for(50ms);
  }
  int wait() const {
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
};

TEST_CASE("the saved sample becomes a picture, by the program itself") {
  const Scratch scratch;
  const Process process(scratch, k_scene.parent_path());
  CHECK(process.wait() == 0);
  CHECK(process.containers().empty());
  const std::string log(gt::Input::read(scratch / "log").bytes());
  INFO(log);
  CHECK(log.find("\n" + (scratch / "out.png").string() + "\n") != std::string::npos);
  CHECK(read_picture(scratch / "out.png", {480, 270}).width == 480);
}

TEST_CASE("Ctrl-C and SIGTERM end the program and its containers") {
  for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
    const Scratch scratch;
    const Process process(scratch, k_scene.parent_path());
    process.wait_for_containers();
    ::kill(process.pid, signal);
    CHECK(process.wait() == code);
    CHECK(process.containers().empty());
    CHECK_FALSE(fs::exists(scratch / "out.png"));
    CHECK_FALSE(fs::exists(scratch / "out.png.run/resources"));
  }
}

int main(int argc, char** argv) {
  try {
    OwnedRunner runner;
    for (const char* name : {"golem/base", "golem/blender"}) {
      if (runner.find_image({.repository = name, .tag = "latest", .id = {}})) continue;
      std::cout << "skipped: there is no image " << name << "; ./dev images makes it\n";
      return 77;
    }
  } catch (const gt::Error& error) {
    std::cout << "skipped: " << error.what() << '\n';
    return 77;
  }
  if (!fs::exists(k_scene)) {
    std::cout << "skipped: there is no " << k_scene << '\n';
    return 77;
  }
  gt::docker::Engine engine({.host = docker_host()});
  return gt::testing::run_and_reap(engine, [&] { return doctest::Context(argc, argv).run(); });
}
