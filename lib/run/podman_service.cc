#include "lib/run/podman_service.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "lib/base/remove_tree.h"
#include "lib/base/text.h"
#include "lib/docker/engine.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::string_view k_prefix = "gt-tools-podman-";
constexpr auto k_start_time = 20s;
constexpr auto k_end_time = 5s;
// A directory may be there for a moment before its maker has locked it.
constexpr std::time_t k_seconds_to_lock = 60;

// Sockets have short paths only: the directories that services use, not TMPDIR.
fs::path parent_directory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && runtime[0] == '/' && std::string_view(runtime).size() < 60 && ::access(runtime, W_OK) == 0)
    return runtime;
  return "/tmp";
}

Fd lock(const fs::path& directory) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return Fd();
  return fd;
}

// What runs that were killed could not remove themselves.
void remove_stale(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    struct stat info {};
    if (!entry.path().filename().native().starts_with(k_prefix) || ::lstat(entry.path().c_str(), &info) != 0) continue;
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || info.st_mtime + k_seconds_to_lock > std::time(nullptr))
      continue;
    if (const Fd locked = lock(entry.path())) remove_tree(entry.path());
  }
}

std::string last_words(const fs::path& log) {
  try {
    const std::string text(Input::read(log.native()).bytes());
    const std::size_t end = text.find_last_not_of('\n');
    if (end == std::string::npos) return "it said nothing";
    const std::size_t begin = text.rfind('\n', end);
    return printable(text.substr(begin + 1, end - begin), 1000);
  } catch (const Error& error) {
    return error.message();
  }
}

}  // namespace

fs::path PodmanService::find_program() {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    fs::path program = fs::path(directory) / "podman";
    if (program.is_absolute() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

PodmanService::PodmanService(const fs::path& program) {
  const fs::path parent = parent_directory();
  remove_stale(parent);
  std::string pattern = (parent / (std::string(k_prefix) + "XXXXXX")).native();
  if (::mkdtemp(pattern.data()) == nullptr) throw os_error(errno, "make a directory for Podman's socket", pattern);
  directory_ = pattern;
  lock_ = lock(directory_);
  try {
    start(program);
    await_answer();
  } catch (...) {
    stop();
    throw;
  }
}

PodmanService::~PodmanService() { stop(); }

std::string PodmanService::host() const { return "unix://" + (directory_ / "socket").native(); }

void PodmanService::start(const fs::path& program) {
  const std::string log = directory_ / "log", address = host();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw os_error(errno, "start", program.native());
  if (pid_ != 0) return;
  // Ctrl-C in the terminal is for submit-task, which needs the service to remove its containers.
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(0);
  // The monitor of a container that was out of memory leaves a file named oom in the directory that it was started in.
  if (::chdir(directory_.c_str()) != 0) ::_exit(126);
  const int null = ::open("/dev/null", O_RDONLY);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (null < 0 || out < 0 || ::dup2(null, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0) ::_exit(126);
  ::close_range(3, ~0U, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  ::execl(program.c_str(), "podman", "system", "service", "--time=0", address.c_str(), nullptr);
  ::_exit(127);
}

void PodmanService::await_answer() {
  docker::Engine engine({.host = host(), .timeout = 1s, .patience = 0ms});
  const Clock::time_point limit = Clock::now() + k_start_time;
  const auto fail = [this](const std::string& why) {
    throw Error(ErrorCode::EngineUnreachable, "podman system service " + why + ": " + last_words(directory_ / "log"), {},
                "podman info says what is wrong with the installation");
  };
  while (!engine.await_answer({})) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      fail("does not start");
    }
    if (Clock::now() > limit) fail("does not answer");
    std::this_thread::sleep_for(20ms);
  }
}

void PodmanService::stop() noexcept {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    const Clock::time_point limit = Clock::now() + k_end_time;
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (Clock::now() > limit) ::kill(pid_, SIGKILL);
      std::this_thread::sleep_for(10ms);
    }
    pid_ = -1;
  }
  try {
    remove_tree(directory_);
  } catch (const Error&) {
    // The next service removes it.
  }
}

}  // namespace gt::run
