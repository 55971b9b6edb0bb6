#include "tools/submit-task/run_view.h"

#include <doctest/doctest.h>

#include "tests/unit/submit-task/support.h"
#include "tools/submit-task/status_block.h"

namespace gt::submit {
namespace {

using namespace std::chrono_literals;
using Kind = run::Event::Kind;

struct Fixture {
  run::RunPlan plan = some_plan({1}, 6);
  RunView view;
  Clock::time_point now{};
  std::int64_t finished = 0;

  Fixture() { view.begin({.plan = plan, .run_id = {}, .run_directory = {}, .subtasks = 6}, now); }
  void start(std::int64_t subtask) {
    view.take({.kind = Kind::Started, .subtask = subtask, .finished = finished, .total = 6}, now);
  }
  void finish(std::int64_t subtask, std::chrono::milliseconds elapsed) {
    now += elapsed;
    view.take({.kind = Kind::Finished, .subtask = subtask, .finished = ++finished, .total = 6, .elapsed = elapsed}, now);
  }
  std::string left() const {
    const auto time = view.remaining(now);
    return time ? std::to_string(time->count()) : "unknown";
  }
};

TEST_CASE("what remains is said by what the finished subtasks took, and not before") {
  Fixture f;
  f.start(1);
  f.now += 5s;
  CHECK(f.left() == "unknown");
  f.finish(1, 10s);
  CHECK(f.left() == "50000");
  f.start(2);
  // Without a word of Blender's, by the time that it has taken; never quite done.
  f.now += 5s;
  CHECK(f.left() == "45000");
  f.now += 60s;
  CHECK(f.left() == "40500");
  // Blender's own percentage counts more.
  f.view.take({.kind = Kind::Progress, .subtask = 2, .percent = 20, .finished = 1, .total = 6}, f.now);
  CHECK(f.left() == "48000");
  CHECK(f.view.part_done() == doctest::Approx(1.2 / 6));
  // 10 s, then 20 s: the newest counts for three tenths.
  f.finish(2, 20s);
  CHECK(f.left() == "52000");
}

TEST_CASE("two at a time take half as long, until one is left") {
  Fixture f;
  f.start(1);
  f.start(2);
  f.finish(1, 10s);
  f.start(3);
  CHECK(f.left() == "20250");  // (5 - 0.95) * 10 s / 2
  f.finish(2, 10s);
  for (const std::int64_t subtask : {3, 4, 5}) f.finish(subtask, 10s);
  CHECK(f.left() == "10000");
  f.finish(6, 10s);
  CHECK(f.left() == "unknown");
}

TEST_CASE("subtasks that an earlier run had done say nothing of the time, and failed ones are not waited for") {
  Fixture f;
  f.finished = 3;
  f.start(4);
  CHECK(f.left() == "unknown");
  f.finish(4, 4s);
  CHECK(f.left() == "8000");
  f.view.take({.kind = Kind::Failed, .subtask = 5, .cause = run::Cause::Killed, .finished = 4, .failed = 1, .total = 6}, f.now);
  CHECK(f.left() == "4000");
  CHECK(f.view.last_trouble() == 5);
  CHECK(f.view.last_cause() == run::Cause::Killed);
}

TEST_CASE("times as people read them") {
  struct Row {
    std::chrono::milliseconds time;
    std::string clock;
    std::string about;
  };
  const Row rows[] = {
      {0ms, "0:00", "a few seconds"},     {9999ms, "0:09", "a few seconds"},      {10s, "0:10", "about 10 s"},
      {44s, "0:44", "about 40 s"},        {54999ms, "0:54", "about 50 s"},        {55s, "0:55", "about 1 min"},
      {89s, "1:29", "about 1 min"},       {3min, "3:00", "about 3 min"},          {55min - 1ms, "54:59", "about 55 min"},
      {55min, "55:00", "about 1 h"},      {70min, "1:10:00", "about 1 h 10 min"}, {125min + 5s, "2:05:05", "about 2 h 10 min"},
      {100h, "100:00:00", "about 100 h"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.time.count());
    CHECK(clock_text(row.time) == row.clock);
    CHECK(about_text(row.time) == row.about);
  }
}

}  // namespace
}  // namespace gt::submit
