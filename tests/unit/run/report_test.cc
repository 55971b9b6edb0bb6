#include "lib/run/report.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "lib/run/html.h"
#include "lib/run/render_task.h"
#include "lib/run/report_html.h"
#include "lib/run/report_json.h"
#include "lib/run/report_subtasks.h"
#include "tests/support/schema.h"
#include "tests/unit/run/fake_runner.h"
#include "tests/unit/run/picture.h"
#include "tests/unit/run/report_data.h"
#include "tests/unit/run/scratch.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;
using docker::JobSpec;
using docker::WaitResult;
using namespace std::chrono_literals;

const testing::SchemaFile& schema() {
  static const testing::SchemaFile out("gt-run-report-1.json");
  return out;
}

// What is wrong with a page: a tag that is not closed, something from outside. Empty if nothing is.
std::string fault_in(const std::string& page) {
  static const std::set<std::string> k_void = {"meta", "link", "img", "br", "!DOCTYPE"};
  static const std::regex k_tag("<(/?)([A-Za-z!][A-Za-z0-9]*)((?:[^<>\"]|\"[^\"<>]*\")*)>");
  std::vector<std::string> open;
  std::string rest = page;
  const std::size_t style = rest.find("<style>");
  rest.erase(style, rest.find("</style>") + 8 - style);
  std::size_t tags = 0;
  for (std::sregex_iterator it(rest.begin(), rest.end(), k_tag), end; it != end; ++it) {
    ++tags;
    const std::string name = (*it)[2];
    const std::string attributes = (*it)[3];
    if (name == "script" || name == "iframe" || name == "object" || name == "base") return "there is a " + name;
    if (std::regex_search(attributes, std::regex(" on[a-z]+="))) return "a handler: " + attributes;
    for (const char* source : {"src=\"", "href=\""}) {
      const std::size_t at = attributes.find(source);
      if (at == std::string::npos) continue;
      const std::string target = attributes.substr(at + std::string(source).size());
      const bool is_data = target.starts_with("data:image/png;base64,") || target.starts_with("data:,");
      if (!is_data && target.substr(0, target.find('"')).find(':') != std::string::npos) return "from outside: " + target;
    }
    if (k_void.count(name) != 0 || attributes.ends_with('/')) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  if (!open.empty()) return open.back() + " is not closed";
  // Each < is the beginning of one of these tags.
  return static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '<')) == tags ? "" : "a < that begins no tag";
}

// A still or an animation through render_task, with whatever its containers do.
struct Fixture {
  Scratch scratch;
  task::Definition task = still_task(scratch);
  FakeRunner runner;
  StopFlag stop{Stop::None};
  RenderRequest request;

  struct Silent : Observer {
    void on_event(const Event&) override {}
    void on_finding(const Finding& finding) override { findings.push_back(to_string(finding)); }
    std::vector<std::string> findings;
  } observer;

  Fixture() {
    request.owner = {::geteuid(), ::getegid(), false};
    request.context.run_id = "0123";
    request.tools_version = "0.1.0";
    request.run_directory = scratch / "out.run";
    request.run.output = scratch / "out.png";
    request.run.inputs = {{.name = "the task", .size = 1, .sha256 = std::string(64, '0')}};
    runner.container = [](const JobSpec& spec) {
      write_all(spec);
      return WaitResult{};
    };
  }
  void animate(std::vector<std::int64_t> frames) {
    task.use_frames = true;
    task.total_subtasks = static_cast<std::int64_t>(frames.size());
    task.frames = std::move(frames);
  }
  // "" or the error.
  std::string run() {
    request.run.plan = render::make_plan(task, {});
    request.run.image = {.repository = "golem/blender", .tag = "latest", .id = runner.image_id};
    request.files = find_task_files(task, {});
    try {
      render_task(request, runner, observer, stop);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::string text(const std::string& name) const { return std::string(Input::read(scratch / ("out.run/" + name)).bytes()); }
  // Valid, and the page is whole.
  nlohmann::json report() const {
    const std::string json = text("report.json");
    CHECK_MESSAGE(schema().fault(json).empty(), schema().fault(json));
    const std::string page = text("report.html");
    CHECK_MESSAGE(fault_in(page).empty(), fault_in(page));
    return nlohmann::json::parse(json);
  }
};

TEST_CASE("a run that went well: what went in, what came out, where and how") {
  Fixture f;
  f.request.run.limits.subtask_timeout = 5min;
  REQUIRE(f.run() == "");
  const nlohmann::json report = f.report();
  CHECK(report["outcome"] == "done");
  CHECK(report["error"] == nullptr);
  CHECK(report["versions"].dump() == R"({"blender":null,"container_engine":null,"gt_tools":"0.1.0"})");
  CHECK(report["limits"]["subtask_timeout_ms"] == 300'000);
  CHECK(report["limits"]["full_timeout_ms"] == nullptr);
  CHECK(report["inputs"].size() == 2);
  CHECK(report["inputs"][1]["name"] == (f.scratch / "scene/a.blend").string());
  // sha256sum of "x"
  CHECK(report["inputs"][1]["sha256"] == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
  REQUIRE(report["pictures"].size() == 1);
  CHECK(report["pictures"][0]["file"] == (f.scratch / "out.png").string());
  CHECK(report["pictures"][0]["size"] == fs::file_size(f.scratch / "out.png"));
  CHECK(report["totals"]["done"] == 3);
  CHECK(report["totals"]["containers"] == 1);
  CHECK(report["totals"]["tries"] == 3);
  CHECK(report["subtasks"][2]["rows"] == nlohmann::json{4, 6});
  CHECK(report["subtasks"][2]["state"] == "done");
  const std::string page = f.text("report.html");
  CHECK(page.find("<title>out.png: done</title>") != std::string::npos);
  CHECK(page.find("<a href=\"../out.png\">") != std::string::npos);
  CHECK(page.find("<a href=\"containers/00001-1/\">") != std::string::npos);
  CHECK(page.find("5 min for a subtask, no limit for all") != std::string::npos);
}

TEST_CASE("what is known of a container at its end is said of all that were in it, whether one failed or none") {
  for (const std::int64_t failing : {0, 1, 3}) {
    CAPTURE(failing);
    Fixture f;
    f.animate({1, 2, 3});
    f.task.total_subtasks = 1;
    f.request.run.limits.retries = 0;
    f.runner.container_name = "gt-tools-7";
    f.runner.peak_memory = 77;
    f.runner.container = [&](const JobSpec& spec) {
      for (std::size_t i = 0; i < count_of(spec); ++i)
        if (spec.params["subtasks"][i]["number"] != failing) write_piece(spec, i);
      return WaitResult{};
    };
    CHECK(f.run() == "");
    const nlohmann::json report = f.report();
    CHECK(report["totals"]["peak_memory"] == 77);
    for (const nlohmann::json& subtask : report["subtasks"]) {
      CHECK(subtask["attempts"][0]["container"] == "gt-tools-7");
      CHECK(subtask["attempts"][0]["peak_memory"] == 77);
    }
  }
}

TEST_CASE("a run that failed: the error, the tries, and what was there already") {
  Fixture f;
  f.request.run.limits.retries = 1;
  f.runner.container = [](const JobSpec& spec) {
    if (spec.params["subtasks"][0]["number"] == 1) write_piece(spec, 0);
    std::this_thread::sleep_for(250ms);
    return WaitResult{.end = WaitResult::End::Exited, .exit_code = 139};
  };
  const std::string error = f.run();
  REQUIRE(error.starts_with("subtask 2 of 3 (rows 2 to 3) ended with exit code 139"));
  const nlohmann::json report = f.report();
  CHECK(report["outcome"] == "failed");
  CHECK(report["error_code"] == "run.container-failed");
  CHECK(report["error"] == error);
  CHECK(report["pictures"].empty());
  CHECK(report["subtasks"][0]["state"] == "done");
  CHECK(report["subtasks"][1]["state"] == "failed");
  REQUIRE(report["subtasks"][1]["attempts"].size() == 2);
  CHECK(report["subtasks"][1]["attempts"][1]["cause"] == "killed");
  CHECK(report["subtasks"][1]["attempts"][1]["exit_code"] == 139);
  CHECK(report["subtasks"][1]["attempts"][1]["elapsed_ms"] >= 200);
  const std::string page = f.text("report.html");
  CHECK(page.find("<b>run.container-failed</b><pre>" + html(error) + "</pre>") != std::string::npos);
  CHECK(page.find("No picture was written.") != std::string::npos);
  CHECK(page.find("try 1: <b>killed</b>") != std::string::npos);
}

TEST_CASE("a run that was stopped, and an animation of which a frame failed") {
  Fixture f;
  f.runner.container = [&](const JobSpec& spec) {
    f.stop = Stop::Interrupt;
    while (spec.wish() == docker::Wish::GoOn) std::this_thread::sleep_for(5ms);
    return WaitResult{.end = WaitResult::End::Cancelled, .exit_code = 143};
  };
  CHECK(f.run() == "interrupted");
  CHECK(f.report()["outcome"] == "interrupted");
  CHECK(f.report()["subtasks"][0]["state"] == "not tried");

  Fixture g;
  g.animate({1, 2, 3});
  g.runner.container = [](const JobSpec& spec) {
    for (std::size_t i = 0; i < count_of(spec); ++i)
      if (spec.params["subtasks"][i]["number"] != 2) write_piece(spec, i);
    return WaitResult{};
  };
  CHECK(g.run() == "");
  const nlohmann::json report = g.report();
  CHECK(report["outcome"] == "failed");
  CHECK(report["error_code"] == "run.result-invalid");
  REQUIRE(report["pictures"].size() == 2);
  CHECK(report["pictures"][1]["frame"] == 3);
  CHECK(report["subtasks"][1]["attempts"][0]["cause"] == "no result");
  CHECK(report["settings"]["frames"] == nlohmann::json{1, 2, 3});
}

TEST_CASE("the picture is in the page, and so are the frames, small") {
  Fixture f;
  REQUIRE(f.run() == "");
  const std::string preview = f.text("preview.png");
  REQUIRE(preview.starts_with("\x89PNG"));
  CHECK(f.text("report.html").find("<img src=\"" + data_uri(preview) + "\"") != std::string::npos);
  Fixture g;
  g.animate({1, 2, 3});
  REQUIRE(g.run() == "");
  const std::string page = g.text("report.html");
  for (const char* frame : {"frame 1", "frame 2", "frame 3"})
    CHECK(page.find("alt=\"" + std::string(frame) + "\"></a><figcaption>" + frame) != std::string::npos);
}

TEST_CASE("a report that cannot be written is told, and the run's own end stays what it was") {
  Fixture f;
  f.runner.container = [&](const JobSpec& spec) {
    write_all(spec);
    fs::create_directory(f.scratch / "out.run/report.json");
    return WaitResult{};
  };
  CHECK(f.run() == "");
  REQUIRE(f.observer.findings.size() == 1);
  CHECK(f.observer.findings[0].starts_with("warning: the report was not written: "));
  CHECK(fs::exists(f.scratch / "out.png"));
}

TEST_CASE("the engine is named if it says its name") {
  struct Named : FakeRunner {
    std::string engine() override { return "Docker 20.10.24"; }
  };
  Named runner;
  Fixture f;
  runner.container = f.runner.container;
  f.request.run.plan = render::make_plan(f.task, {});
  f.request.files = find_task_files(f.task, {});
  render_task(f.request, runner, f.observer, f.stop);
  CHECK(f.report()["versions"]["container_engine"] == "Docker 20.10.24");
}

TEST_CASE("names and messages of strangers do nothing to the page") {
  const std::string evil = "\"><script>alert(1)</script>'&\x1b[2J\xff\n{{error}}";
  RunPlan plan = report_plan({1, 2}, 1);
  plan.output = "/tmp/" + evil;
  plan.image.repository = evil;
  plan.image.id = evil;
  plan.plan.engine = evil;
  plan.inputs = {{.name = evil, .size = 1, .sha256 = std::string(64, 'c')}};
  plan.isolation.network = evil;
  plan.isolation.gpus = evil;
  plan.plan.notes = {{.message = evil}};
  ReportData data = report_data(plan);
  data.versions = {evil, evil, evil};
  data.run = "1";
  data.outcome = ReportData::Outcome::Failed;
  data.error = evil;
  data.error_code = evil;
  data.pictures = {{.frame = 1, .file = "/tmp/" + evil, .size = 1, .sha256 = std::string(64, 'd'), .thumbnail = "png"}};
  data.subtasks[0].attempts = {tried(1, 0, 5, Cause::Killed)};
  data.subtasks[0].attempts[0].attempt.message = evil;
  data.subtasks[0].attempts[0].attempt.directory = "javascript:" + evil;
  const std::string page = to_html(data);
  CHECK_MESSAGE(fault_in(page).empty(), fault_in(page));
  CHECK(page.find("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;\\x1b[2J\\xff\n{{error}}") != std::string::npos);
  CHECK(page.find("<a href=\"javascript%3A%22%3E%3Cscript") != std::string::npos);
  const std::string json = to_json(data);
  CHECK_MESSAGE(schema().fault(json).empty(), schema().fault(json));
  CHECK(nlohmann::json::parse(json)["error"] == "\"><script>alert(1)</script>'&\x1b[2J\\xff\n{{error}}");
}

TEST_CASE("the page asks for nothing from outside") {
  const RunPlan plan = report_plan({1}, 2);
  const std::string page = to_html(report_data(plan));
  CHECK_MESSAGE(fault_in(page).empty(), fault_in(page));
  CHECK(page.find("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
                  "'unsafe-inline'\">") != std::string::npos);
  for (const char* word : {"http:", "https:", "<script", "@import", "url(\"", "url('", "url(/", "@font-face"})
    CHECK_MESSAGE(page.find(word) == std::string::npos, word);
  CHECK(page == to_html(report_data(plan)));
}

TEST_CASE("the check of pages finds what is wrong with them") {
  const std::string head = "<style></style>";
  CHECK(fault_in(head + "<p>a<br>b</p>") == "");
  CHECK(fault_in(head + "<p>") == "p is not closed");
  CHECK(fault_in(head + "<p></b>") == "</b> closes p");
  CHECK(fault_in(head + "<script></script>") == "there is a script");
  CHECK(fault_in(head + "<p onclick=\"x\"></p>") == "a handler:  onclick=\"x\"");
  CHECK(fault_in(head + "<img src=\"https://x\">").starts_with("from outside: https://x"));
  CHECK(fault_in(head + "<p>1 < 2</p>") == "a < that begins no tag");
}

TEST_CASE("of more than 200 frames 200 are shown, evenly chosen") {
  CHECK(evenly_chosen(3, 200) == std::vector<std::size_t>{0, 1, 2});
  CHECK(evenly_chosen(0, 200).empty());
  CHECK(evenly_chosen(10, 4) == std::vector<std::size_t>{0, 2, 5, 7});
  std::vector<std::int64_t> frames;
  for (std::int64_t frame = 1; frame <= 500; ++frame) frames.push_back(frame);
  const RunPlan plan = report_plan(frames, 1);
  ReportData data = report_data(plan);
  const std::vector<std::size_t> chosen = evenly_chosen(500, k_most_thumbnails);
  CHECK(chosen.size() == 200);
  for (std::size_t i = 0; i < 500; ++i) {
    data.pictures.push_back({.frame = frames[i], .file = "/tmp/out.png", .size = 1, .sha256 = std::string(64, 'e')});
    if (std::binary_search(chosen.begin(), chosen.end(), i)) data.pictures.back().thumbnail = "png";
  }
  const std::string page = to_html(data);
  CHECK_MESSAGE(fault_in(page).empty(), fault_in(page));
  CHECK(page.find("<p class=\"dim\">200 of the 500 frames, evenly chosen.</p>") != std::string::npos);
  CHECK(page.find("<summary>500 pictures</summary>") != std::string::npos);
}

TEST_CASE("ten thousand subtasks: the good ones are folded, and the page stays small and quick") {
  std::vector<std::int64_t> frames;
  for (std::int64_t frame = 1; frame <= 2000; ++frame) frames.push_back(frame);
  const RunPlan plan = report_plan(frames, 5);
  ReportData data = report_data(plan);
  REQUIRE(data.subtasks.size() == 10'000);
  for (std::size_t i = 0; i < data.subtasks.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i) * 1000;
    data.subtasks[i].attempts = {tried(static_cast<std::int64_t>(i % 8), at, at + 8000)};
    data.subtasks[i].result = good_result();
  }
  data.subtasks[7].result.reset();
  data.subtasks[7].attempts = {tried(7, 7000, 15'000, Cause::RenderFailed)};
  data.subtasks[9].attempts.insert(data.subtasks[9].attempts.begin(), tried(9, 9000, 10'000, Cause::Killed));
  const auto begin = std::chrono::steady_clock::now();
  const std::string page = to_html(data);
  const std::chrono::duration<double, std::milli> html_ms = std::chrono::steady_clock::now() - begin;
  const std::string json = to_json(data);
  const std::chrono::duration<double, std::milli> both_ms = std::chrono::steady_clock::now() - begin;
  MESSAGE("html " << page.size() << " bytes in " << html_ms.count() << " ms, json " << json.size() << " bytes in "
                  << both_ms.count() - html_ms.count() << " ms");
  CHECK(page.size() < 6'000'000);
  CHECK(both_ms.count() < 30'000);
  CHECK(page.find("<summary>9,998 subtasks without trouble</summary>") != std::string::npos);
  CHECK(page.find("<tr class=\"headed bad\"><td class=\"n\">8</td>") < page.find("<summary>9,998"));
}

}  // namespace
}  // namespace gt::run
