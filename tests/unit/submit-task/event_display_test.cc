#include "tools/submit-task/event_display.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/schema.h"
#include "tests/unit/submit-task/support.h"

namespace gt::submit {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
using Kind = run::Event::Kind;

// What a display wrote, line by line; each line is valid.
std::vector<Json> lines_of(const std::string& text) {
  static const testing::SchemaFile schema("gt-run-event-1.json");
  std::vector<Json> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CHECK_MESSAGE(schema.fault(line).empty(), line << ": " << schema.fault(line));
    out.push_back(Json::parse(line));
  }
  CHECK((text.empty() || text.ends_with('\n')));
  return out;
}

struct Fixture {
  std::ostringstream err;
  Clock::time_point now{};
  run::RunPlan plan = some_plan({1, 2, 3}, 2);
  EventDisplay display{err, [this] { return now; }};
  Teller teller{display, plan};

  // The lines since the last call.
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const Json& line : lines_of(err.str())) out.push_back(line.dump());
    err.str("");
    return out;
  }
};

TEST_CASE("each event is a line that says all there is to it") {
  Fixture f;
  f.teller.begin();
  CHECK(f.told() ==
        std::vector<std::string>{
            R"({"event":"plan","at_ms":0,"format":"gt-run-event-1","run":"0123","run_directory":"/tmp/out.png.run",)"
            R"("output":"/tmp/out.png","renderer":"Blender","resolution":[96,60],"picture_format":"PNG","engine":"CYCLES",)"
            R"("is_animation":true,"frames":3,"strips":2,"subtasks":6,"jobs":2,)"
            R"("image":{"name":"golem/blender:latest","id":"sha256:1"}})"});
  f.now += 1500ms;
  f.teller.tell({.kind = Kind::Started, .subtask = 4});
  f.teller.tell({.kind = Kind::Progress, .subtask = 4, .percent = 7});
  f.teller.tell({.kind = Kind::Finished, .subtask = 4, .elapsed = 1234ms});
  f.teller.tell({.kind = Kind::Published, .text = "/tmp/out0002.png"});
  CHECK(f.told() ==
        std::vector<std::string>{
            R"({"event":"started","at_ms":1500,"subtask":4,"step":"strip","frame":2,"rows":[30,60],)"
            R"("finished":0,"running":1,"failed":0,"total":6})",
            R"({"event":"progress","at_ms":1500,"subtask":4,"step":"strip","frame":2,"rows":[30,60],"percent":7,)"
            R"("finished":0,"running":1,"failed":0,"total":6})",
            R"({"event":"finished","at_ms":1500,"subtask":4,"step":"strip","frame":2,"rows":[30,60],"elapsed_ms":1234,)"
            R"("finished":1,"running":0,"failed":0,"total":6})",
            R"({"event":"published","at_ms":1500,"picture":"/tmp/out0002.png",)"
            R"("finished":1,"running":0,"failed":0,"total":6})"});
  f.teller.tell({.kind = Kind::Started, .subtask = 1});
  f.teller.tell({.kind = Kind::Retried, .subtask = 1, .cause = run::Cause::OutOfMemory, .text = "64 MiB", .elapsed = 5ms});
  f.teller.tell({.kind = Kind::Started, .subtask = 1});
  f.teller.tell({.kind = Kind::Failed, .subtask = 1, .cause = run::Cause::Killed, .text = "a\n  b", .elapsed = 6ms});
  f.teller.tell({.kind = Kind::Started, .subtask = 2});
  f.teller.tell({.kind = Kind::Stopped, .subtask = 2, .elapsed = 7ms});
  f.display.write_log("DEBUG stdout: Fra:1\n");
  f.display.on_finding({.message = "it is odd", .where = {.file = "a.gt", .offset = 7}});
  const std::vector<std::string> told = f.told();
  REQUIRE(told.size() == 8);
  CHECK(told[1] ==
        R"({"event":"retried","at_ms":1500,"subtask":1,"step":"strip","frame":1,"rows":[0,30],"cause":"out of memory",)"
        R"("message":"64 MiB","elapsed_ms":5,"finished":1,"running":0,"failed":0,"total":6})");
  CHECK(told[3] == R"({"event":"failed","at_ms":1500,"subtask":1,"step":"strip","frame":1,"rows":[0,30],"cause":"killed",)"
                   R"("message":"a\n  b","elapsed_ms":6,"finished":1,"running":0,"failed":1,"total":6})");
  CHECK(told[5] == R"({"event":"stopped","at_ms":1500,"subtask":2,"step":"strip","frame":1,"rows":[30,60],"elapsed_ms":7,)"
                   R"("finished":1,"running":0,"failed":1,"total":6})");
  CHECK(told[6] == R"({"event":"log","at_ms":1500,"message":"DEBUG stdout: Fra:1"})");
  CHECK(told[7] == R"({"event":"finding","at_ms":1500,"severity":"warning","message":"a.gt: byte 7: it is odd"})");
}

TEST_CASE("the last line says how it ended") {
  Fixture f;
  f.display.rendered({.pictures = {"/tmp/a.png", "/tmp/b\xff.png"}, .from_before = 2, .run_directory = "/tmp/out.run"});
  f.display.end({});
  CHECK(f.told() ==
        std::vector<std::string>{R"({"event":"outcome","at_ms":0,"outcome":"done","exit_code":0,"error":null,"message":null,)"
                                 R"("from_before":2,"pictures":["/tmp/a.png","/tmp/b\\xff.png"],"report":null})"});
  struct Row {
    tools::Ending ending;
    std::string text;
  };
  const Row rows[] = {
      {{.code = ExitCode::PartFailed, .error = ErrorCode::ContainerFailed, .message = "subtask 1 failed"},
       R"("outcome":"failed","exit_code":3,"error":"run.container-failed","message":"subtask 1 failed")"},
      {{.code = ExitCode::Interrupted, .error = ErrorCode::Interrupted, .message = "interrupted"},
       R"("outcome":"interrupted","exit_code":130,"error":"run.interrupted","message":"interrupted")"},
      {{.code = ExitCode::Terminated, .error = ErrorCode::Terminated, .message = "terminated"},
       R"("outcome":"interrupted","exit_code":143,"error":"run.terminated","message":"terminated")"},
      {{.code = ExitCode::Bug, .message = "internal error"},
       R"("outcome":"failed","exit_code":70,"error":null,"message":"internal error")"},
  };
  for (const Row& row : rows) {
    Fixture g;
    g.display.end(row.ending);
    const std::vector<std::string> told = g.told();
    REQUIRE(told.size() == 1);
    CHECK_MESSAGE(told[0].find(row.text) != std::string::npos, told[0]);
  }
}

TEST_CASE("the plan comes first: what is found before waits for it, or for the end") {
  const auto events = [](Fixture& f) {
    std::string out;
    for (const Json& line : lines_of(f.err.str())) out += line["event"].get<std::string>() + " ";
    return out;
  };
  Fixture f;
  f.display.on_finding({.message = "one"});
  f.display.on_finding({.message = "two"});
  CHECK(events(f) == "");
  f.teller.begin();
  CHECK(events(f) == "plan finding finding ");
  f.display.on_finding({.message = "three"});
  f.display.end({});
  CHECK(events(f) == "plan finding finding finding outcome ");
  Fixture g;
  g.display.on_finding({.message = "one"});
  g.display.end({.code = ExitCode::ContentRejected, .message = "no task"});
  CHECK(events(g) == "finding outcome ");
}

TEST_CASE("progress is told once a second for each subtask") {
  Fixture f;
  f.teller.tell({.kind = Kind::Started, .subtask = 1});
  f.teller.tell({.kind = Kind::Started, .subtask = 2});
  f.told();
  for (int i = 0; i < 250; ++i) {
    for (const std::int64_t subtask : {1, 2}) f.teller.tell({.kind = Kind::Progress, .subtask = subtask, .percent = i * 2 / 5});
    f.now += 10ms;
  }
  std::vector<std::pair<int, int>> told;
  for (const Json& line : lines_of(f.err.str())) told.emplace_back(line["subtask"], line["percent"]);
  CHECK(told == std::vector<std::pair<int, int>>{{1, 0}, {2, 0}, {1, 40}, {2, 40}, {1, 80}, {2, 80}});
}

TEST_CASE("text from strangers is a line all the same") {
  Fixture f;
  f.plan.output = "/tmp/\xff\n\"\\";
  f.teller.begin("/tmp/\xc3");
  f.display.write_log("a\x1b[31m\xe2\x82 \"b\"");
  f.display.on_finding({Finding::Severity::Note, "\x01"});
  const std::vector<Json> lines = lines_of(f.err.str());
  REQUIRE(lines.size() == 3);
  CHECK(lines[0]["output"] == "/tmp/\\xff\n\"\\");
  CHECK(lines[0]["run_directory"] == "/tmp/\\xc3");
  CHECK(lines[1]["message"] == "a\x1b[31m\\xe2\\x82 \"b\"");
}

TEST_CASE("the schema refuses lines with one thing wrong") {
  const testing::SchemaFile schema("gt-run-event-1.json");
  const std::string good = R"({"event":"log","at_ms":1,"message":"x"})";
  REQUIRE(schema.fault(good).empty());
  for (const char* bad : {R"({"event":"log","at_ms":1})", R"({"event":"log","at_ms":-1,"message":"x"})",
                          R"({"at_ms":1,"message":"x"})", R"({"event":"log","at_ms":1,"message":"x","more":1})",
                          R"({"event":"other","at_ms":1,"message":"x"})", R"({"event":"log","at_ms":1,"message":7})", R"([])"})
    CHECK_MESSAGE(!schema.fault(bad).empty(), bad);
}

}  // namespace
}  // namespace gt::submit
