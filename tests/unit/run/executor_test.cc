#include "lib/run/executor.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <thread>

#include "lib/picture/join.h"
#include "tests/unit/run/fake_runner.h"
#include "tests/unit/run/picture.h"
#include "tests/unit/run/scratch.h"

using gt::docker::JobSpec;
using gt::docker::WaitResult;
using gt::run::Event;
using gt::run::Executor;
using gt::run::FakeRunner;
using gt::run::Scratch;
using gt::run::Stop;
using gt::run::StopFlag;
using namespace std::chrono_literals;

namespace {

struct Recorder : gt::run::Observer {
  std::vector<Event> events;
  std::vector<gt::Finding> findings;
  void on_event(const Event& event) override { events.push_back(event); }
  void on_finding(const gt::Finding& finding) override { findings.push_back(finding); }
  std::size_t count(Event::Kind kind) const {
    return static_cast<std::size_t>(
        std::count_if(events.begin(), events.end(), [&](const Event& e) { return e.kind == kind; }));
  }
};

// A run of three strips of an 8 x 6 picture.
struct Fixture {
  Scratch scratch;
  gt::render::Plan plan = gt::render::make_plan(still_task(scratch), {});
  gt::run::JobTemplate common;
  FakeRunner runner;
  Recorder recorder;
  StopFlag stop{Stop::None};

  Fixture() {
    common.owner = {::geteuid(), ::getegid(), false};
    common.limits.jobs = 2;
    common.run_id = "0123";
    runner.container = [](const JobSpec& spec) {
      gt::run::write_strip(spec);
      return WaitResult{};
    };
  }
  std::string run() {
    gt::run::RunDirectory directory(scratch / "out.run", common.owner, gt::run::Keep::Logs);
    try {
      Executor({plan, common, directory, runner, recorder, stop}).run();
    } catch (const gt::Error& error) {
      return std::string(gt::to_string(error.code())) + ": " + error.what();
    }
    return "no error";
  }
  std::string logs(const std::string& number) { return (scratch / ("out.run/subtasks/" + number)).string(); }
};

WaitResult wait_for_cancel(const JobSpec& spec) {
  for (int i = 0; i < 1000; ++i) {
    if (spec.wish() != gt::docker::Wish::GoOn) return {.end = WaitResult::End::Cancelled, .exit_code = 137};
    std::this_thread::sleep_for(10ms);
  }
  return {};
}

bool is_subtask(const JobSpec& spec, const std::string& number) { return spec.labels.at("io.gt-tools.subtask") == number; }

}  // namespace

TEST_CASE("every subtask runs once, no more at a time than jobs") {
  Fixture f;
  CHECK(f.run() == "no error");
  CHECK(f.runner.started.size() == 3);
  CHECK(f.runner.most_running <= 2);
  CHECK(f.recorder.count(Event::Kind::Started) == 3);
  CHECK(f.recorder.count(Event::Kind::Finished) == 3);
  CHECK(f.recorder.events.back().finished == 3);
  CHECK(f.recorder.events.back().running == 0);
}

TEST_CASE("a container is told its rows and what it may use") {
  Fixture f;
  f.common.limits.jobs = 1;
  f.common.limits.memory_bytes = 1 << 30;
  f.common.isolation.uid = 1234;
  f.common.limits.threads = 3;
  f.common.scene = "/golem/resources/a.blend";
  f.common.crop_script = "crop";
  f.common.script = "job";
  REQUIRE(f.run() == "no error");
  const JobSpec& spec = f.runner.started.at(1);
  CHECK(spec.script == "job");
  CHECK(
      spec.params.dump() ==
      R"({"scene_file":"/golem/resources/a.blend","script_src":"crop","output_basename":"strip","output_format":"PNG",)"
      R"("frames":[1],"resolution":[8,6],"rows":[2,4],"engine":"CYCLES","threads":3,"adaptive":"scene","compositing":"scene"})");
  CHECK(spec.isolation.memory_bytes == 1 << 30);
  CHECK(spec.isolation.pids == 512);
  CHECK(spec.isolation.cpus == 3);
  CHECK(spec.isolation.uid == 1234);
  CHECK(spec.labels.at("io.gt-tools.run") == "0123");
  CHECK(spec.labels.at("io.gt-tools.subtask") == "2");
  CHECK(spec.resources_dir == f.scratch / "out.run/resources");
}

TEST_CASE("a failed container stops the others and is told with its last words") {
  Fixture f;
  f.runner.stderr_text = "Traceback:\n  NameError\x07\n";
  f.runner.container = [](const JobSpec& spec) {
    if (!is_subtask(spec, "1")) return wait_for_cancel(spec);
    return WaitResult{.end = WaitResult::End::Exited, .exit_code = 1};
  };
  CHECK(f.run() == "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 1; its logs are in " +
                       f.logs("001") + ", stderr.log ends with:\n    Traceback:\n      NameError\\x07");
  CHECK(f.recorder.count(Event::Kind::Failed) == 1);
  CHECK(f.runner.started.size() <= 2);
  CHECK(f.recorder.events.back().running == 0);
}

TEST_CASE("each end of a container has its own error") {
  struct Row {
    WaitResult result;
    std::string text;
  };
  for (const Row& row :
       {Row{{.end = WaitResult::End::OutOfMemory, .exit_code = 137},
            "run.container-memory: subtask 1 of 3 (rows 0 to 1) needed more than its 64 MiB of memory (--memory SIZE "
            "allows more, --jobs 1 gives one container all there is)"},
        Row{{.end = WaitResult::End::TimedOut, .exit_code = 137},
            "run.container-timeout: subtask 1 of 3 (rows 0 to 1) took longer than 1.500 s (--subtask-timeout "
            "SECONDS allows more, 0 any time)"},
        Row{{.end = WaitResult::End::Killed, .exit_code = 137, .killer = WaitResult::Killer::OtherClient},
            "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 137 (killed), killed by another client "
            "of the engine"},
        Row{{.end = WaitResult::End::Killed, .exit_code = 143, .killer = WaitResult::Killer::Engine},
            "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 143, killed by a restart of the engine"},
        Row{{.end = WaitResult::End::EngineLost, .exit_code = 0},
            "engine.unreachable: subtask 1 of 3 (rows 0 to 1) was lost: the container engine stopped answering"},
        Row{{.end = WaitResult::End::Exited, .exit_code = 139},
            "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 139 (segmentation fault)"}}) {
    Fixture f;
    f.common.limits.jobs = 1;
    f.common.limits.memory_bytes = 64 << 20;
    f.common.limits.subtask_timeout = 1500ms;
    f.runner.container = [&](const JobSpec&) { return row.result; };
    CHECK(f.run() == row.text + "; its logs are in " + f.logs("001") + ", stderr.log is empty");
    CHECK(f.runner.started.size() == 1);
  }
}

TEST_CASE("exit code 0 is not success") {
  struct Row {
    std::function<void(const JobSpec&)> leave;
    std::string text;
  };
  const Row rows[] = {
      {[](const JobSpec&) {}, "strip0001.png: the container ended with exit code 0 but left no picture"},
      {[](const JobSpec& spec) { gt::write_file(spec.output_dir / "strip0001.png", "this is text"); },
       "strip0001.png: is text (this is text), PNG was expected"},
      {[](const JobSpec& spec) { gt::run::write_strip(spec, 3); },
       "strip0001.png: the picture has 8 x 3 pixels, it must have 8 x 2"},
      {[](const JobSpec& spec) { std::filesystem::create_symlink("/etc/passwd", spec.output_dir / "strip0001.png"); },
       "strip0001.png: is a symbolic link, not a regular file"},
  };
  for (const Row& row : rows) {
    Fixture f;
    f.common.limits.jobs = 1;
    f.runner.container = [&](const JobSpec& spec) {
      row.leave(spec);
      return WaitResult{};
    };
    CHECK(f.run() == "run.result-invalid: subtask 1 of 3 (rows 0 to 1): " + row.text + "; its logs are in " + f.logs("001") +
                         ", stderr.log is empty");
  }
}

TEST_CASE("a signal stops all containers") {
  for (const auto& [stop, text] : {std::pair{Stop::Interrupt, "run.interrupted: interrupted; no picture was written"},
                                   {Stop::Terminate, "run.terminated: terminated; no picture was written"}}) {
    Fixture f;
    f.runner.container = [&, signal = stop](const JobSpec& spec) {
      f.stop = signal;
      return wait_for_cancel(spec);
    };
    CHECK(f.run() == text);
    CHECK(f.runner.running == 0);
    CHECK(f.recorder.count(Event::Kind::Finished) == 0);
  }
}

TEST_CASE("the time of the whole task is kept") {
  Fixture f;
  f.common.limits.full_timeout = 50ms;
  f.runner.container = [](const JobSpec& spec) { return wait_for_cancel(spec); };
  CHECK(f.run() ==
        "run.container-timeout: the whole task took longer than 0.050 s; no picture was written; --timeout SECONDS "
        "allows more, 0 any time");
}

TEST_CASE("any exception of a subtask ends the run, not the process") {
  Fixture f;
  f.runner.container = [](const JobSpec&) -> WaitResult {
    throw gt::Error(gt::ErrorCode::EngineRefused, "no space left on device");
  };
  CHECK(f.run() == "engine.refused: no space left on device");
}

TEST_CASE("a container that could not be removed is a warning that says how to find it") {
  Fixture f;
  f.common.limits.jobs = 1;
  f.runner.container = [](const JobSpec& spec) {
    gt::run::write_strip(spec);
    if (is_subtask(spec, "2")) spec.on_remove_failure(gt::Error(gt::ErrorCode::EngineRefused, "device busy"));
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  REQUIRE(f.recorder.findings.size() == 1);
  CHECK(gt::to_string(f.recorder.findings[0]) ==
        "warning: a container was not removed: device busy; submit-task --reap removes it when this process has ended");
}

TEST_CASE("a second signal asks for a kill, the first for a stop") {
  using gt::docker::Wish;
  for (const auto& [stop, wish] : {std::pair{Stop::Interrupt, Wish::Stop},
                                   {Stop::Terminate, Wish::Stop},
                                   {Stop::InterruptNow, Wish::Kill},
                                   {Stop::TerminateNow, Wish::Kill}}) {
    Fixture f;
    Wish seen = Wish::GoOn;
    f.common.limits.jobs = 1;
    f.runner.container = [&, signal = stop](const JobSpec& spec) {
      CHECK(spec.wish() == Wish::GoOn);
      f.stop = signal;
      seen = spec.wish();
      return wait_for_cancel(spec);
    };
    const bool is_interrupt = stop == Stop::Interrupt || stop == Stop::InterruptNow;
    CHECK(f.run().starts_with(is_interrupt ? "run.interrupted: " : "run.terminated: "));
    CHECK(seen == wish);
  }
}

TEST_CASE("a log that was cut and one with a gap are told, and what the engine says of every container only once") {
  Fixture f;
  f.common.limits.jobs = 1;
  f.runner.log = {.left_out = 5, .may_have_gap = true};
  f.runner.findings = {{.message = "the engine warns: no swap limit"}};
  CHECK(f.run() == "no error");
  REQUIRE(f.recorder.findings.size() == 7);
  CHECK(gt::to_string(f.recorder.findings[0]) == "warning: the engine warns: no swap limit");
  CHECK(gt::to_string(f.recorder.findings[1]) == "warning: subtask 1: 5 bytes of its output were left out of the logs in " +
                                                     f.logs("001") + " (--log-limit SIZE keeps more)");
  CHECK(gt::to_string(f.recorder.findings[2]) ==
        "warning: subtask 1: the engine was away for a time, and part of the output may be missing from the logs in " +
            f.logs("001"));
}
