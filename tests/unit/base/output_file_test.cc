#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/files.h"
#include "tests/unit/base/support.h"

namespace gt {
namespace {

using testing::code_of;
using testing::contents;
using testing::error_of;
using testing::TempDirectory;
using testing::text_of;
using Names = std::vector<std::string>;

unsigned mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
}

// Runs `check` in a child that is nobody, because root may write anywhere. True if the child says so, nullopt if it
// cannot be made.
std::optional<bool> as_nobody(const std::function<bool()>& check) {
  constexpr int k_impossible = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(k_impossible);
    bool good = false;
    try {
      good = check();
    } catch (...) {
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return std::nullopt;
  if (WIFEXITED(status) && WEXITSTATUS(status) == k_impossible) return std::nullopt;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_CASE("an output appears whole when it is published, not before") {
  const TempDirectory dir;
  for (const Durability durability : {Durability::Sync, Durability::NoSync}) {
    const std::string path = dir / "out.json";
    std::filesystem::remove(path);
    OutputFile out(path, Clobber::Replace, durability);
    out.write("first ");
    CHECK(dir.names() == Names{});
    out.write("second");
    out.publish();
    CHECK(contents(path) == "first second");
    CHECK(dir.names() == Names{"out.json"});
  }
}

TEST_CASE("an output that is replaced stays as it was until the new one is published") {
  const TempDirectory dir;
  const std::string path = dir.put("out.json", "old");
  for (const Durability durability : {Durability::Sync, Durability::NoSync}) {
    dir.put("out.json", "old");
    OutputFile out(path, Clobber::Replace, durability);
    out.write("new");
    CHECK(contents(path) == "old");
    out.publish();
    CHECK(contents(path) == "new");
    CHECK(dir.names() == Names{"out.json"});
  }
}

TEST_CASE("an output that is not published leaves no trace") {
  const TempDirectory dir;
  const std::string path = dir.put("out.json", "old");
  const auto error = error_of([&] {
    OutputFile out(path);
    out.write(std::string(100'000, 'x'));
    throw Error(ErrorCode::LimitOutput, "too much");
  });
  CHECK(code_of(error) == "limit.output");
  CHECK(contents(path) == "old");
  { OutputFile unused(dir / "never.json"); }
  CHECK(dir.names() == Names{"out.json"});
}

TEST_CASE("a process that is killed while it writes leaves no trace") {
  const TempDirectory dir;
  const std::string path = dir.put("out.json", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    OutputFile out(path);
    out.write("half");
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(contents(path) == "old");
  CHECK(dir.names() == Names{"out.json"});
}

TEST_CASE("a replaced output keeps its permission bits, a new one gets those of the umask") {
  const TempDirectory dir;
  for (const unsigned mode : {0600u, 0640u, 0755u, 0666u}) {
    const std::string path = dir.put("out.json", "old");
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    write_file(path, "new");
    CHECK(mode_of(path) == mode);
    CHECK(contents(path) == "new");
  }
  const mode_t before = ::umask(027);
  write_file(dir / "fresh.json", "new");
  ::umask(before);
  CHECK(mode_of(dir / "fresh.json") == 0640);
}

TEST_CASE("a symbolic link is followed and stays a link") {
  const TempDirectory dir;
  std::filesystem::create_directory(dir / "real");
  dir.put("real/out.json", "old");
  std::filesystem::create_symlink("real/out.json", dir / "link.json");
  std::filesystem::create_symlink("link.json", dir / "link2.json");
  write_file(dir / "link2.json", "new");
  CHECK(std::filesystem::is_symlink(dir / "link.json"));
  CHECK(std::filesystem::is_symlink(dir / "link2.json"));
  CHECK_FALSE(std::filesystem::is_symlink(dir / "real/out.json"));
  CHECK(contents(dir / "real/out.json") == "new");
}

// Known bug: a link that points to nothing yet is replaced by the file.
TEST_CASE("a symbolic link to a file that is not there yet is followed and stays a link") {
  const TempDirectory dir;
  std::filesystem::create_directory(dir / "real");
  std::filesystem::create_symlink("real/out.json", dir / "link.json");
  write_file(dir / "link.json", "new");
  CHECK(std::filesystem::is_symlink(dir / "link.json"));
  CHECK(contents(dir / "real/out.json") == "new");
}

TEST_CASE("an existing output can be refused, also if it appears while the new one is written") {
  const TempDirectory dir;
  const std::string path = dir.put("out.json", "old");
  const auto at_once = error_of([&] { OutputFile(path, Clobber::Refuse); });
  CHECK(code_of(at_once) == "file.exists");
  CHECK(text_of(at_once) == path + ": exists already; remove --no-clobber to replace it");
  CHECK(static_cast<int>(at_once->exit_code()) == 2);

  std::filesystem::remove(path);
  const auto later = error_of([&] {
    OutputFile out(path, Clobber::Refuse);
    out.write("mine");
    dir.put("out.json", "somebody else's");
    out.publish();
  });
  CHECK(code_of(later) == "file.exists");
  CHECK(dir.names() == Names{"out.json"});
  CHECK(contents(path) == "somebody else's");
}

TEST_CASE("a new output is written with Clobber::Refuse") {
  const TempDirectory dir;
  write_file(dir / "out.json", "new", Clobber::Refuse);
  CHECK(contents(dir / "out.json") == "new");
  CHECK(dir.names() == Names{"out.json"});
}

TEST_CASE("an output that cannot be written is an error that names it") {
  const TempDirectory dir;
  dir.put("file", "x");
  struct Row {
    std::string path;
    std::string code;
    std::string message;
  };
  const Row rows[] = {
      {dir.path(), "file.is-directory", "is a directory; name a file to write"},
      {dir / "file/out.json", "file.unwritable", "cannot create this output: Not a directory"},
      {dir / "missing/out.json", "file.unwritable", "cannot create this output: No such file or directory"},
      {"/proc/gt-unit-test.json", "file.unwritable", "cannot create this output: No such file or directory"},
  };
  for (const Row& row : rows) {
    const auto error = error_of([&] { OutputFile out(row.path); });
    CHECK(code_of(error) == row.code);
    CHECK(text_of(error) == row.path + ": " + row.message);
    CHECK(static_cast<int>(error->exit_code()) == 4);
  }
  CHECK(dir.names() == Names{"file"});
}

TEST_CASE("a directory that may not be written to, and a file made read-only, are respected") {
  const TempDirectory dir;
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0755));
  std::filesystem::create_directory(dir / "closed");
  std::filesystem::permissions(dir / "closed", std::filesystem::perms(0555));
  const auto closed =
      as_nobody([&] { return code_of(error_of([&] { OutputFile out(dir / "closed/out.json"); })) == "file.unwritable"; });
  std::filesystem::create_directory(dir / "open");
  std::filesystem::permissions(dir / "open", std::filesystem::perms(0777));
  const std::string path = dir.put("open/out.json", "precious");
  std::filesystem::permissions(path, std::filesystem::perms(0444));
  const auto read_only = as_nobody([&] { return code_of(error_of([&] { OutputFile out(path); })) == "file.unwritable"; });
  if (!closed || !read_only) {
    MESSAGE("skipped: this process cannot become nobody");
    return;
  }
  CHECK(*closed);
  CHECK(*read_only);
  CHECK(contents(path) == "precious");
}

TEST_CASE("a full disk is an error of the system and names the target") {
  const auto error = error_of([] { write_file("/dev/full", "x"); });
  CHECK(code_of(error) == "system.error");
  CHECK(text_of(error) == "/dev/full: cannot write this output: No space left on device");
}

TEST_CASE("a write that fails in the middle leaves the old output") {
  const TempDirectory dir;
  const std::string path = dir.put("out.json", "old");
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto error = error_of([&] { write_file(path, std::string(10'000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  CHECK(text_of(error) == path + ": cannot write this output: File too large");
  CHECK(contents(path) == "old");
  CHECK(dir.names() == Names{"out.json"});
}

TEST_CASE("a device is written in place, even where an existing file is refused only by name") {
  write_file("/dev/null", "gone");
  struct stat info {};
  REQUIRE(::stat("/dev/null", &info) == 0);
  CHECK(S_ISCHR(info.st_mode));
}

TEST_CASE("a dash is standard output") {
  const TempDirectory dir;
  const std::string path = dir.put("captured", "");
  const int saved = ::dup(STDOUT_FILENO);
  const int fd = ::open(path.c_str(), O_WRONLY);
  ::dup2(fd, STDOUT_FILENO);
  ::close(fd);
  std::optional<Error> error;
  error = error_of([] {
    OutputFile out("-", Clobber::Refuse);
    out.write("to the pipe");
    out.publish();
  });
  ::dup2(saved, STDOUT_FILENO);
  ::close(saved);
  CHECK(text_of(error) == "no error");
  CHECK(contents(path) == "to the pipe");
}

TEST_CASE("what was written can be written over, but not in a pipe") {
  const TempDirectory directory;
  {
    OutputFile out(directory / "a");
    out.write("0123456789");
    out.write_at(3, "abc");
    out.write("!");
    out.publish();
  }
  CHECK(contents(directory / "a") == "012abc6789!");
  OutputFile out("/dev/null");
  out.write("0123456789");
  CHECK(text_of(error_of([&] { out.write_at(3, "abc"); })) ==
        "/dev/null: is no regular file, and this output is not written from its start to its end; name a regular file");
}

}  // namespace
}  // namespace gt
