// LuxRender and Python tasks, with a fake engine.
#include <map>
#include <mutex>

#include "lib/run/lux_scene.h"
#include "tests/unit/run/fixture.h"

using namespace gt::run;
using namespace gt::run::testing;

namespace {

constexpr const char* k_scene = R"(Film "fleximage" "integer xresolution" [1] "string filename" ["C:\\out"]
WorldBegin
Include "geometry.lxo"
LightSource "infinite" "string mapname" ["C:\\old\\maps\\sky.exr"]
Texture "t" "color" "imagemap" "string filename" ["/old/scenes/wood.png"]
WorldEnd
)";

// What the containers of a LuxRender task do: each film tells who made it, a merged one has all of them.
WaitResult act(const JobSpec& spec) {
  const auto& params = spec.params;
  const std::string output = (spec.output_dir / params["output_basename"].get<std::string>()).string();
  const auto read = [&](const std::string& path) {
    return std::string(gt::Input::read((spec.work_dir / fs::path(path).filename()).string()).bytes());
  };
  if (params["action"] == "render") {
    gt::write_file(output + ".flm", "film " + params["start_slot"].dump() + " " + numbers_of(spec) + "\n");
  } else if (params["action"] == "merge") {
    std::string all;
    for (const auto& film : params["films"]) all += read(film);
    gt::write_file(output + ".flm", all);
  } else {
    CHECK(read(params["film"]).find("film") == 0);
    const gt::picture::Header header{.size = {8, 6},
                                     .layout = gt::picture::plain_layout("RGBA", gt::picture::SampleType::Byte)};
    gt::OutputFile out(output + ".png");
    const auto writer = gt::picture::open_writer(out, gt::picture::Kind::Png, header);
    for (std::int64_t y = 0; y < 6; ++y) writer->write_row(gt::run::picture_row(y, header.row_bytes()));
    writer->finish();
    out.publish();
  }
  return {};
}

struct LuxFixture : Fixture {
  PathMap map;
  std::vector<gt::Finding> findings;

  LuxFixture() {
    task.renderer = gt::task::Renderer::LuxRender;
    task.options_class = "gnr.task.luxrendertask.LuxRenderOptions";
    task.halttime = 60;
    task.haltspp = 7;
    task.main_scene_file = scratch.make("scene/a.lxs", k_scene);
    task.resources = {task.main_scene_file,
                      scratch.make("scene/geometry.lxo", "Shape \"plymesh\" \"string filename\" [\"m.ply\"]\n"),
                      scratch.make("scene/m.ply"), scratch.make("maps/sky.exr"), scratch.make("scene/wood.png")};
    map.add("C:\\old=" + (scratch / "").string());
    runner.container = act;
  }

  void prepare() {
    request.run.plan = gt::render::make_plan(task, options);
    request.run.image = {.repository = "golem/luxrender", .tag = "latest", .id = "sha256:1"};
    request.files = find_task_files(task, {});
    LuxScene scene = make_lux_scene(task, request.run.plan, request.files, map);
    request.run.lux = std::move(scene.texts);
    findings = std::move(scene.findings);
  }
  std::string run() {
    prepare();
    return submit(request);
  }
  std::string errors() {
    prepare();
    std::string out;
    for (const gt::Finding& finding : findings) out += gt::to_string(finding) + "\n";
    return out;
  }
};

}  // namespace

TEST_CASE("films are rendered, merged and made a picture, each step when what it needs is there") {
  LuxFixture f;
  REQUIRE(f.run() == "no error");
  check_picture(f.scratch / "out.png");
  REQUIRE(f.runner.started.size() == 5);
  std::vector<std::string> actions;
  for (const JobSpec& spec : f.runner.started) actions.push_back(spec.params["action"]);
  CHECK(actions == std::vector<std::string>{"render", "render", "render", "merge", "image"});
  CHECK(f.runner.started[3].params["films"].size() == 3);
  CHECK(f.recorder.subtasks(Event::Kind::Started) == Numbers{1, 2, 3, 4, 5});
  CHECK(f.recorder.subtasks(Event::Kind::Finished) == Numbers{1, 2, 3, 4, 5});
  const nlohmann::json report = f.report();
  CHECK(report["settings"]["renderer"] == "LuxRender");
  CHECK(report["subtasks"][3]["step"] == "merge");
  CHECK(report["pictures"].size() == 1);
}

TEST_CASE("the scene says what the task says, and names the files as containers see them") {
  LuxFixture f;
  REQUIRE(f.run() == "no error");
  const nlohmann::ordered_json& params = f.runner.started[0].params;
  const std::string text = params["scene_text"];
  CHECK(params["scene_file"] == "/golem/resources/scene/a.lxs");
  for (const char* part : {"\"integer xresolution\" [8]", "\"integer haltspp\" [7]", "\"integer halttime\" [60]",
                           "\"string filename\" [\"/golem/output/film\"]", "[\"/golem/resources/maps/sky.exr\"]",
                           "[\"/golem/resources/scene/wood.png\"]", "\"bool write_resume_flm\" [\"true\"]"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  const std::string image = f.runner.started[4].params["scene_text"];
  CHECK(image.find("\"bool restart_resume_flm\" [\"false\"]") != std::string::npos);
}

TEST_CASE("films that may start at the same time have seconds of their own") {
  LuxFixture f;
  f.request.run.limits.jobs = 2;
  REQUIRE(f.run() == "no error");
  std::map<std::string, std::string> slots;
  for (const JobSpec& spec : f.runner.started)
    if (spec.params["action"] == "render") slots[numbers_of(spec)] = spec.params["start_slot"].dump();
  CHECK(slots == std::map<std::string, std::string>{{"1", "[0,3]"}, {"2", "[1,3]"}, {"3", "[2,3]"}});
  CHECK(f.runner.most_running <= 2);
}

TEST_CASE("a run goes on with the films that are there") {
  LuxFixture f;
  f.runner.container = [](const JobSpec& spec) {
    if (numbers_of(spec) == "3") return WaitResult{.end = End::Exited, .exit_code = 1};
    return act(spec);
  };
  CHECK(f.run().find("subtask 3 of 5 (film 3 of 3) ended with exit code 1") != std::string::npos);
  f.runner.container = act;
  f.runner.started.clear();
  REQUIRE(f.run() == "no error");
  CHECK(f.outcome.from_before == 2);
  CHECK(f.runner.started.size() == 3);
  check_picture(f.scratch / "out.png");
}

TEST_CASE("a film that is no film is refused, whatever the exit code says") {
  struct Row {
    std::function<void(const JobSpec&)> leave;
    Cause cause;
    const char* text;
  };
  const auto path = [](const JobSpec& spec) { return (spec.output_dir / "film.flm").string(); };
  const Row rows[] = {
      {[](const JobSpec&) {}, Cause::NoResult, "left no result"},
      {[&](const JobSpec& spec) { gt::write_file(path(spec), ""); }, Cause::Damaged, "film.flm is empty"},
      {[&](const JobSpec& spec) { fs::create_symlink("/etc/passwd", path(spec)); }, Cause::NotAFile, "a symbolic link"},
      {[&](const JobSpec& spec) { gt::write_file(path(spec), "film [0,2] 1\n"); }, Cause::WrongSubtask,
       "the film is the same as that of subtask 1"},
  };
  for (const Row& row : rows) {
    LuxFixture f;
    f.runner.container = [&](const JobSpec& spec) {
      if (numbers_of(spec) != "2") return act(spec);
      row.leave(spec);
      return WaitResult{};
    };
    const std::string error = f.run();
    CHECK_MESSAGE(error.find(row.text) != std::string::npos, error);
    CHECK(f.report()["subtasks"][1]["attempts"][0]["cause"] == to_string(row.cause));
    CHECK_FALSE(fs::exists(f.scratch / "out.png"));
  }
}

TEST_CASE("single steps from the run directory: none before what it is made of") {
  LuxFixture f;
  f.prepare();
  prepare_task(f.request, f.stop);
  const auto render = [&](const Numbers& numbers) {
    try {
      render_subtasks(f.request.run_directory, numbers, {.run_id = "9"}, f.runner, f.recorder, f.stop);
    } catch (const gt::Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(render({4}).find("subtask 4 is made of the result of subtask 1, which is not there; --run-subtask 1 first") !=
        std::string::npos);
  CHECK(render({1, 2, 3, 4}) == "no error");
  CHECK(render({5}) == "no error");
  CHECK(f.runner.started.size() == 5);
  CHECK(f.run() == "no error");
  CHECK(f.outcome.from_before == 5);
  check_picture(f.scratch / "out.png");
}

TEST_CASE("what a scene lacks is known before it starts") {
  LuxFixture f;
  CHECK(f.errors().empty());
  f.scratch.make("scene/geometry.lxo",
                 "Film \"fleximage\"\nShape \"plymesh\" \"string filename\" [\"C:\\\\old\\\\scene\\\\m.ply\"]\n");
  f.task.resources.pop_back();  // wood.png
  const std::string name = (f.scratch / "scene/geometry.lxo").string();
  CHECK(f.errors() ==
        "warning: the file /old/scenes/wood.png that a.lxs names at line 5, column 51 is here, but not among the task's "
        "resources: containers do not see it\n"
        "error: the included scene " +
            name +
            " has a Film at line 1, column 1, which would take the place of the task's "
            "settings; move it into the main scene\n"
            "warning: the file C:\\old\\scene\\m.ply that geometry.lxo names at line 2, column 36 is a path of another "
            "machine\n");
  fs::remove(f.scratch / "scene/geometry.lxo");
  std::erase(f.task.resources, name);
  CHECK(f.errors().starts_with("error: the included scene geometry.lxo that a.lxs names at line 3, column 9 is not here\n"));
  f.task.halttime = 0;
  f.task.haltspp = 0;
  CHECK_THROWS_WITH(f.prepare(), doctest::Contains("neither halttime nor haltspp limits the rendering"));
}

namespace {

struct ProgramFixture : Fixture {
  ProgramFixture() {
    task = {};
    task.class_name = "gnr.gnrtaskstate.GNRTaskDefinition";
    task.main_program_file = scratch.make("task/task.py", "print(1)");
    task.resources = {task.main_program_file, scratch.make("task/data/d.csv", "1,2")};
    request.run.output = scratch / "out";
    request.run.is_own_script = true;
    runner.container = leave;
  }
  static WaitResult leave(const JobSpec& spec) {
    fs::create_directories(spec.output_dir / "a/b");
    gt::write_file(spec.output_dir / "a/b/sum.txt", "3");
    gt::write_file(spec.output_dir / "x\ny", "4");
    return {};
  }
  std::string text(const std::string& name) const { return std::string(gt::Input::read((scratch / name).string()).bytes()); }
};

}  // namespace

TEST_CASE("a Python task: its program sees its resources, and what it leaves is there whole") {
  ProgramFixture f;
  f.runner.container = [](const JobSpec& spec) {
    CHECK(gt::Input::read(spec.resources_dir / "data/d.csv").bytes() == "1,2");
    CHECK(gt::Input::read(spec.resources_dir / "task.py").bytes() == "print(1)");
    CHECK(spec.params.dump() == R"({"start_task":1,"end_task":1,"total_tasks":1})");
    return ProgramFixture::leave(spec);
  };
  REQUIRE(f.run() == "no error");
  CHECK(f.text("out/a/b/sum.txt") == "3");
  CHECK(f.text("out/x\ny") == "4");
  CHECK(f.outcome.pictures == std::vector<fs::path>{f.scratch / "out"});
  const nlohmann::json report = f.report();
  CHECK(report["outcome"] == "done");
  CHECK(report["settings"]["renderer"].is_null());
  CHECK(report["subtasks"][0]["result"]["pixels"] == "2 files");
  CHECK(report["pictures"][0]["size"] == 2);
  // The files are the user's now.
  CHECK(f.run().find("there is something already where the program's files are to go") != std::string::npos);
  CHECK(f.text("out/a/b/sum.txt") == "3");
}

TEST_CASE("links and devices of a program stay where they are, and it is said") {
  ProgramFixture f;
  f.runner.container = [](const JobSpec& spec) {
    fs::create_symlink("/etc/passwd", spec.output_dir / "link");
    return ProgramFixture::leave(spec);
  };
  REQUIRE(f.run() == "no error");
  CHECK_FALSE(fs::exists(fs::symlink_status(f.scratch / "out/link")));
  REQUIRE(f.recorder.findings.size() == 1);
  CHECK(f.recorder.findings[0].message ==
        "subtask 1 of 1 (the task's program): left where it was: link is a symbolic link, not a regular file");
}

TEST_CASE("a program that fails, or leaves nothing, leaves nothing behind") {
  ProgramFixture f;
  f.runner.container = [](const JobSpec& spec) {
    ProgramFixture::leave(spec);
    return WaitResult{.end = End::Exited, .exit_code = 3};
  };
  CHECK(f.run().find("subtask 1 of 1 (the task's program) ended with exit code 3") != std::string::npos);
  CHECK_FALSE(fs::exists(f.scratch / "out"));
  f.runner.container = [](const JobSpec&) { return WaitResult{}; };
  CHECK(f.run().find("the program left no file in /golem/output") != std::string::npos);
  CHECK(f.report()["subtasks"][0]["attempts"][1]["cause"] == "no result");
  CHECK_FALSE(fs::exists(f.scratch / "out"));
}

TEST_CASE("a program that was done is not run again, and files that were published stay") {
  ProgramFixture f;
  f.request.keep = Keep::Everything;  // as if it had been killed before its end
  REQUIRE(f.run() == "no error");
  CHECK(f.runner.started.size() == 1);
  REQUIRE(f.run() == "no error");
  CHECK(f.runner.started.size() == 1);
  CHECK(f.outcome.from_before == 1);
  gt::write_file(f.scratch / "out/a/b/sum.txt", "5");
  CHECK(f.run().find("there is something already") != std::string::npos);
  CHECK(f.text("out/a/b/sum.txt") == "5");
  // A result that is not what it was is made anew.
  fs::remove_all(f.scratch / "out");
  gt::write_file(f.scratch / "out.run/results/00001/x\ny", "6");
  REQUIRE(f.run() == "no error");
  CHECK(f.runner.started.size() == 2);
  CHECK(f.text("out/x\ny") == "4");
}
