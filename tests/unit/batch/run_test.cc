// Whole runs in this process: what is written, what is kept, what is told.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>

#include "lib/batch/undo.h"
#include "tests/unit/batch/support.h"

namespace gt::batch {
namespace {

using testing::files_of;
using testing::migrate;
using testing::recorded;
using testing::Rows;
using testing::Scratch;
using testing::write_text;

// Six sources in three directories.
void make_sources(const Scratch& scratch) {
  write_text(scratch / "src/a.gt", recorded("bl_default.gt"));
  write_text(scratch / "src/notes.txt", "hello");
  write_text(scratch / "src/x/b.GT", recorded("lux_default.gt"));
  write_text(scratch / "src/x/c.bak", recorded("gnr_vray.gt"));
  write_text(scratch / "src/x/broken.gt", recorded("bl_default.gt").substr(0, 200));
  write_text(scratch / "src/x/y z/d\n\xff.gt", recorded("bl_pl.gt"));
}

Undone undone(const std::string& output) {
  return undo(output, [](const std::string&) {});
}

TEST_CASE("a tree is migrated, a second run writes nothing, verify agrees, undo leaves nothing") {
  const Scratch scratch;
  make_sources(scratch);
  const auto sources = files_of(scratch / "src");
  const Rows first = migrate({scratch / "src"}, scratch / "out");
  const auto outputs = files_of(scratch / "out");
  CHECK(first.count(Result::Migrated) == 4);
  CHECK(first.count(Result::Bad) == 1);
  CHECK(first.count(Result::NotATask) == 1);
  std::vector<std::string> names;
  for (const auto& [name, text] : outputs) names.push_back(name);
  CHECK(names == std::vector<std::string>{"docker-a.json", "x/c.bak.json", "x/docker-b.json", "x/y z/docker-d\n\xff.json"});

  const auto written = testing::fs::last_write_time(scratch / "out/.gt-migrate.manifest");
  const Rows second = migrate({scratch / "src"}, scratch / "out");
  CHECK(second.count(Result::Unchanged) == 4);
  CHECK(second.totals.written == 0);
  CHECK(testing::fs::last_write_time(scratch / "out/.gt-migrate.manifest") == written);
  CHECK(migrate({scratch / "src"}, scratch / "out", {.action = Action::Verify}).count(Result::Agrees) == 4);
  CHECK(files_of(scratch / "out") == outputs);

  CHECK(undone(scratch / "out").removed == 4);
  CHECK(testing::fs::is_empty(scratch / "out"));
  CHECK(files_of(scratch / "src") == sources);
}

TEST_CASE("a file that somebody edited is kept, unless it is to be overwritten; undo keeps it, too") {
  const Scratch scratch;
  make_sources(scratch);
  migrate({scratch / "src"}, scratch / "out");
  write_text(scratch / "out/docker-a.json", "{\"mine\": 1}");
  const Rows kept = migrate({scratch / "src"}, scratch / "out");
  CHECK(kept.of("/a.gt").result == Result::Edited);
  CHECK(testing::read_text(scratch / "out/docker-a.json") == "{\"mine\": 1}");
  CHECK(migrate({scratch / "src"}, scratch / "out", {.action = Action::Verify}).of("/a.gt").result == Result::Differs);
  const Undone undo_result = undone(scratch / "out");
  CHECK(undo_result.kept == 1);
  CHECK(undo_result.removed == 3);
  CHECK(files_of(scratch / "out").size() == 1);
  const Rows replaced = migrate({scratch / "src"}, scratch / "out", {.edited = Edited::Replace});
  CHECK(replaced.of("/a.gt").result == Result::Replaced);
  CHECK(replaced.count(Result::Migrated) == 3);
  undone(scratch / "out");
  CHECK(testing::fs::is_empty(scratch / "out"));
}

TEST_CASE("a file of somebody else's that says the same is unchanged, and stays theirs") {
  const Scratch scratch;
  make_sources(scratch);
  migrate({scratch / "src"}, scratch / "out");
  const std::string text = testing::read_text(scratch / "out/docker-a.json");
  write_text(scratch / "theirs/docker-a.json", text);
  CHECK(migrate({scratch / "src/a.gt"}, scratch / "theirs").of("/a.gt").result == Result::Unchanged);
  CHECK_FALSE(testing::fs::exists(scratch / "theirs/.gt-migrate.manifest"));
  undone(scratch / "theirs");
  CHECK(files_of(scratch / "theirs").size() == 1);
}

std::vector<std::string> gone(const Rows& rows) {
  std::vector<std::string> out;
  for (const Row& row : rows.rows)
    if (row.result == Result::SourceGone) out.push_back(row.outputs.at(0).name);
  return out;
}

TEST_CASE("verify tells the outputs whose sources are gone, as long as they are there") {
  const Scratch scratch;
  make_sources(scratch);
  write_text(scratch / "src/x/deep/down/e.gt", recorded("bl_pl.gt"));
  write_text(scratch / "src/x/deep/f.gt", recorded("bl_pl.gt"));
  migrate({scratch / "src"}, scratch / "out");
  write_text(scratch / "out/x/docker-mine.json", "{}");
  const RunOptions verify{.action = Action::Verify};
  CHECK(gone(migrate({scratch / "src"}, scratch / "out", verify)).empty());
  testing::fs::remove(scratch / "src/a.gt");
  testing::fs::remove(scratch / "src/x/c.bak");
  testing::fs::remove_all(scratch / "src/x/deep");
  const Rows rows = migrate({scratch / "src"}, scratch / "out", verify);
  CHECK(gone(rows) ==
        std::vector<std::string>{"docker-a.json", "x/c.bak.json", "x/deep/docker-f.json", "x/deep/down/docker-e.json"});
  CHECK(rows.count(Result::Agrees) == 2);
  CHECK(rows.of("/docker-a.json").source == scratch / "out/docker-a.json");
  CHECK(rows.of("/docker-a.json").obstacle == "docker-a.json was written of a source that is not there any more");
  CHECK(is_failure(rows.of("/docker-a.json").result));
  CHECK(gone(migrate({scratch / "src"}, scratch / "out")).empty());
  // An edited one is still one of these, a removed one is none.
  write_text(scratch / "out/x/c.bak.json", "{\"mine\": 1}");
  testing::fs::remove(scratch / "out/docker-a.json");
  testing::fs::remove_all(scratch / "out/x/deep");
  CHECK(gone(migrate({scratch / "src"}, scratch / "out", verify)) == std::vector<std::string>{"x/c.bak.json"});
}

TEST_CASE("a source that this run leaves out is not gone") {
  const Scratch scratch;
  make_sources(scratch);
  migrate({scratch / "src"}, scratch / "out");
  testing::fs::remove(scratch / "src/x/c.bak");
  const std::vector<std::string> one = {"x/c.bak.json"};
  const std::vector<std::string> none;
  struct Run {
    std::string what;
    std::string source;
    Target target;
    Walk::Options walk;
    std::vector<std::string> gone;
  };
  for (const Run& run :
       {Run{"only some names", "src", Target::Docker, {.include = Globs({"*.bak"})}, one},
        Run{"without a file", "src", Target::Docker, {.exclude = Globs({"a.gt"})}, one},
        Run{"without a directory", "src", Target::Docker, {.exclude = Globs({"x"})}, none},
        Run{"other outputs", "src", Target::Json, {}, one}, Run{"a file", "src/a.gt", Target::Docker, {}, none}}) {
    CAPTURE(run.what);
    const RunOptions verify{.action = Action::Verify, .rules = {.target = run.target}};
    CHECK(gone(migrate({scratch / run.source}, scratch / "out", verify, run.walk)) == run.gone);
  }
  testing::fs::rename(scratch / "src/x", scratch / "elsewhere");
  testing::fs::create_directory_symlink(scratch / "elsewhere", scratch / "src/x");
  const RunOptions verify{.action = Action::Verify};
  CHECK(gone(migrate({scratch / "src"}, scratch / "out", verify)) == none);
  CHECK(gone(migrate({scratch / "src"}, scratch / "out", verify, {.links = Links::Follow})) == one);
}

TEST_CASE("what is in the place of a directory of another root is not gone") {
  const Scratch scratch;
  make_sources(scratch);
  write_text(scratch / "two/x/g.gt", recorded("bl_pl.gt"));
  migrate({scratch / "src", scratch / "two"}, scratch / "out");
  const RunOptions verify{.action = Action::Verify};
  CHECK(gone(migrate({scratch / "src", scratch / "two"}, scratch / "out", verify)).empty());
  CHECK(gone(migrate({scratch / "src"}, scratch / "out", verify)) == std::vector<std::string>{"x/docker-g.json"});
}

TEST_CASE("a source that changed takes the place of what was written of it") {
  const Scratch scratch;
  make_sources(scratch);
  migrate({scratch / "src"}, scratch / "out");
  write_text(scratch / "src/a.gt", recorded("bl_frames_0.gt"));
  const Rows rows = migrate({scratch / "src"}, scratch / "out", {.diff = Diff::Yes});
  CHECK(rows.of("/a.gt").result == Result::Updated);
  REQUIRE_FALSE(rows.of("/a.gt").changes.empty());
  CHECK(rows.of("/x/b.GT").result == Result::Unchanged);
  CHECK_FALSE(testing::fs::exists(scratch / "out/.gt-migrate.new"));
  CHECK(migrate({scratch / "src"}, scratch / "out").totals.written == 0);
  undone(scratch / "out");
  CHECK(testing::fs::is_empty(scratch / "out"));
}

TEST_CASE("stopped between the line of the manifest and the file: the next run goes on") {
  const Scratch scratch;
  make_sources(scratch);
  migrate({scratch / "src"}, scratch / "out");
  const std::string before = testing::read_text(scratch / "out/docker-a.json");
  write_text(scratch / "src/a.gt", recorded("bl_frames_0.gt"));
  migrate({scratch / "src"}, scratch / "out");
  const std::string after = testing::read_text(scratch / "out/docker-a.json");
  REQUIRE(before != after);
  write_text(scratch / "out/docker-a.json", before);  // as if the file had not got its name
  write_text(scratch / "out/.gt-migrate.new", "half");
  CHECK(migrate({scratch / "src"}, scratch / "out").of("/a.gt").result == Result::Updated);
  CHECK(testing::read_text(scratch / "out/docker-a.json") == after);
  CHECK_FALSE(testing::fs::exists(scratch / "out/.gt-migrate.new"));
}

TEST_CASE("stopped twice between the line of the manifest and the file, each time for another source: the next run goes on") {
  const Scratch scratch;
  write_text(scratch / "src/a.gt", recorded("bl_default.gt"));
  migrate({scratch / "src"}, scratch / "out");
  const std::string before = testing::read_text(scratch / "out/docker-a.json");
  for (const char* source : {"bl_frames_0.gt", "bl_pl.gt"}) {
    write_text(scratch / "src/a.gt", recorded(source));
    CHECK(migrate({scratch / "src"}, scratch / "out").of("/a.gt").result == Result::Updated);
    REQUIRE(testing::read_text(scratch / "out/docker-a.json") != before);
    write_text(scratch / "out/docker-a.json", before);  // as if the file had not got its name
  }
  CHECK(migrate({scratch / "src"}, scratch / "out").of("/a.gt").result == Result::Updated);
  CHECK(migrate({scratch / "src"}, scratch / "out").of("/a.gt").result == Result::Unchanged);
}

TEST_CASE("two sources of one name are both told, and neither is written") {
  const Scratch scratch;
  write_text(scratch / "src/a.gt", recorded("bl_default.gt"));
  write_text(scratch / "src/a.json", recorded("bl_default.json"));
  write_text(scratch / "src/b.gt", recorded("bl_pl.gt"));
  write_text(scratch / "src/docker-b.json", recorded("bl_pl.docker.json"));  // a Docker task writes nothing
  write_text(scratch / "src/c.gt", recorded("bl_pl.gt"));
  write_text(scratch / "src/c.json", "{}");  // no task
  write_text(scratch / "two/c.gt", recorded("bl_default.gt"));
  const Rows one = migrate({scratch / "src"}, scratch / "out");
  CHECK(one.count(Result::Conflict) == 2);
  CHECK(one.of("/a.gt").obstacle == scratch / "src/a.json" + " would write docker-a.json, too");
  std::vector<std::string> names;
  for (const auto& [name, text] : files_of(scratch / "out")) names.push_back(name);
  CHECK(names == std::vector<std::string>{"docker-b.json", "docker-c.json"});
  // Also of two roots.
  const Rows both = migrate({scratch / "src", scratch / "two"}, scratch / "other");
  CHECK(both.count(Result::Conflict) == 4);
}

TEST_CASE("rows and outputs are the same whatever the number of threads") {
  const Scratch scratch;
  std::vector<std::string> bytes;
  for (const char* name : {"bl_default.gt", "lux_default.gt", "gnr_vray.gt", "bl_res_none.gt", "bl_pl.gt"})
    bytes.push_back(recorded(name));
  for (int i = 0; i < 900; ++i) {
    const std::string name = "src/d" + std::to_string(i % 7) + "/" + std::to_string(i);
    write_text(scratch / (name + ".gt"), bytes[static_cast<std::size_t>(i) % bytes.size()].substr(0, i % 50 == 0 ? 100 : 9999));
  }
  const auto told = [](const Rows& rows) {
    std::string out;
    for (const Row& row : rows.rows) out += row.source + " " + std::string(to_string(row.result)) + "\n";
    return out;
  };
  const Rows one = migrate({scratch / "src"}, scratch / "one", {.jobs = 1});
  const Rows many = migrate({scratch / "src"}, scratch / "many", {.jobs = 8});
  CHECK(one.rows.size() == 900);
  CHECK(told(one) == told(many));
  CHECK(files_of(scratch / "one") == files_of(scratch / "many"));
}

TEST_CASE("a dry run writes nothing and says the same") {
  const Scratch scratch;
  make_sources(scratch);
  const Rows dry = migrate({scratch / "src"}, scratch / "out", {.action = Action::DryRun, .quarantine = {}});
  CHECK_FALSE(testing::fs::exists(scratch / "out"));
  CHECK(dry.count(Result::Migrated) == 4);
  CHECK(dry.count(Result::Bad) == 1);
}

TEST_CASE("bad files are copied to the quarantine beside their explanation") {
  const Scratch scratch;
  make_sources(scratch);
  migrate({scratch / "src"}, scratch / "out", {.quarantine = scratch / "bad"});
  const auto files = files_of(scratch / "bad");
  REQUIRE(files.size() == 2);
  CHECK(files.at("x/broken.gt") == recorded("bl_default.gt").substr(0, 200));
  const std::string& text = files.at("x/broken.gt.explanation.txt");
  INFO(text);
  CHECK(text.find("\ncode: pickle.truncated\noffset: ") != std::string::npos);
}

TEST_CASE("links in the output tree are not followed: they could lead to the sources") {
  const Scratch scratch;
  make_sources(scratch);
  testing::fs::create_directories(scratch / "out");
  testing::fs::create_directory_symlink(scratch / "src/x", scratch / "out/x");
  const auto sources = files_of(scratch / "src");
  CHECK_THROWS_WITH_AS(migrate({scratch / "src"}, scratch / "out"), doctest::Contains("a symbolic link or a file stands where"),
                       Error);
  CHECK(files_of(scratch / "src") == sources);
  testing::fs::remove(scratch / "out/x");
  testing::fs::remove(scratch / "out/docker-a.json");
  testing::fs::create_symlink(scratch / "src/a.gt", scratch / "out/docker-a.json");
  CHECK(migrate({scratch / "src"}, scratch / "out").of("/a.gt").result == Result::Edited);
  CHECK(migrate({scratch / "src"}, scratch / "out", {.edited = Edited::Replace}).of("/a.gt").result == Result::Replaced);
  CHECK(files_of(scratch / "src") == sources);
}

TEST_CASE("outputs lie apart from sources") {
  const Scratch scratch;
  make_sources(scratch);
  testing::fs::create_directories(scratch / "elsewhere");
  testing::fs::create_directory_symlink(scratch / "src", scratch / "link");
  for (const std::string output : {"src", "src/x/new/deep", "", "link/new", "elsewhere/../src"}) {
    CAPTURE(output);
    CHECK_THROWS_AS(require_apart({scratch / "src"}, scratch / output, ""), Error);
  }
  require_apart({scratch / "src"}, scratch / "out", scratch / "bad");
  require_apart({scratch / "src"}, scratch / "srcs", "");
  CHECK_THROWS_AS(require_apart({scratch / "src"}, scratch / "out", scratch / "src/bad"), Error);
  CHECK_THROWS_AS(require_apart({scratch / "src"}, scratch / "out", scratch / "out/bad"), Error);
}

TEST_CASE("one run at a time in an output root") {
  const Scratch scratch;
  make_sources(scratch);
  struct Second : Observer {
    void on_row(const Row&) override {
      if (message.empty()) {
        try {
          migrate({source}, output);
        } catch (const Error& error) {
          message = error.message();
        }
      }
    }
    std::string source;
    std::string output;
    std::string message;
  };
  Second second;
  second.source = scratch / "src";
  second.output = scratch / "out";
  Walk walk({scratch / "src"}, {});
  const std::atomic<bool> stop{false};
  run(walk, scratch / "out", {.durability = Durability::NoSync}, second, stop);
  CHECK(second.message == "another migrate-tasks is at work in this output root");
}

TEST_CASE("an observer that fails ends the run; no row is told twice") {
  const Scratch scratch;
  for (int i = 0; i < 400; ++i) write_text(scratch / ("src/" + std::to_string(i) + ".gt"), recorded("bl_default.gt"));
  struct Failing : Observer {
    void on_row(const Row& row) override {
      told.push_back(row.source);
      if (told.size() == 5) throw Error(ErrorCode::System, "the disk of the report is full");
    }
    std::vector<std::string> told;
  };
  Failing observer;
  Walk walk({scratch / "src"}, {});
  const std::atomic<bool> stop{false};
  CHECK_THROWS_AS(run(walk, scratch / "out", {.durability = Durability::NoSync, .jobs = 2}, observer, stop), Error);
  std::vector<std::string> told = observer.told;
  std::sort(told.begin(), told.end());
  CHECK(std::adjacent_find(told.begin(), told.end()) == told.end());
}

TEST_CASE("files that cannot be read, and names that would be too long, do not stop a run") {
  const Scratch scratch;
  make_sources(scratch);
  write_text(scratch / ("src/" + std::string(250, 'n') + ".gt"), recorded("bl_default.gt"));
  testing::fs::create_symlink("nowhere", scratch / "src/gone.gt");
  const Rows rows = migrate({scratch / "src"}, scratch / "out", {}, {.links = Links::Follow});
  CHECK(rows.count(Result::Unwritten) == 1);
  CHECK(rows.count(Result::Unreadable) == 1);
  CHECK(rows.count(Result::Migrated) == 4);
}

}  // namespace
}  // namespace gt::batch
