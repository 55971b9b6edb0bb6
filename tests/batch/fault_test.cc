// What the machine can do to a run: a full disk, roots that cannot be written or go away.
#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/batch/generate.h"
#include "tests/batch/process.h"

namespace gt::testing {
namespace {

using batch::testing::files_of;
using batch::testing::Scratch;
using batch::testing::write_text;

class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    is_there_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=2m") == 0;
  }
  ~SmallDisk() {
    if (is_there_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool is_there() const { return is_there_; }
  bool grow() const { return remount(0, "size=64m"); }
  bool make_read_only() const { return remount(MS_RDONLY, nullptr); }
  bool make_writable() const { return remount(0, nullptr); }

 private:
  bool remount(unsigned long flags, const char* options) const {
    return ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | flags, options) == 0;
  }

  std::string path_;
  bool is_there_ = false;
};

TEST_CASE("a disk that becomes full ends the run with a clear error, whole files only; with space it goes on") {
  const Scratch scratch;
  const Collection made = generate(scratch / "src", 2'000);
  REQUIRE(MigrateProcess(scratch / "log", {scratch / "src", "--out", scratch / "expected", "--no-sync"}).wait() == 3);
  const auto expected = files_of(scratch / "expected");
  const SmallDisk disk(scratch / "disk");
  if (!disk.is_there()) {
    MESSAGE("skipped: mounting a small tmpfs needs root");
    return;
  }
  MigrateProcess full(scratch / "log", {scratch / "src", "--out", scratch / "disk/out"});
  CHECK(full.wait() == 4);
  const std::string log = full.log();
  INFO(log);
  CHECK(log.find("the disk is full; make space and run the same command again: it goes on where this one stopped") !=
        std::string::npos);
  const auto there = files_of(scratch / "disk/out");
  CHECK_FALSE(there.empty());
  CHECK(there.size() < expected.size());
  for (const auto& [name, text] : there) CHECK(text == expected.at(name));
  REQUIRE(disk.grow());
  CHECK(MigrateProcess(scratch / "log", {scratch / "src", "--out", scratch / "disk/out"}).wait() == 3);
  CHECK(files_of(scratch / "disk/out") == expected);
  CHECK(MigrateProcess(scratch / "log", {"undo", "--out", scratch / "disk/out"}).wait() == 0);
  CHECK(names_below(scratch / "disk/out").empty());
}

TEST_CASE("an output root that cannot be written, or lies in the sources, is refused, and nothing is touched") {
  const Scratch scratch;
  write_text(scratch / "src/a.gt", batch::testing::recorded("bl_default.gt"));
  write_text(scratch / "file", "");
  const auto sources = files_of(scratch / "src");
  struct Row {
    std::string out;
    int code;
    const char* words;
  };
  for (const Row& row :
       {Row{scratch / "src/out", 2, "the output root lies in"}, Row{scratch / "", 2, "the output root lies in"},
        Row{scratch / "file", 4, "Not a directory"}, Row{"/proc/out", 4, "create the output root"}}) {
    CAPTURE(row.out);
    MigrateProcess process(scratch / "log", {scratch / "src", "--out", row.out});
    CHECK(process.wait() == row.code);
    CHECK_MESSAGE(process.log().find(row.words) != std::string::npos, process.log());
  }
  CHECK(files_of(scratch / "src") == sources);
}

TEST_CASE(
    "an output root that has become read-only ends the run with an error; what is there stays, and the next run goes on") {
  const Scratch scratch;
  for (const char* name : {"a.gt", "x/b.gt"})
    write_text(scratch / ("src/" + std::string(name)), batch::testing::recorded("bl_default.gt"));
  const SmallDisk disk(scratch / "disk");
  if (!disk.is_there()) {
    MESSAGE("skipped: mounting a small tmpfs needs root");
    return;
  }
  const std::vector<std::string> arguments = {scratch / "src", "--out", scratch / "disk/out"};
  REQUIRE(MigrateProcess(scratch / "log", {scratch / "src/a.gt", "--out", scratch / "disk/out"}).wait() == 0);
  const auto names = names_below(scratch / "disk");
  REQUIRE(disk.make_read_only());
  for (const std::vector<std::string>& refused :
       {arguments, {scratch / "src", "--out", scratch / "disk/other"}, {"undo", "--out", scratch / "disk/out"}}) {
    MigrateProcess process(scratch / "log", refused);
    CHECK(process.wait() == 4);
    CHECK_MESSAGE(process.log().find("Read-only file system") != std::string::npos, process.log());
  }
  CHECK(names_below(scratch / "disk") == names);
  REQUIRE(disk.make_writable());
  CHECK(MigrateProcess(scratch / "log", arguments).wait() == 0);
  CHECK(outputs_below(scratch / "disk/out") == std::vector<std::string>{"docker-a.json", "x/docker-b.json"});
}

TEST_CASE("an output root that is moved away under a run is told, and has all of it") {
  const Scratch scratch;
  const Collection made = generate(scratch / "src", 2'000);
  MigrateProcess process(scratch / "log", {scratch / "src", "--out", scratch / "out", "--no-sync"});
  // It is there a moment before it is open: what is in it says that it is.
  while (!std::filesystem::exists(scratch / "out") || std::filesystem::is_empty(scratch / "out"))
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  std::filesystem::rename(scratch / "out", scratch / "moved");
  CHECK(process.wait() == 4);
  CHECK_MESSAGE(process.log().find("the output root was moved or replaced while the run went on") != std::string::npos,
                process.log());
  CHECK(outputs_below(scratch / "moved") == made.outputs);
}

TEST_CASE("an output root that vanishes ends the run with an error, and the next one makes all of it") {
  const Scratch scratch;
  const Collection made = generate(scratch / "src", 2'000);
  MigrateProcess process(scratch / "log", {scratch / "src", "--out", scratch / "out", "--no-sync"});
  while (!std::filesystem::exists(scratch / "out")) std::this_thread::sleep_for(std::chrono::microseconds(100));
  std::filesystem::rename(scratch / "out", scratch / "moved");
  std::error_code ignored;
  for (int i = 0; i < 1000 && std::filesystem::exists(scratch / "moved"); ++i)
    std::filesystem::remove_all(scratch / "moved", ignored);
  const int code = process.wait();
  CHECK_MESSAGE(code == 4, process.log());
  CHECK(MigrateProcess(scratch / "log", {scratch / "src", "--out", scratch / "out", "--no-sync"}).wait() == 3);
  CHECK(outputs_below(scratch / "out") == made.outputs);
}

}  // namespace
}  // namespace gt::testing
