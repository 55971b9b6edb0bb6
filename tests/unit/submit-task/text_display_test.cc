#include "tools/submit-task/text_display.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <thread>

#include "tests/unit/submit-task/screen.h"
#include "tests/unit/submit-task/support.h"
#include "tools/submit-task/ticker.h"

namespace gt::submit {
namespace {

using namespace std::chrono_literals;
using Kind = run::Event::Kind;
using Lines = std::vector<std::string>;

// So that a failed check shows them.
std::string text_of(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

// What wraps leaves a blank at a line's end, or does not.
std::string without_blanks(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines)
    std::copy_if(line.begin(), line.end(), std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

// A display on a terminal of that size, and a run that it is told of.
struct Fixture {
  Screen screen;
  ScreenBuffer buffer{screen};
  std::ostream err{&buffer};
  std::ostringstream out;
  TerminalSize size;
  Clock::time_point now{};
  run::RunPlan plan;
  TextDisplay display;
  Teller teller{display, plan};

  Fixture(int columns, int rows, run::RunPlan of, StatusStyle style = StatusStyle::Terminal)
      : screen(static_cast<std::size_t>(columns), static_cast<std::size_t>(rows)),
        size{columns, rows},
        plan(std::move(of)),
        display({.streams = {out, err}, .style = style, .clock = [this] { return now; }, .size = [this] { return size; }}) {}

  // 12 strips or frames; of 1 and 2 both are under way, and half of the second is done when the third begins.
  void run_on() {
    teller.begin();
    start(1);
    start(2);
    now += 4s;
    teller.tell({.kind = Kind::Progress, .subtask = 2, .percent = 50});
    finish(1);
    start(3);
    now += 1s;
    teller.tell({.kind = Kind::Progress, .subtask = 3, .percent = 9});
  }
  void start(std::int64_t subtask) { teller.tell({.kind = Kind::Started, .subtask = subtask}); }
  void finish(std::int64_t subtask) { teller.tell({.kind = Kind::Finished, .subtask = subtask, .elapsed = 4s}); }
  void end() {
    display.rendered({.pictures = {}, .run_directory = "/tmp/out.run"});
    display.end({});
  }
};

const Lines k_announcement = {"rendering 96 x 60 pixels, 12 strips, 2 containers at a time, with golem/blender:", "latest"};

Lines after(Lines first, const Lines& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

TEST_CASE("a block at each width and height") {
  struct Row {
    int columns;
    int rows;
    Lines block;
  };
  const Row rows[] = {
      {80,
       24,
       {"[#####-----------------------------------] 1/12 strips",  //
        "subtask 2   50%   0:05  rows 5 to 9",                     //
        "subtask 3    9%   0:01  rows 10 to 14",                   //
        "0:05, about 20 s left"}},
      {40,
       24,
       {"[###----------------------] 1/12 strips",  //
        "subtask 2   50%   0:05  rows 5 to 9",      //
        "subtask 3    9%   0:01  rows 10 to 14",    //
        "0:05, about 20 s left"}},
      {20, 24, {"[-----] 1/12 strips", "#2   50%   0:05", "#3    9%   0:01", "0:05, about 20 s le"}},
      {80,
       5,
       {"[#####-----------------------------------] 1/12 strips",  //
        "subtask 2   50%   0:05  rows 5 to 9",                     //
        "subtask 3    9%   0:01  rows 10 to 14",                   //
        "0:05, about 20 s left"}},
      {80, 4, {"[#####-----------------------------------] 1/12 strips", "0:05, about 20 s left"}},
      {80, 2, {"[#####-----------------------------------] 1/12 strips"}},
      {80, 1, {"[#####-----------------------------------] 1/12 strips"}},
      {12, 24, {"1/12 strips", "#2   50%", "#3    9%", "0:05, about"}},
      {1, 1, {"1"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.columns);
    CAPTURE(row.rows);
    Fixture f(row.columns, row.rows, some_plan({1}, 12));
    f.run_on();
    Lines lines = f.screen.lines();
    REQUIRE(lines.size() > row.block.size());
    CHECK(text_of(Lines(lines.end() - static_cast<std::ptrdiff_t>(row.block.size()), lines.end())) == text_of(row.block));
    CHECK(row.block.size() <= static_cast<std::size_t>(std::max(1, row.rows - 1)));
    f.end();
    // Whole lines are left, and nothing of the block.
    lines = f.screen.lines();
    REQUIRE(lines.size() > 2);
    CHECK(lines.back().empty());
    if (row.columns >= 12)
      CHECK(without_blanks(lines) ==
            "rendering96x60pixels,12strips,2containersatatime,withgolem/blender:latest"
            "renderedin5.0s;logsandreportarein/tmp/out.run");
    CHECK(f.screen.cursor_column() == 0);
    CHECK_FALSE(f.screen.has_styles());
  }
}

TEST_CASE("frames, strips of frames, and what has no bar yet") {
  Fixture frames(80, 24, some_plan({1, 2, 3, 4}, 1));
  frames.run_on();
  frames.now += 1s;
  frames.display.tick();
  Lines lines = frames.screen.lines();
  lines.erase(lines.begin(), lines.begin() + 2);
  CHECK(text_of(lines) == text_of({"[###############-------------------------] 1/4 frames", "subtask 2  50%   0:06  frame 2",
                                   "subtask 3   9%   0:02  frame 3", "0:06, a few seconds left"}));
  Fixture strips(80, 24, some_plan({1, 7}, 6));
  strips.run_on();
  lines = strips.screen.lines();
  lines.erase(lines.begin(), lines.begin() + 2);
  CHECK(text_of(lines) == text_of({"[#####-----------------------------------] 0/2 frames, 1/12 strips",
                                   "subtask 2   50%   0:05  frame 1, rows 10 to 19",
                                   "subtask 3    9%   0:01  frame 1, rows 20 to 29", "0:05, about 20 s left"}));
  // A frame is done when its last strip is, and when it is published: an earlier run may have had some of it.
  const auto frames_of = [](std::int64_t done, int pictures) {
    Fixture f(80, 24, some_plan({1, 7}, 3));
    f.teller.begin();
    for (std::int64_t strip = 1; strip <= done; ++strip) {
      f.start(strip);
      f.finish(strip);
    }
    for (int i = 0; i < pictures; ++i) f.teller.tell({.kind = Kind::Published, .text = "/tmp/out.png"});
    f.now += 1s;
    f.display.tick();
    const std::string line = f.screen.lines().at(2);
    return line.substr(line.find(' ') + 1);
  };
  CHECK(frames_of(2, 0) == "0/2 frames, 2/6 strips");
  CHECK(frames_of(3, 0) == "1/2 frames, 3/6 strips");
  CHECK(frames_of(3, 1) == "1/2 frames, 3/6 strips");
  CHECK(frames_of(2, 1) == "1/2 frames, 2/6 strips");
  CHECK(frames_of(6, 0) == "2/2 frames, 6/6 strips");
  Fixture none(80, 24, some_plan({1}, 1));
  none.teller.begin();
  CHECK(none.screen.lines().at(2) == "[----------------------------------------] 0/1 strips");
  CHECK(none.screen.lines().at(3) == "0:00");
  none.start(1);
  none.now += 1s;
  none.display.tick();
  CHECK(none.screen.lines().at(3) == "subtask 1    -   0:01  rows 0 to 59");
}

TEST_CASE("four of many are shown, fewer where the terminal is low") {
  for (const auto& [rows, shown] : {std::pair{24, 4}, {9, 4}, {8, 4}, {7, 3}, {6, 2}, {5, 1}, {4, 0}, {3, 0}}) {
    CAPTURE(rows);
    Fixture f(80, rows, some_plan({1}, 12));
    f.teller.begin();
    for (std::int64_t subtask = 1; subtask <= 9; ++subtask) f.start(subtask);
    f.now += 1s;
    f.display.tick();
    const Lines lines = f.screen.lines();
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("subtask "); }) ==
          shown);
    const auto more = std::find(lines.begin(), lines.end(), "and " + std::to_string(9 - shown) + " more");
    CHECK((more != lines.end()) == (shown > 0));
  }
  // There is room for exactly those that are under way.
  Fixture f(80, 7, some_plan({1}, 12));
  f.teller.begin();
  for (std::int64_t subtask = 1; subtask <= 4; ++subtask) f.start(subtask);
  f.now += 1s;
  f.display.tick();
  CHECK(f.screen.lines().back() == "0:01");
  CHECK(f.screen.lines()[f.screen.lines().size() - 2] == "subtask 4     -   0:01  rows 15 to 19");
}

TEST_CASE("what failed and what is tried again is counted, the last with its cause") {
  Fixture f(80, 24, some_plan({1, 2, 3, 4}, 1));
  f.teller.begin();
  f.start(1);
  f.now += 1s;
  f.teller.tell({.kind = Kind::Retried, .subtask = 1, .cause = run::Cause::OutOfMemory, .text = "more"});
  CHECK(f.screen.lines().at(3) == "1 tried again; last: subtask 1, out of memory");
  f.start(2);
  f.now += 1s;
  f.teller.tell({.kind = Kind::Failed, .subtask = 2, .cause = run::Cause::RenderFailed, .text = "no camera"});
  CHECK(f.screen.lines().at(3) == "1 failed, 1 tried again; last: subtask 2, render failed");
}

TEST_CASE("a log line or a finding in the middle leaves a clean screen, and the block below it") {
  Fixture f(80, 24, some_plan({1}, 12));
  f.run_on();
  const Lines block = {"[#####-----------------------------------] 1/12 strips", "subtask 2   50%   0:05  rows 5 to 9",
                       "subtask 3    9%   0:01  rows 10 to 14", "0:05, about 20 s left"};
  REQUIRE(text_of(f.screen.lines()) == text_of(after(k_announcement, block)));
  // Drawn just now: the block is back a tenth of a second later.
  f.display.write_log("DEBUG hello\n");
  CHECK(text_of(f.screen.lines()) == text_of(after(k_announcement, {"DEBUG hello", ""})));
  f.display.tick();
  CHECK(text_of(f.screen.lines()) == text_of(after(k_announcement, {"DEBUG hello", ""})));
  f.now += 100ms;
  f.display.tick();
  CHECK(text_of(f.screen.lines()) == text_of(after(after(k_announcement, {"DEBUG hello"}), block)));
  f.now += 100ms;
  f.display.on_finding({.message = "a container was not removed"});
  CHECK(text_of(f.screen.lines()) ==
        text_of(after(after(k_announcement, {"DEBUG hello", "submit-task: warning: a container was not removed"}), block)));
  f.display.end({.code = ExitCode::PartFailed, .error = ErrorCode::ContainerFailed, .message = "subtask 3 failed"});
  CHECK(text_of(f.screen.lines()) ==
        text_of(after(k_announcement, {"DEBUG hello", "submit-task: warning: a container was not removed",
                                       "submit-task: subtask 3 failed", ""})));
  CHECK_FALSE(f.screen.has_styles());
}

TEST_CASE("drawn ten times a second at most, each time in one write; without events twice") {
  Fixture f(80, 24, some_plan({1}, 12));
  f.teller.begin();
  f.start(1);
  const std::size_t before = f.screen.writes();
  for (int i = 0; i < 1000; ++i) {
    f.now += 1ms;
    f.teller.tell({.kind = Kind::Progress, .subtask = 1, .percent = i / 10});
  }
  CHECK(f.screen.writes() == before + 10);
  for (int i = 0; i < 1000; ++i) {
    f.now += 1ms;
    f.display.tick();
  }
  // What came between two drawings, then two.
  CHECK(f.screen.writes() - before <= 10 + 3);
  CHECK(f.screen.lines().at(3) == "subtask 1   99%   0:02  rows 0 to 4");
}

TEST_CASE("a terminal that changes its size keeps a whole block") {
  Fixture f(80, 24, some_plan({1}, 12));
  f.run_on();
  for (const auto& [columns, rows] : {std::pair{30, 24}, {100, 24}, {60, 5}, {80, 24}, {44, 9}, {90, 24}}) {
    CAPTURE(columns);
    f.size = {columns, rows};
    f.screen.resize(static_cast<std::size_t>(columns), static_cast<std::size_t>(rows));
    f.now += 500ms;
    f.display.tick();
    const Lines lines = f.screen.lines();
    CHECK(without_blanks(lines).starts_with("rendering96x60pixels,12strips,2containersatatime,withgolem/blender:latest["));
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("["); }) == 1);
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("0:0"); }) == 1);
  }
  f.end();
  CHECK(without_blanks(f.screen.lines()) ==
        "rendering96x60pixels,12strips,2containersatatime,withgolem/blender:latest"
        "renderedin8.0s;logsandreportarein/tmp/out.run");
}

TEST_CASE("colours are ended in the line that they begin in, and there are none without") {
  for (const StatusStyle style : {StatusStyle::Terminal, StatusStyle::ColorTerminal}) {
    std::ostringstream err;
    std::ostringstream out;
    const run::RunPlan plan = some_plan({1}, 3);
    TextDisplay display({.streams = {out, err},
                         .style = style,
                         .clock = [] { return Clock::time_point(); },
                         .size = [] { return TerminalSize{}; }});
    Teller(display, plan).begin();
    display.end({});
    const bool is_bold =
        err.str().find("\x1b[1m[----------------------------------------] 0/3 strips\x1b[0m") != std::string::npos;
    CHECK(is_bold == (style == StatusStyle::ColorTerminal));
    CHECK((err.str().find('m', err.str().find('\x1b')) != std::string::npos) == (style == StatusStyle::ColorTerminal));
    CHECK(err.str().ends_with("\x1b[J"));
  }
}

TEST_CASE("in a log each end of a subtask is a line, and each picture of an animation") {
  const auto log_of = [](run::RunPlan plan, StatusStyle style) {
    std::ostringstream err;
    std::ostringstream out;
    Clock::time_point now{};
    TextDisplay display(
        {.streams = {out, err}, .style = style, .clock = [&] { return now; }, .size = [] { return TerminalSize{}; }});
    Teller teller{display, plan};
    teller.begin();
    teller.tell({.kind = Kind::Started, .subtask = 1});
    teller.tell({.kind = Kind::Progress, .subtask = 1, .percent = 50});
    teller.tell({.kind = Kind::Finished, .subtask = 1, .elapsed = 1234ms});
    teller.tell({.kind = Kind::Published, .text = "/tmp/out\n0001.png"});
    display.on_finding({.message = "no swap limit"});
    display.on_finding({Finding::Severity::Note, "all is well"});
    teller.tell({.kind = Kind::Started, .subtask = 2});
    teller.tell({.kind = Kind::Retried, .subtask = 2, .cause = run::Cause::Killed, .text = "why", .elapsed = 2s});
    teller.tell({.kind = Kind::Started, .subtask = 2});
    teller.tell({.kind = Kind::Failed, .subtask = 2, .cause = run::Cause::Killed, .text = "why", .elapsed = 2s});
    now += 5s;
    display.tick();
    display.rendered({.pictures = {}, .from_before = 1, .run_directory = "/tmp/out.run"});
    display.end({.code = ExitCode::PartFailed, .message = "1 of 3 subtasks failed"});
    CHECK(out.str().empty());
    return err.str();
  };
  CHECK(log_of(some_plan({1, 2, 3}, 1), StatusStyle::Lines) ==
        "rendering 96 x 60 pixels, 3 frames, 2 containers at a time, with golem/blender:latest\n"
        "[1/3] subtask 1 done after 1.2 s\n"
        "[1/3] published /tmp/out\\x0a0001.png\n"
        "submit-task: warning: no swap limit\n"
        "submit-task: note: all is well\n"
        "[1/3] subtask 2 to be tried again after 2.0 s (killed)\n"
        "[1/3] subtask 2 failed after 2.0 s\n"
        "rendered in 5.0 s, 1 subtasks were done before; logs and report are in /tmp/out.run\n"
        "submit-task: 1 of 3 subtasks failed\n");
  CHECK(log_of(some_plan({1}, 3), StatusStyle::Lines).find("published") == std::string::npos);
  CHECK(log_of(some_plan({1}, 3), StatusStyle::Silent) ==
        "submit-task: warning: no swap limit\n"
        "submit-task: 1 of 3 subtasks failed\n");
}

TEST_CASE("a ticker ticks until it is gone") {
  std::atomic<int> ticks = 0;
  {
    const Ticker ticker(1ms, [&] { ++ticks; });
    for (int i = 0; i < 2000 && ticks < 3; ++i) std::this_thread::sleep_for(5ms);
    CHECK(ticks >= 3);
  }
  const int then = ticks;
  std::this_thread::sleep_for(20ms);
  CHECK(ticks == then);
}

}  // namespace
}  // namespace gt::submit
