#include "lib/batch/walk.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/batch/support.h"

namespace gt::batch {
namespace {

using testing::Scratch;
using testing::write_text;

std::vector<std::string> walked(Walk& walk) {
  std::vector<std::string> out;
  while (const auto group = walk.next()) {
    for (const Source& source : group->sources)
      out.push_back(group->relative + "|" + source.name + (source.is_link ? " link" : ""));
    for (std::size_t i = 0; i < group->faults.size(); ++i) out.push_back(group->relative + "|fault");
  }
  return out;
}

TEST_CASE("sorted by bytes, files before subdirectories, roots of one name together") {
  const Scratch scratch;
  for (const char* name :
       {"one/b.gt", "one/a/z.gt", "one/a/\xff.gt", "one/a-b/x.gt", "one/c d/\n.gt", "two/a/y.gt", "two/b.gt"})
    write_text(scratch / name, "x");
  Walk walk({scratch / "one", scratch / "two/"}, {});
  CHECK(walked(walk) == std::vector<std::string>{"|b.gt", "|b.gt", "a|y.gt", "a|z.gt", "a|\xff.gt", "a-b|x.gt", "c d|\n.gt"});
}

TEST_CASE("globs choose files, and leave directories out") {
  const Scratch scratch;
  for (const char* name : {"a/x.gt", "a/x.txt", "b/x.gt", "c/old/x.gt"}) write_text(scratch / name, "x");
  Walk walk({scratch / ""}, {.include = Globs({"*.gt"}), .exclude = Globs({"b", "c/old"})});
  CHECK(walked(walk) == std::vector<std::string>{"a|x.gt"});
}

TEST_CASE("links are told, not followed, unless wished; a circle ends") {
  const Scratch scratch;
  write_text(scratch / "out/side.gt", "x");
  write_text(scratch / "in/real.gt", "x");
  testing::fs::create_symlink(scratch / "out/side.gt", scratch / "in/file.gt");
  testing::fs::create_symlink(scratch / "out", scratch / "in/folder");
  testing::fs::create_symlink(scratch / "in", scratch / "in/self");
  Walk plain({scratch / "in"}, {});
  CHECK(walked(plain) == std::vector<std::string>{"|file.gt link", "|folder link", "|real.gt", "|self link"});
  Walk following({scratch / "in"}, {.links = Links::Follow});
  CHECK(walked(following) == std::vector<std::string>{"|file.gt", "|real.gt", "folder|side.gt"});
}

TEST_CASE("pipes are no sources") {
  const Scratch scratch;
  write_text(scratch / "a.gt", "x");
  REQUIRE(::mkfifo((scratch / "b.gt").c_str(), 0600) == 0);
  Walk walk({scratch / ""}, {});
  CHECK(walked(walk) == std::vector<std::string>{"|a.gt"});
}

TEST_CASE("files go to the root, listed files to where their path says") {
  const Scratch scratch;
  write_text(scratch / "a/b/c.gt", "x");
  Walk one({scratch / "a/b/c.gt"}, {});
  CHECK(walked(one) == std::vector<std::string>{"|c.gt"});
  Walk listed({}, {});
  listed.add_listed(scratch / "a/./b//c.gt");
  listed.add_listed(scratch / "a/./b//c.gt");
  const std::string folder = (scratch / "a/b").substr(1);
  CHECK(walked(listed) == std::vector<std::string>{folder + "|c.gt"});
  CHECK_THROWS_AS(listed.add_listed("a/../b.gt"), Error);
}

TEST_CASE("paths longer than the system takes at once") {
  const Scratch scratch;
  const std::string name(200, 'd');
  const Fd root(::open((scratch / "").c_str(), O_RDONLY | O_DIRECTORY));
  std::string relative;
  int at = ::dup(root.get());
  for (int i = 0; i < 30; ++i) {
    REQUIRE(::mkdirat(at, name.c_str(), 0755) == 0);
    const int next = ::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = next;
  }
  ::close(::openat(at, "a.gt", O_CREAT | O_WRONLY, 0644));
  ::close(at);
  Walk walk({scratch / ""}, {});
  CHECK(walked(walk).size() == 1);
}

}  // namespace
}  // namespace gt::batch
