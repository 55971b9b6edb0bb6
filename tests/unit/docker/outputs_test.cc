#include "lib/docker/outputs.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <atomic>
#include <functional>
#include <thread>

#include "tests/unit/docker/support.h"

namespace gt::docker {
namespace {

using testing::error_of;
using testing::read_text;
using testing::TemporaryDirectory;
using testing::write_text;
namespace fs = std::filesystem;

// An output directory, and what lies beside it that nobody may reach.
struct Scene {
  TemporaryDirectory root;
  fs::path out = root.path() / "output";
  fs::path secret = root.path() / "secret";

  Scene() {
    fs::create_directory(out);
    fs::create_directory(secret);
    write_text(secret / "key", "private");
    write_text(out / "good.png", "picture");
  }
};

std::string text_of(const Fd& file) {
  std::string text(1000, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

void make_socket(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

void make_sparse(const fs::path& path, off_t size) {
  write_text(path, "");
  REQUIRE(::truncate(path.c_str(), size) == 0);
}

constexpr Opening k_openings[] = {Opening::Kernel, Opening::Walk};

TEST_CASE("what a hostile job leaves is not opened, and a listing says why") {
  struct Row {
    const char* what;
    std::function<void(const Scene&)> make;
    std::string name;     // that is asked for
    std::string error;    // begins so
    std::string refusal;  // in the listing; empty: the listing does not have it, or as part of another
  };
  const std::string beneath = ": cannot be reached without a link below the output directory: ";
  const Row rows[] = {
      {"a link to a file outside", [](const Scene& s) { fs::create_symlink(s.secret / "key", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a relative link out", [](const Scene& s) { fs::create_symlink("../secret/key", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a link to a good file inside", [](const Scene& s) { fs::create_symlink("good.png", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a link to nothing", [](const Scene& s) { fs::create_symlink("none", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a link to itself", [](const Scene& s) { fs::create_symlink("x", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a link to the environment of who reads it",
       [](const Scene& s) { fs::create_symlink("/proc/self/environ", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a link to its descriptors", [](const Scene& s) { fs::create_symlink("/proc/self/fd/0", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a link to its memory", [](const Scene& s) { fs::create_symlink("/proc/self/mem", s.out / "x"); }, "x",
       "x: is a symbolic link, not a regular file", "x: is a symbolic link, not a regular file"},
      {"a directory that is a link out", [](const Scene& s) { fs::create_directory_symlink(s.secret, s.out / "d"); }, "d/key",
       "d/key" + beneath, "d: is a symbolic link, not a regular file"},
      {"a directory that is a link inside",
       [](const Scene& s) {
         fs::create_directory(s.out / "real");
         write_text(s.out / "real/x", "x");
         fs::create_directory_symlink("real", s.out / "d");
       },
       "d/x", "d/x" + beneath, "d: is a symbolic link, not a regular file"},
      {"a directory that is a link to its parent", [](const Scene& s) { fs::create_directory_symlink("..", s.out / "d"); },
       "d/secret/key", "d/secret/key" + beneath, "d: is a symbolic link, not a regular file"},
      {"a loop of directories",
       [](const Scene& s) {
         fs::create_directory(s.out / "d");
         fs::create_directory_symlink(".", s.out / "d/d");
       },
       "d/d/d/d/x", "d/d/d/d/x" + beneath, "d/d: is a symbolic link, not a regular file"},
      {"a link to the root of a process", [](const Scene& s) { fs::create_directory_symlink("/proc/self/root", s.out / "d"); },
       "d/etc/passwd", "d/etc/passwd" + beneath, "d: is a symbolic link, not a regular file"},
      {"a pipe", [](const Scene& s) { REQUIRE(::mkfifo((s.out / "x").c_str(), 0644) == 0); }, "x",
       "x: is a pipe, not a regular file", "x: is a pipe, not a regular file"},
      {"a socket", [](const Scene& s) { make_socket(s.out / "x"); }, "x", "x: is a socket, not a regular file",
       "x: is a socket, not a regular file"},
      {"a directory in place of a file", [](const Scene& s) { fs::create_directory(s.out / "x"); }, "x",
       "x: is a directory, not a regular file", ""},
      {"a file in place of a directory", [](const Scene&) {}, "good.png/x", "good.png/x" + beneath, ""},
      {"a second name of a file outside", [](const Scene& s) { fs::create_hard_link(s.secret / "key", s.out / "x"); }, "x",
       "x: has 2 names (hard links)", "x: has 2 names (hard links)"},
      {"a terabyte of nothing", [](const Scene& s) { make_sparse(s.out / "x", off_t{1} << 40); }, "x",
       "x: is 1099511627776 bytes long, more than the limit of 68719476736",
       "x: is 1099511627776 bytes long, more than the limit of 68719476736"},
      {"a way up at the front", [](const Scene&) {}, "../secret/key", "../secret/key: is no name of a file below", ""},
      {"a way up in the middle", [](const Scene& s) { fs::create_directory(s.out / "d"); }, "d/../../secret/key",
       "d/../../secret/key: is no name of a file below", ""},
      {"a way up at the end", [](const Scene& s) { fs::create_directory(s.out / "d"); }, "d/..",
       "d/..: is no name of a file below", ""},
      {"the directory itself", [](const Scene&) {}, ".", ".: is no name of a file below", ""},
      {"an absolute name", [](const Scene&) {}, "/etc/passwd", "/etc/passwd: is no name of a file below", ""},
      {"a doubled slash", [](const Scene&) {}, "d//x", "d//x: is no name of a file below", ""},
      {"a slash at the end", [](const Scene&) {}, "good.png/", "good.png/: is no name of a file below", ""},
      {"a NUL that would hide what follows", [](const Scene&) {}, std::string("good.png\0.exr", 13),
       "good.png\\x00.exr: is no name of a file below", ""},
  };
  for (const Row& row : rows) {
    for (const Opening opening : k_openings) {
      CAPTURE(row.what);
      const Scene scene;
      row.make(scene);
      const Outputs outputs(scene.out, {}, opening);
      const std::string error = error_of([&] { outputs.open(row.name); });
      CHECK_MESSAGE(error.starts_with("run.result-invalid: " + row.error), error);
      const Outputs::Listing listing = outputs.list();
      CHECK(std::any_of(listing.files.begin(), listing.files.end(), [](const auto& f) { return f.name == "good.png"; }));
      for (const auto& file : listing.files) CHECK(file.name != row.name);
      if (row.refusal.empty()) {
        CHECK(listing.refused.empty());
      } else {
        REQUIRE(listing.refused.size() == 1);
        CHECK(to_string(listing.refused[0]) == "warning: " + row.refusal);
      }
      CHECK(text_of(outputs.open("good.png")) == "picture");
    }
  }
}

TEST_CASE("devices are not even opened") {
  for (const auto& [kind, number] : {std::pair{S_IFCHR, makedev(5, 0)}, {S_IFCHR, makedev(1, 5)}, {S_IFBLK, makedev(7, 0)}}) {
    const Scene scene;
    if (::mknod((scene.out / "x").c_str(), static_cast<mode_t>(kind) | 0666, number) != 0) {
      MESSAGE("skipped: this user may not make devices");
      return;
    }
    for (const Opening opening : k_openings) {
      const Outputs outputs(scene.out, {}, opening);
      CHECK(error_of([&] { outputs.open("x"); }) == "run.result-invalid: x: is a device, not a regular file");
      REQUIRE(outputs.list().refused.size() == 1);
      CHECK(to_string(outputs.list().refused[0]) == "warning: x: is a device, not a regular file");
    }
  }
}

TEST_CASE("another file system below is not entered") {
  const Scene scene;
  fs::create_directory(scene.out / "m");
  if (::mount("none", (scene.out / "m").c_str(), "tmpfs", 0, nullptr) != 0) {
    MESSAGE("skipped: this user may not mount");
    return;
  }
  write_text(scene.out / "m/x", "mounted");
  for (const Opening opening : k_openings) {
    const Outputs outputs(scene.out, {}, opening);
    CHECK(error_of([&] { outputs.open("m/x"); }).starts_with("run.result-invalid: m/x: cannot be reached"));
    CHECK(outputs.list().files.size() == 1);
    CHECK(outputs.list().refused.size() == 1);
  }
  ::umount((scene.out / "m").c_str());
}

TEST_CASE("names are bytes, and messages show them safely") {
  for (const std::string& name : {std::string("new\nline"), std::string("\x1b[2J"), std::string("\xff\xfe"), std::string("..."),
                                  std::string(" "), std::string("-rf"), std::string(255, 'n'), std::string("d/e/f")}) {
    const Scene scene;
    fs::create_directories((scene.out / name).parent_path());
    write_text(scene.out / name, "odd");
    for (const Opening opening : k_openings) {
      const Outputs outputs(scene.out, {}, opening);
      CHECK(text_of(outputs.open(name)) == "odd");
      CHECK(outputs.list().files.size() == 2);
      const std::string missing = error_of([&] { outputs.open(name.substr(0, 200) + "!"); });
      CHECK(missing.find('\x1b') == std::string::npos);
      CHECK(missing.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("too many, too deep, too much") {
  const Scene scene;
  for (int i = 0; i < 50; ++i) write_text(scene.out / ("f" + std::to_string(i)), "12345");
  CHECK(Outputs(scene.out, {.entries = 51}).list().files.size() == 51);
  CHECK(error_of([&] { Outputs(scene.out, {.entries = 50}).list(); }) ==
        "run.result-invalid: " + scene.out.string() +
            ": the job left more than 50 files and directories; OutputLimits::entries allows more");
  CHECK(Outputs(scene.out, {.total_bytes = 257}).list().files.size() == 51);
  CHECK(error_of([&] { Outputs(scene.out, {.total_bytes = 256}).list(); }) ==
        "run.result-invalid: " + scene.out.string() +
            ": the job left more than 256 bytes; OutputLimits::total_bytes allows more");
  fs::create_directories(scene.out / "a/b/c");
  write_text(scene.out / "a/b/x", "");
  write_text(scene.out / "a/b/c/x", "");
  const Outputs::Listing listing = Outputs(scene.out, {.depth = 2}).list();
  CHECK(listing.files.size() == 52);
  REQUIRE(listing.refused.size() == 1);
  CHECK(to_string(listing.refused[0]) == "warning: a/b/c: is more than 2 directories deep");
}

TEST_CASE("a chain of directories deeper than any path") {
  const Scene scene;
  int at = ::open(scene.out.c_str(), O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 5000; ++i) {
    REQUIRE(::mkdirat(at, "deep", 0700) == 0);
    const int next = ::openat(at, "deep", O_RDONLY | O_DIRECTORY);
    ::close(at);
    at = next;
  }
  ::close(at);
  for (const Opening opening : k_openings) {
    const Outputs::Listing listing = Outputs(scene.out, {}, opening).list();
    CHECK(listing.files.size() == 1);
    CHECK(listing.refused.size() == 1);
  }
}

TEST_CASE("a million files end at the limit, without being held") {
  const Scene scene;
  const int count = testing::is_full_run() ? 1'000'000 : 12'000;
  for (int i = 0; i < count; ++i) ::close(::creat((scene.out / std::to_string(i)).c_str(), 0600));
  CHECK(error_of([&] { Outputs(scene.out).list(); }).find("more than 10000 files and directories") != std::string::npos);
}

TEST_CASE("a copy is the bytes and nothing else") {
  const Scene scene;
  const fs::path target = scene.root.path() / "copied";
  ::chmod((scene.out / "good.png").c_str(), 06777);
  Outputs(scene.out).copy("good.png", target);
  CHECK(read_text(target) == "picture");
  struct stat info {};
  REQUIRE(::stat(target.c_str(), &info) == 0);
  CHECK((info.st_mode & 07111) == 0);
  make_sparse(scene.out / "hole", 3 << 20);
  Outputs(scene.out).copy("hole", target);
  CHECK(read_text(target) == std::string(3 << 20, '\0'));
  CHECK(error_of([&] { Outputs(scene.out).copy("none", target); }).starts_with("file.not-found: none: "));
  CHECK(fs::file_size(target) == 3 << 20);
}

TEST_CASE("a file that changes while it is copied is not taken") {
  for (const bool grows : {true, false}) {
    const Scene scene;
    const fs::path target = scene.root.path() / "copied";
    make_sparse(scene.out / "x", 200 << 20);
    std::atomic<bool> done = false;
    std::thread job([&] {
      for (off_t size = 200 << 20; !done && size > 0; size += grows ? 4096 : -4096) ::truncate((scene.out / "x").c_str(), size);
    });
    const std::string error = error_of([&] { Outputs(scene.out).copy("x", target); });
    done = true;
    job.join();
    CHECK(error == "run.result-invalid: x: changed while it was read");
    CHECK_FALSE(fs::exists(target));
  }
}

TEST_CASE("a file that is exchanged for a link all the time never leads outside") {
  const Scene scene;
  write_text(scene.out / "x", "inside");
  fs::create_symlink("../secret/key", scene.out / "link");
  std::atomic<bool> done = false;
  std::thread job([&] {
    while (!done) ::renameat2(AT_FDCWD, (scene.out / "x").c_str(), AT_FDCWD, (scene.out / "link").c_str(), RENAME_EXCHANGE);
  });
  int good = 0;
  for (int i = 0; i < 4000; ++i) {
    const Outputs outputs(scene.out, {}, k_openings[i % 2]);
    try {
      const Fd file = outputs.open("x");
      CHECK(text_of(file) == "inside");
      ++good;
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::ResultInvalid);
    }
  }
  done = true;
  job.join();
  CHECK(good > 0);
}

TEST_CASE("the output directory itself may not be a link") {
  const Scene scene;
  fs::create_directory_symlink(scene.secret, scene.root.path() / "link");
  CHECK_THROWS_AS(Outputs(scene.root.path() / "link"), Error);
  CHECK(error_of([&] { Outputs(scene.root.path() / "none"); }).starts_with("file.not-found: "));
}

TEST_CASE("files without rights are refused or read, as the caller may") {
  const Scene scene;
  ::chmod((scene.out / "good.png").c_str(), 0);
  fs::create_directory(scene.out / "d");
  ::chmod((scene.out / "d").c_str(), 0);
  for (const Opening opening : k_openings) {
    const Outputs outputs(scene.out, {}, opening);
    CHECK(outputs.list().files.size() == 1);
    const std::string error = error_of([&] { outputs.open("good.png"); });
    CHECK(error == (::geteuid() == 0 ? "nothing" : "run.result-invalid: good.png: cannot be read: Permission denied"));
  }
  ::chmod((scene.out / "d").c_str(), 0700);
}

}  // namespace
}  // namespace gt::docker
