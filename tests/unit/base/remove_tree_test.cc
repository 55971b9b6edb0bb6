#include "lib/base/remove_tree.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "lib/base/error.h"

namespace gt {
namespace {

namespace fs = std::filesystem;

class Place {
 public:
  Place() {
    std::string pattern = (fs::temp_directory_path() / "gt-remove-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    fs::create_directory(tree());
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { fs::remove_all(path_); }
  fs::path tree() const { return path_ / "tree"; }
  fs::path beside(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

void write(const fs::path& path) { std::ofstream(path) << "x"; }

// A chain of directories that no path can name: each step from the one before.
void make_chain(const fs::path& top, int depth) {
  int at = ::open(top.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < depth; ++i) {
    REQUIRE(::mkdirat(at, "a-directory-with-a-name", 0700) == 0);
    const int next = ::openat(at, "a-directory-with-a-name", O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = next;
  }
  ::close(at);
}

TEST_CASE("nothing there is nothing to do, and a file or a link goes itself") {
  const Place place;
  remove_tree(place.beside("none"));
  write(place.beside("file"));
  remove_tree(place.beside("file"));
  CHECK_FALSE(fs::exists(place.beside("file")));
  write(place.tree() / "kept");
  fs::create_directory_symlink(place.tree(), place.beside("link"));
  remove_tree(place.beside("link"));
  CHECK_FALSE(fs::is_symlink(place.beside("link")));
  CHECK(fs::exists(place.tree() / "kept"));
}

TEST_CASE("links are removed, not followed") {
  const Place place;
  fs::create_directories(place.beside("precious/inner"));
  write(place.beside("precious/inner/file"));
  fs::create_directory_symlink(place.beside("precious"), place.tree() / "link");
  fs::create_directories(place.tree() / "a/b");
  fs::create_directory_symlink("../..", place.tree() / "a/b/up");
  fs::create_symlink(place.beside("precious/inner/file"), place.tree() / "a/b/file");
  REQUIRE(::mkfifo((place.tree() / "a/pipe").c_str(), 0600) == 0);
  remove_tree(place.tree());
  CHECK_FALSE(fs::exists(place.tree()));
  CHECK(fs::exists(place.beside("precious/inner/file")));
}

TEST_CASE("a tree deeper than any path and with more levels than descriptors") {
  const Place place;
  make_chain(place.tree(), 5000);
  remove_tree(place.tree());
  CHECK_FALSE(fs::exists(place.tree()));
}

TEST_CASE("many entries, odd names, and directories that nobody may read") {
  const Place place;
  for (int i = 0; i < 3000; ++i) write(place.tree() / ("f" + std::to_string(i)));
  fs::create_directories(place.tree() / "a\nb/\xff\xfe/c");
  write(place.tree() / "a\nb/\xff\xfe/c/file");
  for (int i = 0; i < 50; ++i) fs::create_directories(place.tree() / ("d" + std::to_string(i)) / "e/f/g");
  ::chmod((place.tree() / "a\nb/\xff\xfe").c_str(), 0);
  ::chmod((place.tree() / "a\nb").c_str(), 0);
  remove_tree(place.tree());
  CHECK_FALSE(fs::exists(place.tree()));
}

TEST_CASE("names that look like its own do not stop it") {
  const Place place;
  for (int i = 0; i < 20; ++i) {
    fs::create_directories(place.tree() / (".gt-remove-" + std::to_string(i)) / (".gt-remove-" + std::to_string(i)) / "x");
    write(place.tree() / (".gt-remove-file" + std::to_string(i)));
  }
  remove_tree(place.tree());
  CHECK_FALSE(fs::exists(place.tree()));
}

TEST_CASE("what is mounted below stays as it is; the rest goes, and that is told") {
  const Place place;
  fs::create_directories(place.tree() / "a/mounted");
  fs::create_directories(place.tree() / "mounted");
  fs::create_directory(place.beside("precious"));
  write(place.beside("precious/file"));
  write(place.tree() / "other");
  for (const fs::path& target : {place.tree() / "a/mounted", place.tree() / "mounted"}) {
    if (::mount("none", target.c_str(), "tmpfs", 0, nullptr) != 0) {
      MESSAGE("skipped: this user may not mount");
      return;
    }
    write(target / "file");
  }
  CHECK_THROWS_AS(remove_tree(place.tree()), Error);
  CHECK(fs::exists(place.tree() / "mounted/file"));
  CHECK(fs::exists(place.tree() / "a/mounted/file"));
  CHECK_FALSE(fs::exists(place.tree() / "other"));
  ::umount((place.tree() / "a/mounted").c_str());
  ::umount((place.tree() / "mounted").c_str());
  remove_tree(place.tree());
  CHECK_FALSE(fs::exists(place.tree()));
}

}  // namespace
}  // namespace gt
