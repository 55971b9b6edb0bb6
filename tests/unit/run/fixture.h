// A run of a small task with a fake engine: what a container does is a function.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "lib/run/render_task.h"
#include "tests/unit/run/fake_runner.h"
#include "tests/unit/run/picture.h"
#include "tests/unit/run/scratch.h"

namespace gt::run::testing {

namespace fs = std::filesystem;
using docker::JobSpec;
using docker::Stream;
using docker::WaitResult;
using docker::Wish;
using namespace std::chrono_literals;
using End = WaitResult::End;

struct Recorder : Observer {
  std::vector<Event> events;
  std::vector<gt::Finding> findings;
  void on_event(const Event& event) override { events.push_back(event); }
  void on_finding(const gt::Finding& finding) override { findings.push_back(finding); }
  std::vector<std::int64_t> subtasks(Event::Kind kind) const {
    std::vector<std::int64_t> out;
    for (const Event& event : events)
      if (event.kind == kind) out.push_back(event.subtask);
    std::sort(out.begin(), out.end());
    return out;
  }
};

using Numbers = std::vector<std::int64_t>;

inline std::string numbers_of(const JobSpec& spec) { return spec.labels.at("io.gt-tools.subtask"); }

inline WaitResult wait_for_end(const JobSpec& spec) {
  for (int i = 0; i < 2000; ++i) {
    if (spec.wish() != Wish::GoOn) return {.end = End::Cancelled, .exit_code = 137};
    std::this_thread::sleep_for(5ms);
  }
  return {};
}

// A still of 8 x 6 pixels in three strips, in one container unless a test says otherwise.
struct Fixture {
  Scratch scratch;
  gt::task::Definition task = still_task(scratch);
  gt::render::PlanOptions options;
  FakeRunner runner;
  Recorder recorder;
  StopFlag stop{Stop::None};
  RenderRequest request;
  RunOutcome outcome;

  Fixture() {
    request.owner = {::geteuid(), ::getegid(), false};
    request.run.limits.jobs = 1;
    request.context.run_id = "0123";
    request.run_directory = scratch / "out.run";
    request.run.output = scratch / "out.png";
    runner.container = [](const JobSpec& spec) {
      write_all(spec);
      return WaitResult{};
    };
  }
  std::string run() {
    RenderRequest now = request;
    now.run.plan = gt::render::make_plan(task, options);
    now.run.image = {.repository = "golem/blender", .tag = "latest", .id = runner.image_id};
    now.files = find_task_files(task, {});
    now.verification = task.verification;
    return submit(std::move(now));
  }
  std::string submit(RenderRequest now) {
    recorder = {};
    try {
      outcome = render_task(std::move(now), runner, recorder, stop);
    } catch (const gt::Error& error) {
      return std::string(gt::to_string(error.code())) + ": " + error.what();
    }
    return "no error";
  }
  void animate(std::vector<std::int64_t> frames, std::int64_t total) {
    task.use_frames = true;
    task.frames = std::move(frames);
    task.total_subtasks = total;
  }
  std::string logs(const std::string& name) const { return (scratch / ("out.run/containers/" + name)).string(); }
  // Every file below the scratch directory, for what a run leaves behind.
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(scratch / "")) {
      if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(scratch / ""));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  nlohmann::json report() const { return nlohmann::json::parse(gt::Input::read(scratch / "out.run/report.json").bytes()); }
};

// The rows of a picture are those of frame `frame`.
inline void check_picture(const fs::path& path, std::int64_t frame = 1) {
  const gt::Fd fd(::open(path.c_str(), O_RDONLY));
  REQUIRE(fd);
  const auto reader = gt::picture::open_rows(fd.get(), gt::picture::Kind::Png, {8, 6});
  std::vector<std::uint8_t> row(reader->header().row_bytes());
  for (std::int64_t y = 0; y < 6; ++y) {
    reader->read_row(row);
    CHECK(row == picture_row(y + 100 * (frame - 1), row.size()));
  }
  reader->finish();
}

}  // namespace gt::run::testing
