#include "tests/unit/run/fixture.h"

using namespace gt::run::testing;
using gt::run::Cause;
using gt::run::Event;
using gt::run::Scratch;
using gt::run::Stop;

TEST_CASE("strips become the picture; it, the logs and the report stay") {
  Fixture f;
  REQUIRE(f.run() == "no error");
  check_picture(f.scratch / "out.png");
  CHECK(f.outcome.pictures == std::vector<fs::path>{f.scratch / "out.png"});
  CHECK(f.left() == std::vector<std::string>{"out.png", "out.run/containers/00001-1/stderr.log",
                                             "out.run/containers/00001-1/stdout.log", "out.run/gt-run", "out.run/preview.png",
                                             "out.run/report.html", "out.run/report.json", "scene/a.blend"});
  CHECK(f.recorder.subtasks(Event::Kind::Finished) == Numbers{1, 2, 3});
  CHECK(f.recorder.events.back().running == 0);
}

TEST_CASE("strips of a still share one container, frames are dealt out to as many as there may be at a time") {
  Fixture f;
  CHECK(f.run() == "no error");
  REQUIRE(f.runner.started.size() == 1);
  CHECK(numbers_of(f.runner.started[0]) == "1-3");
  Fixture g;
  g.animate({1, 2, 3, 4, 5}, 5);
  g.request.run.limits.jobs = 2;
  CHECK(g.run() == "no error");
  REQUIRE(g.runner.started.size() == 2);
  std::vector<std::string> groups = {numbers_of(g.runner.started[0]), numbers_of(g.runner.started[1])};
  std::sort(groups.begin(), groups.end());
  CHECK(groups == std::vector<std::string>{"1,3,5", "2,4"});
  for (const std::int64_t frame : {1, 2, 3, 4, 5})
    check_picture(
        f.scratch / "" / ".." / g.outcome.pictures[0].parent_path().filename() / ("out000" + std::to_string(frame) + ".png"),
        frame);
  CHECK(g.outcome.pictures.size() == 5);
}

TEST_CASE("a container is told its subtasks and what it may use") {
  Fixture f;
  f.request.run.limits.memory_bytes = 1 << 30;
  f.request.run.limits.threads = 3;
  f.request.run.isolation.uid = 1234;
  f.request.run.crop_script = "crop";
  f.request.run.script = "job";
  f.runner.container = [&](const JobSpec& spec) {
    CHECK(gt::Input::read(spec.resources_dir / "a.blend").bytes() == "x");
    CHECK_THROWS_AS(gt::write_file(spec.resources_dir / "none/a.blend", "y"), gt::Error);
    gt::run::write_all(spec);
    return WaitResult{};
  };
  REQUIRE(f.run() == "no error");
  const JobSpec& spec = f.runner.started.at(0);
  CHECK(spec.script == "job");
  const nlohmann::ordered_json second = {{"number", 2},         {"frame", 1},
                                         {"rows", {2, 4}},      {"columns", {0, 8}},
                                         {"name", "00002.png"}, {"mark", "gt-tools subtask 2 frame 1 rows 2-4 of 6"}};
  CHECK(spec.params["subtasks"][1].dump() == second.dump());
  nlohmann::ordered_json rest = spec.params;
  rest.erase("subtasks");
  CHECK(rest.dump() == R"({"scene_file":"/golem/resources/a.blend","script_src":"crop","output_format":"PNG",)"
                       R"("resolution":[8,6],"engine":"CYCLES","threads":3,"adaptive":"scene","compositing":"scene"})");
  CHECK(spec.isolation.memory_bytes == 1 << 30);
  CHECK(spec.isolation.pids == 512);
  CHECK(spec.isolation.cpus == 3);
  CHECK(spec.isolation.uid == 1234);
  CHECK(spec.image.id == "sha256:1");
  CHECK(spec.labels.at("io.gt-tools.run") == "0123");
}

TEST_CASE("a failed strip ends a still, is told with its last words, and leaves the output as it was") {
  Fixture f;
  f.scratch.make("out.png", "before");
  f.runner.stderr_text = "Traceback:\n  NameError\x07\n";
  f.runner.container = [](const JobSpec& spec) {
    gt::run::write_piece(spec, 0);
    gt::write_file(spec.work_dir / "garbage", "x");
    std::this_thread::sleep_for(250ms);
    return WaitResult{.end = End::Exited, .exit_code = 1};
  };
  CHECK(f.run() == "run.container-failed: subtask 2 of 3 (rows 2 to 3) ended with exit code 1; its logs are in " +
                       f.logs("00001-1") + ", stderr.log ends with:\n    Traceback:\n      NameError\\x07");
  CHECK(f.runner.started.size() == 1);
  CHECK(gt::Input::read(f.scratch / "out.png").bytes() == "before");
  CHECK(f.recorder.subtasks(Event::Kind::Finished) == Numbers{1});
  CHECK(f.recorder.subtasks(Event::Kind::Failed) == Numbers{2});
  // What is good stays for the next run.
  CHECK(fs::exists(f.scratch / "out.run/results/00001.png"));
  CHECK_FALSE(fs::exists(f.scratch / "out.run/resources"));
  CHECK_FALSE(fs::exists(f.scratch / "out.run/containers/00001-1/work"));
}

TEST_CASE("the same command goes on where the run ended: no finished subtask again") {
  Fixture f;
  f.runner.container = [](const JobSpec& spec) {
    gt::run::write_piece(spec, 0);
    gt::run::write_piece(spec, 1);
    std::this_thread::sleep_for(250ms);
    return WaitResult{.end = End::Exited, .exit_code = 4};
  };
  CHECK(f.run().starts_with("run.container-failed: subtask 3 of 3"));
  f.runner.container = [](const JobSpec& spec) {
    gt::run::write_all(spec);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  REQUIRE(f.runner.started.size() == 2);
  CHECK(numbers_of(f.runner.started[1]) == "3");
  CHECK(f.outcome.from_before == 2);
  check_picture(f.scratch / "out.png");
  // A run that has succeeded is over: the same command renders anew.
  CHECK(f.run() == "no error");
  CHECK(numbers_of(f.runner.started.back()) == "1-3");
}

TEST_CASE("a result that was lost or changed meanwhile is rendered again") {
  for (const bool is_gone : {true, false}) {
    Fixture f;
    f.runner.container = [](const JobSpec& spec) {
      gt::run::write_piece(spec, 0);
      std::this_thread::sleep_for(250ms);
      return WaitResult{.end = End::Exited, .exit_code = 4};
    };
    CHECK(f.run() != "no error");
    const fs::path result = f.scratch / "out.run/results/00001.png";
    if (is_gone) {
      fs::remove(result);
    } else {
      gt::write_file(result, "cut");
    }
    f.runner.container = [](const JobSpec& spec) {
      gt::run::write_all(spec);
      return WaitResult{};
    };
    CHECK(f.run() == "no error");
    CHECK(numbers_of(f.runner.started.back()) == "1-3");
    check_picture(f.scratch / "out.png");
  }
}

TEST_CASE("what changed since an unfinished run began is named, and --restart gives it up") {
  struct Row {
    std::function<void(Fixture&)> change;
    std::string text;
  };
  const Row rows[] = {
      {[](Fixture& f) { f.scratch.make("scene/a.blend", "another scene"); }, "/scene/a.blend has changed"},
      {[](Fixture& f) { f.task.resources.push_back(f.scratch.make("scene/b.png")); }, "/scene/b.png is new"},
      {[](Fixture& f) { f.runner.image_id = "sha256:2"; }, "the image golem/blender:latest has changed"},
      {[](Fixture& f) { f.options.strips = 2; }, "what is to be rendered has changed"},
      {[](Fixture& f) { f.request.run.script = "another"; }, "the script that runs in the containers has changed"},
      {[](Fixture& f) { f.request.run.inputs = {{.name = "the task", .size = 1, .sha256 = "b"}}; }, "the task has changed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Fixture f;
    f.request.run.inputs = {{.name = "the task", .size = 1, .sha256 = "a"}};
    f.runner.container = [](const JobSpec& spec) {
      gt::run::write_piece(spec, 0);
      return WaitResult{.end = End::Exited, .exit_code = 4};
    };
    CHECK(f.run() != "no error");
    row.change(f);
    const std::string error = f.run();
    CHECK_MESSAGE(error.starts_with("run.changed: "), error);
    CHECK_MESSAGE(error.find(row.text) != std::string::npos, error);
    CHECK(f.runner.started.size() == 1);
    f.request.restart = true;
    f.runner.container = [](const JobSpec& spec) {
      gt::run::write_all(spec);
      return WaitResult{};
    };
    CHECK(f.run() == "no error");
  }
}

TEST_CASE("plan and state are shown as JSON, in the words of the reports") {
  Fixture f;
  f.runner.container = [](const JobSpec& spec) {
    gt::run::write_piece(spec, 0);
    return WaitResult{.end = End::Exited, .exit_code = 3};
  };
  CHECK(f.run() != "no error");
  const gt::run::RunPlan plan = gt::run::read_run_plan(f.scratch / "out.run/plan");
  const gt::run::RunDirectory directory(f.scratch / "out.run", f.request.owner, gt::run::Keep::Everything,
                                        gt::run::Use::Shared);
  const nlohmann::json shown = nlohmann::json::parse(to_json(plan, {directory.record(1), directory.record(2)}));
  CHECK(shown["run"]["plan"]["renderer"] == "Blender");
  CHECK(shown["run"]["plan"]["subtasks"][2]["step"] == "strip");
  CHECK(shown["state"][0]["attempts"][0]["cause"] == "done");
  CHECK(shown["state"][1]["attempts"][0]["cause"] == "scene failed");
  CHECK(shown["state"][1]["attempts"][0]["exit_code"] == 3);
}

TEST_CASE("limits may change from run to run") {
  Fixture f;
  f.runner.container = [](const JobSpec&) { return WaitResult{.end = End::Exited, .exit_code = 4}; };
  CHECK(f.run() != "no error");
  f.request.run.limits.jobs = 3;
  f.request.run.limits.memory_bytes = 123 << 20;
  f.request.run.isolation.pids = 7;
  f.runner.container = [](const JobSpec& spec) {
    gt::run::write_all(spec);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  CHECK(f.runner.started.back().isolation.pids == 7);
}

TEST_CASE("causes: what is tried again, with what, and what is not") {
  struct Row {
    WaitResult end;
    std::size_t containers;
    std::string text;
  };
  const std::string logs = "; its logs are in ";
  const Row rows[] = {
      {{.end = End::Exited, .exit_code = 139},
       3,
       "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 139 (segmentation fault)"},
      {{.end = End::Killed, .exit_code = 137, .killer = WaitResult::Killer::OtherClient},
       3,
       "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 137 (killed), killed by another client of the "
       "engine"},
      {{.end = End::Killed, .exit_code = 143, .killer = WaitResult::Killer::Engine},
       3,
       "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 143 (terminated), killed by a restart of the "
       "engine"},
      {{.end = End::EngineLost},
       3,
       "engine.unreachable: subtask 1 of 3 (rows 0 to 1) was lost: the container engine stopped answering"},
      // 64, 128 and 200 MiB.
      {{.end = End::OutOfMemory, .exit_code = 137},
       3,
       "run.container-memory: subtask 1 of 3 (rows 0 to 1) needed more than its 200 MiB of memory (--memory SIZE allows more, "
       "--jobs 1 gives one container all there is)"},
      {{.end = End::Exited, .exit_code = 4}, 1, "run.container-failed: subtask 1 of 3 (rows 0 to 1) ended with exit code 4"},
      {{.end = End::Exited, .exit_code = 6}, 1, "run.result-invalid: subtask 1 of 3 (rows 0 to 1) ended with exit code 6"},
      {{.end = End::Exited, .exit_code = 0},
       1,
       "run.result-invalid: subtask 1 of 3 (rows 0 to 1): the container ended with exit code 0 but left no picture"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Fixture f;
    f.request.run.limits.memory_bytes = 64 << 20;
    f.request.run.limits.most_memory_bytes = 200 << 20;
    f.runner.container = [&](const JobSpec&) { return row.end; };
    const std::string error = f.run();
    CHECK_MESSAGE(error.starts_with(row.text + logs), error);
    // The others, which were not reached, are rendered meanwhile, or not at all.
    const auto of_first = std::count_if(f.runner.started.begin(), f.runner.started.end(),
                                        [](const JobSpec& spec) { return spec.params["subtasks"][0]["number"] == 1; });
    CHECK(static_cast<std::size_t>(of_first) == row.containers);
    CHECK(f.report()["subtasks"][0]["attempts"].size() == row.containers);
  }
}

TEST_CASE("another try after an unexplained death is no failure") {
  Fixture f;
  std::atomic<int> count = 0;
  f.runner.container = [&](const JobSpec& spec) {
    if (++count == 1) {
      gt::run::write_piece(spec, 0);
      std::this_thread::sleep_for(250ms);
      return WaitResult{.end = End::Exited, .exit_code = 139};
    }
    gt::run::write_all(spec);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  check_picture(f.scratch / "out.png");
  REQUIRE(f.runner.started.size() == 3);
  CHECK(numbers_of(f.runner.started[0]) == "1-3");
  // The one that it was at alone, the other by itself.
  CHECK(numbers_of(f.runner.started[1]) == "2");
  CHECK(numbers_of(f.runner.started[2]) == "3");
  CHECK(f.recorder.subtasks(Event::Kind::Retried) == Numbers{2});
  const nlohmann::json report = f.report();
  CHECK(report["outcome"] == "done");
  CHECK(report["subtasks"][1]["attempts"][0]["cause"] == "killed");
  CHECK(report["subtasks"][1]["attempts"][1]["cause"] == "done");
  CHECK(report["subtasks"][2]["attempts"].size() == 1);
}

TEST_CASE("what the engine refuses is tried again; what concerns the whole run ends it") {
  Fixture f;
  f.runner.container = [](const JobSpec&) -> WaitResult { throw gt::Error(gt::ErrorCode::EngineRefused, "device busy"); };
  CHECK(f.run().starts_with("engine.unreachable: subtask 1 of 3 (rows 0 to 1)device busy"));
  CHECK(f.runner.started.size() >= 3);
  Fixture g;
  g.runner.container = [](const JobSpec&) -> WaitResult { throw gt::Error(gt::ErrorCode::ImageMissing, "no such image"); };
  CHECK(g.run() == "engine.image-missing: no such image");
  CHECK(g.runner.started.size() == 1);
}

TEST_CASE("a frame that fails does not take the others with it") {
  Fixture f;
  f.animate({1, 2, 3}, 3);
  f.runner.container = [](const JobSpec& spec) {
    for (std::size_t i = 0; i < gt::run::count_of(spec); ++i) {
      const auto number = spec.params["subtasks"][i]["number"].get<int>();
      spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask " + std::to_string(number) + " begins");
      if (number == 2) {
        spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 2 failed: No camera");
      } else {
        gt::run::write_piece(spec, i);
      }
    }
    return WaitResult{.end = End::Exited, .exit_code = 8};
  };
  CHECK(f.run() == "no error");
  REQUIRE(f.outcome.losses.size() == 1);
  CHECK(f.outcome.losses[0].cause == Cause::RenderFailed);
  CHECK(f.outcome.losses[0].message ==
        "subtask 2 of 3 (frame 2): No camera; its logs are in " + f.logs("00001-1") + ", stderr.log is empty");
  check_picture(f.scratch / "out0001.png", 1);
  check_picture(f.scratch / "out0003.png", 3);
  CHECK_FALSE(fs::exists(f.scratch / "out0002.png"));
}

TEST_CASE("each wrong result has its own cause, and a good one passes") {
  struct Row {
    std::function<void(const JobSpec&)> leave;
    std::string cause;
    std::string text;
  };
  const auto other = [](const JobSpec& spec) { return spec.output_dir / "00001.png"; };
  const Row rows[] = {
      {[](const JobSpec&) {}, "no result", "the container ended with exit code 0 but left no picture"},
      {[=](const JobSpec& spec) { gt::write_file(other(spec), "this is text"); }, "wrong format", "00001.png: is text"},
      {[](const JobSpec& spec) { gt::run::write_piece(spec, 0, 3); }, "wrong size",
       "00001.png: the picture has 8 x 3 pixels, it must have 8 x 2"},
      {[=](const JobSpec& spec) { fs::create_symlink("/etc/passwd", other(spec)); }, "not a file",
       "00001.png: is a symbolic link, not a regular file"},
      {[=](const JobSpec& spec) { fs::create_directory(other(spec)); }, "not a file", "00001.png: is a directory"},
      {[=](const JobSpec& spec) {
         gt::run::write_piece(spec, 0);
         fs::resize_file(other(spec), fs::file_size(other(spec)) - 9);
       },
       "damaged", "00001.png: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Fixture f;
    f.options.strips = 3;
    f.runner.container = [&](const JobSpec& spec) {
      row.leave(spec);
      return WaitResult{};
    };
    const std::string error = f.run();
    CHECK_MESSAGE(error.find("subtask 1 of 3 (rows 0 to 1): " + row.text) != std::string::npos, error);
    CHECK(f.report()["subtasks"][0]["attempts"][0]["cause"] == row.cause);
  }
}

TEST_CASE("lines of Blender that mean failure count, although a picture is there") {
  Fixture f;
  f.runner.container = [](const JobSpec& spec) {
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 1 begins");
    gt::run::write_piece(spec, 0);
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 2 begins");
    spec.live_log.on_line(Stream::Stderr, "CUDA error: Out of memory in cuMemAlloc");
    gt::run::write_piece(spec, 1);
    gt::run::write_piece(spec, 2);
    return WaitResult{};
  };
  CHECK(f.run().starts_with(
      "run.result-invalid: subtask 2 of 3 (rows 2 to 3): the graphics card failed: CUDA error: Out of memory in cuMemAlloc"));
  CHECK(f.report()["subtasks"][1]["attempts"].back()["cause"] == "failure in the log");
  CHECK(f.report()["subtasks"][0]["state"] == "done");
}

TEST_CASE("a subtask that takes too long is ended; the time begins anew with each result") {
  Fixture f;
  f.request.run.limits.subtask_timeout = 600ms;
  f.runner.container = [](const JobSpec& spec) {
    for (std::size_t i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(400ms);
      gt::run::write_piece(spec, i);
    }
    return wait_for_end(spec);
  };
  const std::string error = f.run();
  CHECK_MESSAGE(error.starts_with("run.container-timeout: subtask 3 of 3 (rows 4 to 5) took longer than 0.600 s "
                                  "(--subtask-timeout SECONDS allows more, 0 any time)"),
                error);
  CHECK(f.runner.started.size() == 1);
}

TEST_CASE("the time of the whole task is kept") {
  Fixture f;
  f.request.run.limits.full_timeout = 50ms;
  f.runner.container = [](const JobSpec& spec) { return wait_for_end(spec); };
  CHECK(f.run() ==
        "run.container-timeout: the whole task took longer than 0.050 s; --timeout SECONDS allows more, 0 any "
        "time; the same command goes on from here");
}

TEST_CASE("a signal stops all containers, the second kills them, and the run can go on") {
  for (const auto& [stop, wish, text] : {std::tuple{Stop::Interrupt, Wish::Stop, "run.interrupted: interrupted"},
                                         {Stop::Terminate, Wish::Stop, "run.terminated: terminated"},
                                         {Stop::InterruptNow, Wish::Kill, "run.interrupted: interrupted"},
                                         {Stop::TerminateNow, Wish::Kill, "run.terminated: terminated"}}) {
    Fixture f;
    Wish seen = Wish::GoOn;
    f.runner.container = [&, signal = stop](const JobSpec& spec) {
      CHECK(spec.wish() == Wish::GoOn);
      gt::run::write_piece(spec, 0);
      std::this_thread::sleep_for(250ms);
      f.stop = signal;
      seen = spec.wish();
      return wait_for_end(spec);
    };
    CHECK(f.run() == text);
    CHECK(seen == wish);
    CHECK(f.runner.running == 0);
    f.stop = Stop::None;
    f.runner.container = [](const JobSpec& spec) {
      gt::run::write_all(spec);
      return WaitResult{};
    };
    CHECK(f.run() == "no error");
    CHECK(numbers_of(f.runner.started.back()) == "2-3");
  }
}

TEST_CASE("a stop while files are staged starts no container") {
  Fixture f;
  f.stop = Stop::Interrupt;
  CHECK(f.run() == "run.interrupted: interrupted");
  CHECK(f.runner.started.empty());
  CHECK(f.left() == std::vector<std::string>{"out.run/gt-run", "scene/a.blend"});
}

TEST_CASE("a picture that exists is replaced, or refused before anything starts") {
  Fixture f;
  f.scratch.make("out.png", "before");
  f.request.clobber = gt::Clobber::Refuse;
  CHECK(f.run() ==
        "file.exists: " + (f.scratch / "out.png").string() + ": the picture exists already, and --no-clobber was given");
  CHECK(f.runner.started.empty());
  f.request.clobber = gt::Clobber::Replace;
  CHECK(f.run() == "no error");
}

TEST_CASE("what a run needs may not lie where it removes files") {
  Fixture f;
  f.task.main_scene_file = f.scratch.make("out.run/resources/a.blend");
  f.task.resources.clear();
  CHECK(f.run().starts_with("usage: "));
  CHECK(fs::exists(f.task.main_scene_file));
  CHECK(f.runner.started.empty());
}

TEST_CASE("a frame is published, and the preview drawn, when the script is done with it, while its container goes on") {
  Fixture f;
  f.animate({1, 2}, 1);
  bool was_published = false;
  bool was_there_at_once = false;
  f.runner.container = [&](const JobSpec& spec) {
    const fs::path first = f.scratch / "out0001.png";
    gt::run::write_piece(spec, 0);
    std::this_thread::sleep_for(250ms);
    was_there_at_once = fs::exists(first);  // the script has not said that it is done
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 1 begins");
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 1 is done");
    for (int i = 0; i < 2000 && !was_published; ++i) {
      std::this_thread::sleep_for(5ms);
      was_published = fs::exists(first) && fs::exists(f.scratch / "out.run/preview.png");
    }
    gt::run::write_piece(spec, 1);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  CHECK(was_published);
  CHECK_FALSE(was_there_at_once);
  CHECK(f.runner.started.size() == 1);
  CHECK(f.outcome.pictures.size() == 2);
}

TEST_CASE("what the script has not come to is not looked for until its container has ended") {
  Fixture f;
  f.runner.container = [&f](const JobSpec& spec) {
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 2 begins");
    gt::run::write_all(spec);
    std::this_thread::sleep_for(350ms);
    CHECK(f.recorder.subtasks(Event::Kind::Finished) == Numbers{1, 2});
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  CHECK(f.recorder.subtasks(Event::Kind::Finished) == Numbers{1, 2, 3});
}

TEST_CASE("a line of Blender that means failure keeps a frame from being published early") {
  Fixture f;
  f.animate({1, 2}, 1);
  f.runner.container = [&](const JobSpec& spec) {
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 1 begins");
    gt::run::write_piece(spec, 0);
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 1 is done");
    spec.live_log.on_line(Stream::Stderr, "CUDA error: out of memory");
    std::this_thread::sleep_for(900ms);
    spec.live_log.on_line(Stream::Stdout, "gt-tools: subtask 2 begins");
    gt::run::write_piece(spec, 1);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  REQUIRE(f.outcome.losses.size() == 1);
  CHECK(f.outcome.losses[0].cause == Cause::LogSaysFailure);
  CHECK_FALSE(fs::exists(f.scratch / "out0001.png"));
  CHECK(fs::exists(f.scratch / "out0002.png"));
}

TEST_CASE("a task's own script has a container for each subtask, and the old program's names") {
  Fixture f;
  f.request.run.is_own_script = true;
  f.request.run.limits.jobs = 2;
  f.runner.container = [](const JobSpec& spec) {
    CHECK(spec.params["output_basename"] == "strip");
    CHECK(spec.params["frames"] == nlohmann::ordered_json{1});
    CHECK(spec.params["rows"] == spec.params["subtasks"][0]["rows"]);
    CHECK(spec.params["subtasks"][0]["name"] == "strip0001.png");
    gt::run::write_all(spec);
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  CHECK(f.runner.started.size() == 3);
  CHECK(f.runner.most_running <= 2);
  check_picture(f.scratch / "out.png");
}

TEST_CASE("a container that could not be removed, a log that was cut, and what the engine says are told once") {
  Fixture f;
  f.runner.log = {.left_out = 5, .may_have_gap = true};
  f.runner.findings = {{.message = "the engine warns: no swap limit"}};
  f.animate({1, 2}, 2);
  f.request.run.limits.jobs = 2;
  f.runner.container = [](const JobSpec& spec) {
    gt::run::write_all(spec);
    if (numbers_of(spec) == "2") spec.on_remove_failure(gt::Error(gt::ErrorCode::EngineRefused, "device busy"));
    return WaitResult{};
  };
  CHECK(f.run() == "no error");
  std::vector<std::string> texts;
  for (const gt::Finding& finding : f.recorder.findings) texts.push_back(gt::to_string(finding));
  std::sort(texts.begin(), texts.end());
  REQUIRE(texts.size() == 6);
  CHECK(texts[0] ==
        "warning: a container was not removed: device busy; submit-task --reap removes it when this process has ended");
  CHECK(texts[1] == "warning: subtask 1 of 2 (frame 1): 5 bytes of its output were left out of the logs in " +
                        f.logs("00001-1") + " (--log-limit SIZE keeps more)");
  CHECK(texts[2] ==
        "warning: subtask 1 of 2 (frame 1): the engine was away for a time, and part of the output may be missing "
        "from the logs in " +
            f.logs("00001-1"));
  CHECK(texts[5] == "warning: the engine warns: no swap limit");
}

TEST_CASE("verification renders boxes again, and a result that comes out otherwise has failed") {
  for (const bool is_honest : {true, false}) {
    Fixture f;
    f.task.verification = {.which = gt::task::Verification::Which::ForAll, .box_size = {3, 2}};
    f.runner.container = [&](const JobSpec& spec) {
      const bool is_box =
          spec.params["subtasks"][0]["columns"][1].get<int>() - spec.params["subtasks"][0]["columns"][0].get<int>() == 3;
      if (is_box && !is_honest) {
        nlohmann::ordered_json moved = spec.params;
        JobSpec other = spec;
        for (auto& piece : other.params["subtasks"]) piece["frame"] = 2;
        gt::run::write_all(other);
      } else {
        gt::run::write_all(spec);
      }
      return WaitResult{};
    };
    const std::string error = f.run();
    if (is_honest) {
      CHECK(error == "no error");
      REQUIRE(f.runner.started.size() == 2);
      for (const auto& piece : f.runner.started[1].params["subtasks"]) {
        CHECK(piece["columns"][1].get<int>() - piece["columns"][0].get<int>() == 3);
        CHECK(piece["rows"][1].get<int>() - piece["rows"][0].get<int>() == 2);
      }
      const nlohmann::json report = f.report();
      for (const auto& subtask : report["subtasks"]) CHECK(subtask["result"]["is_verified"] == true);
    } else {
      CHECK_MESSAGE(
          error.starts_with("run.result-invalid: subtask 1 of 3 (rows 0 to 1): rendered again, 6 of 6 pixels of a box differ"),
          error);
      CHECK_FALSE(fs::exists(f.scratch / "out.png"));
      CHECK(f.report()["subtasks"][0]["attempts"].back()["cause"] == "not verified");
    }
  }
}

TEST_CASE("subtasks are rendered from the run directory alone, and collected by the same command") {
  Fixture f;
  gt::run::RenderRequest now = f.request;
  now.run.plan = gt::render::make_plan(f.task, f.options);
  now.run.image = {.repository = "golem/blender", .tag = "latest", .id = f.runner.image_id};
  now.files = gt::run::find_task_files(f.task, {});
  gt::run::prepare_task(now, f.stop);
  const fs::path moved = f.scratch / "elsewhere.run";
  fs::rename(f.scratch / "out.run", moved);
  const auto render = [&](const Numbers& numbers) {
    try {
      gt::run::render_subtasks(moved, numbers, {.run_id = "9"}, f.runner, f.recorder, f.stop);
    } catch (const gt::Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(render({2}) == "no error");
  CHECK(render({1, 2, 3}) == "no error");  // the second is done
  REQUIRE(f.runner.started.size() == 2);
  CHECK(numbers_of(f.runner.started[0]) == "2");
  CHECK(numbers_of(f.runner.started[1]) == "1,3");
  CHECK(f.runner.started[0].resources_dir == moved / "resources");
  CHECK(render({4}) == "there is no subtask 4, the plan has 3");
  f.request.run_directory = moved;
  CHECK(f.run() == "no error");
  CHECK(f.runner.started.size() == 2);
  CHECK(f.outcome.from_before == 3);
  check_picture(f.scratch / "out.png");
}
