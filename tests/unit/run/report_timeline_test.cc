#include "lib/run/report_timeline.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>

#include "tests/unit/run/report_data.h"
#include "tests/unit/run/scratch.h"

namespace gt::run {
namespace {

// "1-1: 1 0-10, 2 10-30; ..." for each lane.
std::vector<std::string> lanes_of(const ReportData& data) {
  std::vector<std::string> out;
  for (const std::vector<Span>& lane : make_timeline(data).lanes) {
    std::string& text = out.emplace_back();
    for (const Span& span : lane) {
      text += (text.empty() ? "" : "; ") + span.directory.substr(span.directory.find('/') + 1) + ":";
      for (const Bar& bar : span.bars)
        text += " " + std::to_string(bar.first) + (bar.tries == 1 ? "" : "-" + std::to_string(bar.last)) + "@" +
                std::to_string(bar.begin_ms) + "-" + std::to_string(bar.end_ms);
    }
  }
  return out;
}

TEST_CASE("containers that overlap lie in lanes of their own, later ones where there is room") {
  const RunPlan plan = report_plan({1, 2, 3, 4, 5}, 1);
  ReportData data = report_data(plan);
  CHECK(timeline_html(data).empty());
  data.subtasks[0].attempts = {tried(1, 100, 1000)};
  data.subtasks[1].attempts = {tried(2, 150, 600, Cause::Killed), tried(6, 700, 1200)};
  data.subtasks[2].attempts = {tried(1, 1000, 2000)};
  data.subtasks[3].attempts = {tried(4, 2000, 2500)};
  CHECK(lanes_of(data) ==
        std::vector<std::string>{"1-1: 1@0-900 3@900-1900; 4-1: 4@1900-2400", "2-1: 2@50-500; 6-1: 2@600-1100"});
  CHECK(make_timeline(data).length_ms == 2400);
  // Where it is not known when, there is nothing to draw.
  data.subtasks[4].attempts = {tried(9, 0, 100, Cause::NotVerified)};
  data.subtasks[4].attempts[0].started_ms = 0;
  CHECK(lanes_of(data).size() == 2);
}

TEST_CASE("bars that would be thinner than a pixel are drawn together, but not with another cause") {
  std::vector<std::int64_t> frames;
  for (std::int64_t frame = 1; frame <= 5000; ++frame) frames.push_back(frame);
  const RunPlan plan = report_plan(frames, 1);
  ReportData data = report_data(plan);
  for (std::int64_t i = 0; i < 5000; ++i)
    data.subtasks[static_cast<std::size_t>(i)].attempts = {tried(1, i, i + 1, i == 2500 ? Cause::RenderFailed : Cause::Done)};
  const Timeline timeline = make_timeline(data);
  REQUIRE(timeline.lanes.size() == 1);
  const std::vector<Bar>& bars = timeline.lanes[0][0].bars;
  CHECK(bars.size() < 1100);
  CHECK(std::count_if(bars.begin(), bars.end(), [](const Bar& bar) { return bar.cause == Cause::RenderFailed; }) == 1);
  std::int64_t tries = 0;
  for (const Bar& bar : bars) tries += bar.tries;
  CHECK(tries == 5000);
  CHECK(bars.front().begin_ms == 0);
  CHECK(bars.back().end_ms == 5000);
}

TEST_CASE("the axis has round times") {
  struct Row {
    std::int64_t length;
    std::vector<std::int64_t> marks;
  };
  const Row rows[] = {
      {0, {0}},
      {900, {0, 200, 400, 600, 800}},
      {1900, {0, 500, 1000, 1500}},
      {45'000, {0, 10'000, 20'000, 30'000, 40'000}},
      {61'000, {0, 15'000, 30'000, 45'000, 60'000}},
      {7'200'000, {0, 1'800'000, 3'600'000, 5'400'000, 7'200'000}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.length);
    CHECK(axis_marks(row.length, 5) == row.marks);
  }
  CHECK(axis_marks(std::int64_t{1} << 50, 5).size() <= 5);
}

TEST_CASE("what is done about a cause decides how it looks") {
  struct Row {
    Cause cause;
    Family family;
  };
  const Row rows[] = {
      {Cause::Done, Family::Done},          {Cause::Stopped, Family::Stopped},     {Cause::EngineTrouble, Family::Outside},
      {Cause::Killed, Family::Outside},     {Cause::OutOfMemory, Family::Limits},  {Cause::TimedOut, Family::Limits},
      {Cause::SceneFailed, Family::Failed}, {Cause::RenderFailed, Family::Failed}, {Cause::NoResult, Family::Refused},
      {Cause::WrongSize, Family::Refused},  {Cause::NotVerified, Family::Refused}, {Cause::DiskFull, Family::Failed},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.cause));
    CHECK(family_of(row.cause) == row.family);
  }
}

TEST_CASE("the time of a container is shared out among its subtasks, and totals are of containers") {
  const Scratch scratch;
  const RunPlan plan = report_plan({1}, 4);
  RunDirectory directory(scratch / "run", {::geteuid(), ::getegid(), false}, Keep::Everything);
  directory.clear();
  // Each attempt is timed from the start of its container.
  const auto attempt = [](std::int64_t container, std::int64_t begin, std::int64_t elapsed, Cause cause = Cause::Done) {
    Attempt out = tried(container, begin, begin + elapsed, cause).attempt;
    out.peak_memory = static_cast<std::uint64_t>(elapsed);
    return out;
  };
  directory.write({.subtask = 1, .attempts = {attempt(1, 0, 100)}, .result = good_result()});
  directory.write(
      {.subtask = 3, .attempts = {attempt(1, 0, 700, Cause::Killed), attempt(3, 800, 150)}, .result = good_result()});
  directory.write({.subtask = 2, .attempts = {attempt(1, 0, 250), attempt(2, 900, 0, Cause::NotVerified)}});
  ReportData data = report_data(plan);
  data.subtasks.clear();
  add_records(data, directory);
  CHECK(lanes_of(data) == std::vector<std::string>{"1-1: 1@0-100 2@100-250 3@250-700; 3-1: 3@800-950", "2-1: 2@900-900"});
  CHECK(data.totals.done == 2);
  CHECK(data.totals.failed == 1);
  CHECK(data.totals.not_tried == 1);
  CHECK(data.totals.tries == 5);
  CHECK(data.totals.containers == 3);
  CHECK(data.totals.container_ms == 850);
  CHECK(data.totals.peak_memory == 700);
}

TEST_CASE("Blender's version is what the first container that says one says at its beginning") {
  const Scratch scratch;
  const RunPlan plan = report_plan({1, 2}, 1);
  RunDirectory directory(scratch / "run", {::geteuid(), ::getegid(), false}, Keep::Everything);
  directory.clear();
  directory.write({.subtask = 1, .attempts = {tried(1, 0, 1, Cause::Killed).attempt}, .result = {}});
  directory.write({.subtask = 2, .attempts = {tried(2, 0, 1).attempt}, .result = good_result()});
  const auto version = [&](std::string_view first, std::string_view second) {
    scratch.make("run/containers/1-1/stdout.log", first);
    scratch.make("run/containers/2-1/stdout.log", second);
    ReportData data = report_data(plan);
    data.subtasks.clear();
    add_records(data, directory);
    return data.versions.blender;
  };
  CHECK(version("Blender 3.4.1\ngt-tools: Blender 3.4.1\nFra:1", "gt-tools: Blender 9") == "3.4.1");
  CHECK(version("", "gt-tools: Blender 2.93.0\r\n") == "2.93.0");
  CHECK(version("saved gt-tools: Blender 1", "") == "");
  CHECK(version("gt-tools: Blender <b>\x1b" + std::string(100, 'x'), "") == "<b>\\x1b" + std::string(56, 'x') + "...");
  CHECK(version(std::string(70'000, '\n') + "gt-tools: Blender 1", "") == "");
}

}  // namespace
}  // namespace gt::run
