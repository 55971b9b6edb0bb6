// The task's files: found, staged, and the run directory that holds them.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/run/result_check.h"
#include "lib/run/run_directory.h"
#include "lib/run/staging.h"
#include "lib/run/task_files.h"
#include "tests/unit/run/scratch.h"

namespace fs = std::filesystem;
using gt::run::Keep;
using gt::run::Owner;
using gt::run::PathMap;
using gt::run::RunDirectory;
using gt::run::Scratch;
using gt::run::TaskFiles;

namespace {

const Owner k_caller{::geteuid(), ::getegid(), false};

std::string error_text(const auto& body) {
  try {
    body();
  } catch (const gt::Error& error) {
    return std::string(gt::to_string(error.code())) + ": " + error.what();
  }
  return "no error";
}

std::string text_of(const fs::path& path) { return std::string(gt::Input::read(path).bytes()); }

fs::path output_of(const gt::task::Definition& d, const PathMap& map, const std::optional<std::string>& option = {}) {
  return gt::run::find_output(d, map, option, *gt::render::find_format("PNG"), {});
}

}  // namespace

TEST_CASE("files of a task are found, the built-in script is not looked for") {
  const Scratch scratch;
  gt::task::Definition d = still_task(scratch);
  d.resources.push_back(scratch.make("scene/textures/x.png"));
  d.resources.push_back("C:\\golem\\luxtask.py");
  const TaskFiles files = gt::run::find_task_files(d, {});
  CHECK(files.scene == scratch / "scene/a.blend");
  CHECK(files.resources == std::vector<fs::path>{scratch / "scene/textures/x.png"});
  CHECK_FALSE(files.own_script);
}

TEST_CASE("a script of another name is the task's own and must be there") {
  const Scratch scratch;
  gt::task::Definition d = still_task(scratch);
  d.main_program_file = "/nowhere/mine.py";
  d.resources.push_back("/nowhere/mine.py");
  CHECK(error_text([&] { gt::run::find_task_files(d, {}); }) ==
        "task.file-missing: the script /nowhere/mine.py is not here; give --map /nowhere=DIR");
  const fs::path script = scratch.make("tools/mine.py");
  PathMap map;
  map.add("/nowhere=" + script.parent_path().string());
  const TaskFiles files = gt::run::find_task_files(d, map);
  CHECK(files.own_script == script);
  CHECK(files.resources.empty());
}

TEST_CASE("all files that are missing are listed, each with the option that helps") {
  const Scratch scratch;
  gt::task::Definition d = still_task(scratch);
  d.main_scene_file = "/home/ania/my blocks/blocks.blend";
  d.resources = {"C:\\Users\\x\\t.png",
                 "$GOLEM_DIR/a",
                 "b.png",
                 scratch.make("dir/file").parent_path(),
                 "/dev/null",
                 std::string("/etc/hostname\0x", 15)};
  PathMap map;
  map.add("/home/ania=/mnt/none");
  const std::string expected =
      "task.file-missing: 7 files of the task cannot be used:\n"
      "  the scene /home/ania/my blocks/blocks.blend is not here (looked for as /mnt/none/my blocks/blocks.blend because of "
      "--map "
      "/home/ania=/mnt/none); give --map '/home/ania/my blocks=DIR'\n"
      "  the resource C:\\Users\\x\\t.png is not here; give --map 'C:\\Users\\x=DIR'\n"
      "  the resource $GOLEM_DIR/a is not here; give --map '$GOLEM_DIR=DIR'\n"
      "  the resource b.png is not here; give --map b.png=FILE\n"
      "  the resource " +
      (scratch / "dir").string() + " is a directory, not a file; give --map " + (scratch / "dir").parent_path().string() +
      "=DIR\n"
      "  the resource /dev/null is not a regular file; give --map /dev=DIR\n"
      "  the resource /etc/hostname\\x00x is not here; give --map /etc=DIR";
  CHECK(error_text([&] { gt::run::find_task_files(d, map); }) == expected);
}

TEST_CASE("files that moved are found by their names, and several of one name are told apart by their bytes") {
  const Scratch scratch;
  gt::task::Definition d = gt::run::still_task(scratch);
  d.main_scene_file = "C:\\Users\\ania\\moved.blend";
  d.resources = {"/home/ania/wood.png", "/home/ania/sky.png"};
  scratch.make("new/deep/moved.blend", "scene");
  scratch.make("new/a/wood.png", "wood");
  scratch.make("new/b/wood.png", "wood");  // a copy
  scratch.make("new/a/sky.png", "sky");
  fs::create_directory_symlink(scratch / "new", scratch / "new/circle");
  std::vector<gt::Finding> found;
  const gt::run::Search search{{scratch / "new"}, &found};
  const TaskFiles files = gt::run::find_task_files(d, {}, search);
  CHECK(files.scene == scratch / "new/deep/moved.blend");
  CHECK(files.resources == std::vector<fs::path>{scratch / "new/a/wood.png", scratch / "new/a/sky.png"});
  REQUIRE(found.size() == 3);
  CHECK(found[1].message == "the resource /home/ania/wood.png was found as " + (scratch / "new/a/wood.png").string());
  scratch.make("new/b/sky.png", "another");
  CHECK(error_text([&] { gt::run::find_task_files(d, {}, search); }) ==
        "task.file-missing: the resource /home/ania/sky.png is not here, and there are several of that name:\n    " +
            (scratch / "new/a/sky.png").string() + ", 3 bytes\n    " + (scratch / "new/b/sky.png").string() +
            ", 7 bytes; give --map /home/ania=DIR");
  CHECK(error_text([&] { gt::run::find_task_files(d, {}, {{scratch / "none"}, &found}); }).starts_with("file.not-found: "));
}

TEST_CASE("the picture goes where the option or the task says, with its extension") {
  const Scratch scratch;
  const gt::task::Definition d = still_task(scratch);
  CHECK(output_of(d, {}) == scratch / "out.png");
  CHECK(output_of(d, {}, (scratch / "b.PNG").string()) == scratch / "b.PNG");
  CHECK(output_of(d, {}, "here") == "here.png");
  gt::task::Definition elsewhere = d;
  elsewhere.output_file = "/home/ania/out/a";
  CHECK(error_text([&] { output_of(elsewhere, {}); }) ==
        "task.file-missing: the picture's directory /home/ania/out does not exist; give --output FILE, or --map "
        "/home/ania/out=DIR");
  elsewhere.output_file = "C:\\out\\a";
  CHECK(error_text([&] { output_of(elsewhere, {}); }) ==
        "task.file-missing: the picture's place C:\\out\\a is one of another machine; give --output FILE, or --map "
        "'C:\\out=DIR'");
  PathMap map;
  map.add("C:\\out=" + (scratch / "scene").string());
  CHECK(output_of(elsewhere, map) == scratch / "scene/a.png");
  elsewhere.output_file.clear();
  CHECK(error_text([&] { output_of(elsewhere, {}); }) == "usage: the task names no output file; give --output FILE");
  CHECK(error_text([&] { output_of(d, {}, "-"); }) == "usage: the picture cannot go to standard output; give --output FILE");
  CHECK(error_text([&] { output_of(d, {}, "/nowhere/a.png"); }) ==
        "task.file-missing: the picture's directory /nowhere does not exist; make it, or give another --output");
}

TEST_CASE("the picture never overwrites what the task needs") {
  const Scratch scratch;
  gt::task::Definition d = still_task(scratch);
  d.main_scene_file = scratch.make("scene.png");
  fs::create_hard_link(scratch / "scene.png", scratch / "link.png");
  const TaskFiles files = gt::run::find_task_files(d, {});
  const std::string text =
      error_text([&] { gt::run::find_output(d, {}, (scratch / "link.png").string(), *gt::render::find_format("PNG"), files); });
  CHECK(text.rfind("file.output-is-input: ", 0) == 0);
}

TEST_CASE("the common directory is found by whole components") {
  using gt::run::common_directory;
  CHECK(common_directory({"/a/b/x"}) == "/a/b");
  CHECK(common_directory({"/a/bc/x", "/a/bd/y"}) == "/a");
  CHECK(common_directory({"/a/b/x", "/a/b/c/y"}) == "/a/b");
  CHECK(common_directory({"/a/b/c/y", "/a/b/x"}) == "/a/b");
  CHECK(common_directory({"/a/x", "/b/x"}) == "/");
  CHECK(common_directory({"/a/./b/../b/x", "/a//b/y"}) == "/a/b");
  CHECK(common_directory({"/a/b/x", "/a/bb"}) == "/a");
}

TEST_CASE("files are staged read-only, relative to each other as they were") {
  const Scratch scratch;
  const TaskFiles files{.scene = scratch.make("p/scenes/a.blend", "scene"),
                        .resources = {scratch.make("p/textures/x.png", "texture"), scratch.make("p/scenes/a.blend", "scene")},
                        .own_script = {}};
  scratch.make("p/scenes/secret", "not named by the task");
  const auto plan = gt::run::plan_staging(files);
  CHECK(plan.root == scratch / "p");
  CHECK(plan.scene == "/golem/resources/scenes/a.blend");
  fs::create_directory(scratch / "staged");
  gt::run::stage(plan, scratch / "staged", k_caller, [] { return false; });
  CHECK(text_of(scratch / "staged/scenes/a.blend") == "scene");
  CHECK(text_of(scratch / "staged/textures/x.png") == "texture");
  CHECK_FALSE(fs::exists(scratch / "staged/scenes/secret"));
  struct stat info {};
  REQUIRE(::stat((scratch / "staged/textures/x.png").c_str(), &info) == 0);
  CHECK((info.st_mode & 0222) == 0);
}

TEST_CASE("a link that leads out of the task's folder is not followed") {
  const Scratch scratch;
  const fs::path scene = scratch.make("p/a.blend");
  fs::create_directory(scratch / "staged");
  scratch.make("p/real.png", "inside");
  fs::create_symlink("real.png", scratch / "p/inside.png");
  fs::create_symlink(scratch.make("outside", "secret"), scratch / "p/outside.png");
  const auto no = [] { return false; };
  gt::run::stage(gt::run::plan_staging({scene, {scratch / "p/inside.png"}, {}}), scratch / "staged", k_caller, no);
  CHECK(text_of(scratch / "staged/inside.png") == "inside");
  fs::create_directory(scratch / "staged2");
  const std::string text = error_text([&] {
    gt::run::stage(gt::run::plan_staging({scene, {scratch / "p/outside.png"}, {}}), scratch / "staged2", k_caller, no);
  });
  CHECK(text.find("is a link that leads out of the task's folder, to " + (scratch / "outside").string()) != std::string::npos);
}

TEST_CASE("a run directory keeps logs and nothing else, whatever a container left") {
  const Scratch scratch;
  const fs::path run = scratch / "out.run";
  {
    RunDirectory directory(run, k_caller, Keep::Logs);
    directory.clear();
    const auto paths = directory.make_container(2);
    CHECK(paths.name == "containers/00002-1");
    CHECK(directory.make_container(2).name == "containers/00002-2");
    gt::write_file(paths.stderr_log, "log");
    gt::write_file(paths.output / "strip0001.png", "x");
    gt::write_file(directory.resources() / "a.blend", "x");
    fs::create_directories(paths.work / "d/e");
    fs::create_symlink(scratch.make("mine/precious"), paths.work / "d/link");
    fs::create_directory_symlink(scratch / "mine", paths.work / "d/dirlink");
    ::chmod((paths.work / "d/e").c_str(), 0);
    CHECK(error_text([&] { RunDirectory(run, k_caller, Keep::Logs); }).find("another submit-task is using") !=
          std::string::npos);
  }
  CHECK(fs::exists(scratch / "mine/precious"));
  CHECK(fs::exists(run / "containers/00002-1/stderr.log"));
  CHECK_FALSE(fs::exists(run / "containers/00002-1/output"));
  CHECK_FALSE(fs::exists(run / "containers/00002-1/work"));
  CHECK_FALSE(fs::exists(run / "resources"));
  RunDirectory(run, k_caller, Keep::Everything).clear();
  CHECK_FALSE(fs::exists(run / "containers/00002-1"));
  CHECK(fs::exists(run / "resources"));
}

TEST_CASE("a subtask is rendered by one at a time, whoever it is") {
  const Scratch scratch;
  RunDirectory directory(scratch / "out.run", k_caller, Keep::Logs);
  directory.clear();
  const auto first = directory.lock(3);
  CHECK(first.has_value());
  CHECK_FALSE(directory.lock(3).has_value());
  CHECK(directory.lock(4).has_value());
}

TEST_CASE("records and plans are read as they were written, and nothing else is") {
  const Scratch scratch;
  RunDirectory directory(scratch / "out.run", k_caller, Keep::Logs);
  directory.clear();
  gt::run::Record record{.subtask = 7};
  record.attempts.push_back({.directory = "containers/00007-1",
                             .container = "gt-tools-1",
                             .elapsed_ms = 5,
                             .cause = gt::run::Cause::OutOfMemory,
                             .exit_code = 137,
                             .message = "z\n\xff",
                             .peak_memory = 1ull << 40});
  record.result = gt::run::Result{
      .file = "results/00007.png", .size = 9, .sha256 = "ab", .pixels = "RGBA, 8 bit", .pixel_hash = ~0ull, .is_black = true};
  directory.write(record);
  const gt::run::Record seen = directory.record(7);
  CHECK(seen.subtask == 7);
  REQUIRE(seen.attempts.size() == 1);
  CHECK(seen.attempts[0].cause == gt::run::Cause::OutOfMemory);
  CHECK(seen.attempts[0].message == "z\n\xff");
  CHECK(seen.attempts[0].peak_memory == 1ull << 40);
  REQUIRE(seen.result);
  CHECK(seen.result->pixel_hash == ~0ull);
  CHECK(seen.result->is_black);
  CHECK(directory.record(8).attempts.empty());
  const fs::path file = scratch / "out.run/subtasks/00007";
  const std::string bytes(gt::Input::read(file).bytes());
  const auto error_with = [&](const std::string& changed) {
    gt::write_file(file, changed);
    return error_text([&] { directory.record(7); });
  };
  std::string flipped = bytes;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  const std::string hint = "; --restart begins the run anew";
  CHECK(error_with(flipped) == "run.state: " + file.string() + ": is damaged: its digest is another" + hint);
  CHECK(error_with(bytes.substr(0, bytes.size() - 1)) ==
        "run.state: " + file.string() + ": is damaged: its digest is another" + hint);
  CHECK(error_with("gt-tools run record 9\n" + bytes.substr(22)) ==
        "run.state: " + file.string() + ": was written by another version of submit-task" + hint);
  CHECK(error_with("a picture") == "run.state: " + file.string() + ": is no gt-tools run record" + hint);
}

TEST_CASE("a directory with other contents is not taken for a run directory") {
  const Scratch scratch;
  scratch.make("project/resources/mine");
  CHECK(error_text([&] { RunDirectory(scratch / "project", k_caller, Keep::Logs); }) ==
        "file.exists: " + (scratch / "project").string() +
            ": the directory is not empty and not that of a run; give another --run-dir");
  CHECK(fs::exists(scratch / "project/resources/mine"));
  CHECK(error_text([&] {
          RunDirectory(scratch / "project/resources/mine", k_caller, Keep::Logs);
        }).find("is not a directory") != std::string::npos);
}

TEST_CASE("the end of a log is its last lines, made printable") {
  const Scratch scratch;
  std::string lines;
  for (int i = 1; i <= 5000; ++i) lines += "line " + std::to_string(i) + "\n";
  const fs::path log = scratch.make("log", lines + "\x1b[31mred\n\nno newline");
  CHECK(gt::run::log_tail(log, 4) == "\n    line 5000\n    \\x1b[31mred\n    \n    no newline");
  CHECK(gt::run::log_tail(scratch.make("short", "a\nb\n")) == "\n    a\n    b");
  CHECK(gt::run::log_tail(scratch.make("empty", "")).empty());
  CHECK(gt::run::log_tail(scratch / "missing").empty());
}
