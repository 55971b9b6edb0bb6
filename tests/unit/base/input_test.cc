#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "lib/base/files.h"
#include "tests/unit/base/support.h"

namespace gt {
namespace {

using testing::code_of;
using testing::error_of;
using testing::TempDirectory;
using testing::text_of;

// Puts another file in the place of standard input for a moment.
class StandardInput {
 public:
  explicit StandardInput(const std::string& path) : saved_(::dup(STDIN_FILENO)) {
    const int fd = ::open(path.c_str(), O_RDONLY);
    ::dup2(fd, STDIN_FILENO);
    ::close(fd);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  ~StandardInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }

 private:
  int saved_;
};

TEST_CASE("an input is read whole, whatever its size") {
  const TempDirectory dir;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{300'000}}) {
    CAPTURE(size);
    std::string bytes(size, 'x');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 % 251);
    const Input input = Input::read(dir.put("x.gt", bytes));
    CHECK(input.bytes() == bytes);
    CHECK(input.name() == dir / "x.gt");
  }
}

TEST_CASE("an input that cannot be read is an error that names it") {
  const TempDirectory dir;
  struct Row {
    std::string path;
    std::string code;
    std::string message;
  };
  const Row rows[] = {
      {dir / "missing.gt", "file.not-found", "no such file"},
      {dir / "no/such/directory.gt", "file.not-found", "no such file"},
      {"", "file.not-found", "no such file"},
      {dir.path(), "file.is-directory", "is a directory, not a file"},
      {dir.put("file", "x") + "/below", "system.error", "cannot read: Not a directory"},
  };
  for (const Row& row : rows) {
    const auto error = error_of([&] { Input::read(row.path); });
    CHECK(code_of(error) == row.code);
    CHECK(text_of(error) == (row.path.empty() ? "" : row.path + ": ") + row.message);
  }
}

TEST_CASE("a pipe is read to its end") {
  const TempDirectory dir;
  const std::string fifo = dir / "pipe";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const std::string bytes(200'000, 'p');  // more than a pipe holds at once
  std::thread writer([&] {
    const int fd = ::open(fifo.c_str(), O_WRONLY);
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    ::close(fd);
  });
  const Input input = Input::read(fifo);
  writer.join();
  CHECK(input.bytes() == bytes);
}

TEST_CASE("a dash is standard input, and the file behind it is known") {
  const TempDirectory dir;
  const std::string path = dir.put("x.gt", "bytes");
  const StandardInput redirected(path);
  const Input input = Input::read("-");
  CHECK(input.bytes() == "bytes");
  CHECK(input.name() == "-");
  CHECK(input.is_same_file(path));
}

TEST_CASE("an input larger than the limit is refused before it is read") {
  const TempDirectory dir;
  const std::string path = dir.put("x.gt", "12345678");
  CHECK(Input::read(path, 8).bytes() == "12345678");
  const auto mapped = error_of([&] { Input::read(path, 7); });
  CHECK(code_of(mapped) == "limit.size");
  CHECK(text_of(mapped) == path + ": has 8 bytes, more than the limit of 7");

  // A file of 1 TiB without any blocks: it costs nothing, unless somebody reads it.
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
  const auto sparse = error_of([&] { Input::read(path); });
  CHECK(code_of(sparse) == "limit.size");

  const StandardInput redirected("/dev/zero");  // has no end
  const auto stream = error_of([] { Input::read("-", 100'000); });
  CHECK(code_of(stream) == "limit.size");
  CHECK(text_of(stream) == "-: is larger than the limit of 100000 bytes");
}

TEST_CASE("the same file is known under any name") {
  const TempDirectory dir;
  const std::string path = dir.put("x.gt", "same");
  dir.put("y.gt", "same");
  std::filesystem::create_hard_link(path, dir / "hard.gt");
  std::filesystem::create_symlink(path, dir / "soft.gt");
  std::filesystem::create_symlink("soft.gt", dir / "soft2.gt");
  const Input input = Input::read(path);
  CHECK(input.is_same_file(path));
  CHECK(input.is_same_file(dir.path() + "/./x.gt"));
  CHECK(input.is_same_file(dir / "hard.gt"));
  CHECK(input.is_same_file(dir / "soft.gt"));
  CHECK(input.is_same_file(dir / "soft2.gt"));
  CHECK_FALSE(input.is_same_file(dir / "y.gt"));
  CHECK_FALSE(input.is_same_file(dir / "missing.gt"));
  CHECK(Input::read(dir / "soft.gt").is_same_file(dir / "hard.gt"));
}

TEST_CASE("an input can be moved, mapped or read") {
  const TempDirectory dir;
  for (const std::string_view bytes : {std::string_view("short"), std::string_view("")}) {
    Input first = Input::read(dir.put("x.gt", bytes));
    Input second = std::move(first);
    CHECK(second.bytes() == bytes);
    Input third = Input::read(dir.put("y.gt", "other"));
    third = std::move(second);
    CHECK(third.bytes() == bytes);
    CHECK(third.is_same_file(dir / "x.gt"));
  }
  // Short buffers live inside a std::string, which moves them.
  const StandardInput redirected(dir.put("z.gt", "tiny"));
  Input stream = Input::read("-");
  const Input moved = std::move(stream);
  CHECK(moved.bytes() == "tiny");
}

}  // namespace
}  // namespace gt
