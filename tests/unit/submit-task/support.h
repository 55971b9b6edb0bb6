// Runs that displays are told of, with a clock that stands still unless a test moves it.
#pragma once

#include <string>

#include "tests/support/small_plan.h"
#include "tools/submit-task/display.h"

namespace gt::submit {

inline run::RunPlan some_plan(std::vector<std::int64_t> frames, std::int64_t strips) {
  run::RunPlan out = testing::small_plan(std::move(frames), strips);
  out.limits.jobs = 2;
  return out;
}

// Tells a display what happens, as run::Progress would.
struct Teller {
  Display& display;
  const run::RunPlan& plan;
  std::int64_t finished = 0;
  std::int64_t running = 0;
  std::int64_t failed = 0;

  void tell(run::Event event) {
    using Kind = run::Event::Kind;
    if (event.subtask != 0) {
      event.frame = plan.plan.subtask(event.subtask).frame;
      event.rows = plan.plan.subtask(event.subtask).rows;
    }
    if (event.kind == Kind::Started) ++running;
    if (event.kind == Kind::Finished) ++finished;
    if (event.kind == Kind::Failed) ++failed;
    if (event.kind != Kind::Started && event.kind != Kind::Progress && event.kind != Kind::Published) --running;
    event.finished = finished;
    event.running = running;
    event.failed = failed;
    event.total = static_cast<std::int64_t>(plan.plan.subtasks.size());
    display.on_event(event);
  }
  void begin(std::string run_directory = "/tmp/out.png.run") {
    display.begin({.plan = plan,
                   .run_id = "0123",
                   .run_directory = std::move(run_directory),
                   .subtasks = static_cast<std::int64_t>(plan.plan.subtasks.size())});
  }
};

}  // namespace gt::submit
