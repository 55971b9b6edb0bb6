#include "lib/run/staging.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/text.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_block = std::size_t{4} << 20;

fs::path normal(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

bool is_below(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

void make_directories(const fs::path& target, const fs::path& relative, const Owner& owner) {
  fs::path directory = target;
  for (const fs::path& part : relative) {
    directory /= part;
    if (::mkdir(directory.c_str(), 0755) == 0) {
      give_to(owner, directory);
    } else if (errno != EEXIST) {
      throw os_error(errno, "make the directory", directory.string());
    }
  }
}

// The file itself, links resolved.
fs::path resolve(const StagedFile& file, const fs::path& real_root) {
  const fs::path real = fs::canonical(file.source);
  if (is_below(real, real_root)) return real;
  throw Error(ErrorCode::SceneMissing,
              "the task's file " + printable(file.source.string(), 4096) +
                  " is a link that leads out of the task's folder, to " + printable(real.string(), 4096),
              {}, "put a copy in its place");
}

Fd open_source(const fs::path& path) {
  Fd source(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!source || ::fstat(source.get(), &info) != 0) throw os_error(errno, "read", path.string());
  if (!S_ISREG(info.st_mode)) {
    throw Error(ErrorCode::SceneMissing, "the task's file " + printable(path.string(), 4096) + " is not a regular file");
  }
  return source;
}

// Copies one block: in the kernel where that works (it shares the blocks on some file systems). Returns 0 at the end.
ssize_t copy_block(int from, int to, std::vector<char>& buffer) {
  const ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, k_block, 0);
  // Not between these file systems, or not by this kernel.
  if (copied > 0 || (copied < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)) return copied;
  buffer.resize(k_block);
  const ssize_t got = ::read(from, buffer.data(), buffer.size());
  for (ssize_t done = 0; done < got;) {
    const ssize_t put = ::write(to, buffer.data() + done, static_cast<std::size_t>(got - done));
    if (put < 0 && errno != EINTR) return -1;
    if (put > 0) done += put;
  }
  return got;
}

// False if it was cancelled.
bool copy_file(const fs::path& from, const fs::path& to, const Owner& owner, const std::function<bool()>& cancelled) {
  const Fd source = open_source(from);
  const Fd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444));
  if (!target) throw os_error(errno, "write", to.string());
  give_to(owner, target.get(), to);
  std::vector<char> buffer;
  for (;;) {
    if (cancelled()) return false;
    const ssize_t copied = copy_block(source.get(), target.get(), buffer);
    if (copied == 0) return true;
    if (copied < 0 && errno != EINTR) throw os_error(errno, "copy " + printable(from.string(), 4096), to.string());
  }
}

}  // namespace

fs::path common_directory(const std::vector<fs::path>& files) {
  fs::path common = normal(files.front()).parent_path();
  for (const fs::path& file : files) {
    const fs::path directory = normal(file).parent_path();
    const auto end = std::mismatch(common.begin(), common.end(), directory.begin(), directory.end()).first;
    fs::path shared;
    for (auto part = common.begin(); part != end; ++part) shared /= *part;
    common = shared;
  }
  return common;
}

StagingPlan plan_staging(const TaskFiles& files) {
  std::vector<fs::path> all = files.resources;
  // A program may look for what lies beside it, and is of the task's files itself.
  all.insert(all.begin(), files.scene.empty() ? files.own_script.value() : files.scene);
  StagingPlan plan{.root = common_directory(all), .files = {}, .scene = {}};
  for (const fs::path& file : all) {
    fs::path relative = normal(file).lexically_relative(plan.root);
    const bool known =
        std::any_of(plan.files.begin(), plan.files.end(), [&](const StagedFile& f) { return f.relative == relative; });
    if (!known) plan.files.push_back({file, std::move(relative)});
  }
  if (!files.scene.empty()) plan.scene = (fs::path("/golem/resources") / plan.files.front().relative).string();
  return plan;
}

void stage(const StagingPlan& plan, const fs::path& target, const Owner& owner, const std::function<bool()>& cancelled) {
  const fs::path real_root = fs::canonical(plan.root);
  for (const StagedFile& file : plan.files) {
    const fs::path source = resolve(file, real_root);
    make_directories(target, file.relative.parent_path(), owner);
    if (!copy_file(source, target / file.relative, owner, cancelled)) return;
  }
}

}  // namespace gt::run
