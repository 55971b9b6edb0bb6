#include "lib/run/render_task.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/run/fake_runner.h"
#include "tests/unit/run/picture.h"
#include "tests/unit/run/scratch.h"

namespace fs = std::filesystem;
using gt::docker::JobSpec;
using gt::docker::WaitResult;
using gt::run::FakeRunner;
using gt::run::Scratch;
using gt::run::Stop;
using gt::run::StopFlag;

namespace {

struct Silent : gt::run::Observer {
  void on_event(const gt::run::Event&) override {}
  void on_finding(const gt::Finding&) override {}
};

struct Fixture {
  Scratch scratch;
  gt::task::Definition task = still_task(scratch);
  gt::render::PlanOptions options;
  FakeRunner runner;
  StopFlag stop{Stop::None};
  gt::Clobber clobber = gt::Clobber::Replace;

  Fixture() {
    runner.container = [](const JobSpec& spec) {
      gt::run::write_strip(spec);
      return WaitResult{};
    };
  }
  std::string run() {
    gt::run::RenderRequest request;
    request.plan = gt::render::make_plan(task, options);
    request.files = gt::run::find_task_files(task, {});
    request.common.owner = {::geteuid(), ::getegid(), false};
    request.common.limits.jobs = 2;
    request.run_directory = scratch / "out.run";
    request.output = scratch / "out.png";
    request.clobber = clobber;
    Silent silent;
    try {
      gt::run::render_task(std::move(request), runner, silent, stop);
    } catch (const gt::Error& error) {
      return std::string(gt::to_string(error.code()));
    }
    return "no error";
  }
  // Every file below the scratch directory, for what a run leaves behind.
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(scratch / "")) {
      if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(scratch / ""));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
};

}  // namespace

TEST_CASE("strips of containers become the picture, and only it and the logs stay") {
  Fixture f;
  REQUIRE(f.run() == "no error");
  const int fd = ::open((f.scratch / "out.png").c_str(), O_RDONLY);
  gt::picture::PngReader reader(fd);
  CHECK(reader.header().size.height == 6);
  std::vector<std::uint8_t> row(reader.header().row_bytes());
  for (std::int64_t y = 0; y < 6; ++y) {
    reader.read_row(row);
    CHECK(row == gt::run::picture_row(y, row.size()));
  }
  ::close(fd);
  CHECK(f.left() == std::vector<std::string>{"out.png", "out.run/gt-run", "out.run/subtasks/001/stderr.log",
                                             "out.run/subtasks/001/stdout.log", "out.run/subtasks/002/stderr.log",
                                             "out.run/subtasks/002/stdout.log", "out.run/subtasks/003/stderr.log",
                                             "out.run/subtasks/003/stdout.log", "scene/a.blend"});
}

TEST_CASE("the scene that a container sees is a read-only copy") {
  Fixture f;
  f.runner.container = [](const JobSpec& spec) {
    CHECK(spec.params["scene_file"] == "/golem/resources/a.blend");
    CHECK(gt::Input::read(spec.resources_dir / "a.blend").bytes() == "x");
    gt::run::write_strip(spec);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
}

TEST_CASE("after a failure the output is as it was, and only logs are new") {
  Fixture f;
  f.scratch.make("out.png", "before");
  f.runner.container = [](const JobSpec& spec) {
    gt::write_file(spec.work_dir / "garbage", "x");
    return WaitResult{.end = WaitResult::End::Exited, .exit_code = 7};
  };
  CHECK(f.run() == "run.container-failed");
  CHECK(gt::Input::read(f.scratch / "out.png").bytes() == "before");
  for (const std::string& name : f.left()) {
    CAPTURE(name);
    CHECK((name == "out.png" || name == "scene/a.blend" || name == "out.run/gt-run" || name.find(".log") != std::string::npos));
  }
}

TEST_CASE("a stop while files are staged starts no container") {
  Fixture f;
  f.stop = Stop::Interrupt;
  CHECK(f.run() == "run.interrupted");
  CHECK(f.runner.started.empty());
  CHECK(f.left() == std::vector<std::string>{"out.run/gt-run", "scene/a.blend"});
}

TEST_CASE("a picture that exists is replaced, or refused before anything starts") {
  Fixture f;
  f.scratch.make("out.png", "before");
  f.clobber = gt::Clobber::Refuse;
  CHECK(f.run() == "file.exists");
  CHECK(f.runner.started.empty());
  CHECK_FALSE(fs::exists(f.scratch / "out.run"));
  f.clobber = gt::Clobber::Replace;
  CHECK(f.run() == "no error");
}

TEST_CASE("what a run needs may not lie where it removes files") {
  Fixture f;
  f.task.main_scene_file = f.scratch.make("out.run/resources/a.blend");
  f.task.resources.clear();
  CHECK(f.run() == "usage");
  CHECK(fs::exists(f.task.main_scene_file));
  CHECK(f.runner.started.empty());
}

TEST_CASE("a format that cannot be joined is copied as it is") {
  Fixture f;
  f.options.format = "EXR";
  f.options.strips = 1;
  const std::string picture("\x76\x2f\x31\x01 exr bytes \0 \xff", 19);
  f.runner.container = [&](const JobSpec& spec) {
    CHECK(spec.params["output_format"] == "OPEN_EXR");
    gt::write_file(spec.output_dir / "strip0001.exr", picture);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  CHECK(gt::Input::read(f.scratch / "out.png").bytes() == picture);
}
