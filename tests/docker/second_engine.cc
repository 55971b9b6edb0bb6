#include "tests/docker/second_engine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "lib/docker/engine.h"

namespace gt::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Its containerd and the shims of its containers name the engine's directory in their command line. What is in a container has
// mounts of its own, with files from there: an engine that is killed while one begins leaves a "runc init" that waits for ever.
bool is_of_engine(const fs::path& process, const std::string& directory) {
  const auto names_it = [&](const char* file) { return text_of(process / file).find(directory) != std::string::npos; };
  if (names_it("cmdline")) return true;
  std::error_code failed;
  const fs::path mounts = fs::read_symlink(process / "ns/mnt", failed);
  return !failed && mounts != fs::read_symlink("/proc/self/ns/mnt") && names_it("mountinfo");
}

void kill_all_of(const fs::path& root) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid > 1 && pid != ::getpid() && is_of_engine(entry.path(), root.string() + "/")) ::kill(pid, SIGKILL);
  }
}

constexpr const char* k_prefix = "/tmp/gt-engine-";

// Its processes, its mounts and its files.
void remove_all_of(const fs::path& root) {
  for (int i = 0; i < 20; ++i) {
    kill_all_of(root);
    std::this_thread::sleep_for(100ms);
    unmount_below(root);
    std::error_code failed;
    fs::remove_all(root, failed);
    if (!failed && !fs::exists(root)) return;
  }
}

}  // namespace

void unmount_below(const fs::path& root) {
  std::vector<std::string> points;
  std::istringstream mounts(text_of("/proc/self/mounts"));
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string source, point;
    fields >> source >> point;
    if (point.starts_with(root.string() + "/")) points.push_back(point);
  }
  for (auto point = points.rbegin(); point != points.rend(); ++point) ::umount2(point->c_str(), MNT_DETACH);
}

std::string SecondEngine::obstacle() {
  if (::geteuid() != 0) return "only root can start an engine of its own";
  for (const char* program : {"dockerd", "unshare", "docker"}) {
    if (std::system((std::string("command -v ") + program + " >/dev/null 2>&1").c_str()) != 0)
      return std::string("there is no ") + program;
  }
  if (std::system("unshare -n true >/dev/null 2>&1") != 0) return "a network namespace cannot be made here";
  return {};
}

SecondEngine::SecondEngine() {
  // Short: the paths of sockets below it are limited to 107 bytes.
  std::string pattern = k_prefix + std::to_string(::getpid()) + "-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory for an engine");
  root_ = pattern;
}

SecondEngine::~SecondEngine() {
  if (pid_ > 0) {
    signal(SIGCONT);
    signal(SIGTERM);
    for (int i = 0; i < 150 && pid_ > 0; ++i) {
      if (::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
      std::this_thread::sleep_for(100ms);
    }
    if (pid_ > 0) {
      signal(SIGKILL);
      wait();
    }
  }
  remove_all_of(root_);
}

void SecondEngine::remove_left_by(pid_t process) {
  const std::string prefix = k_prefix + std::to_string(process) + "-";
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator("/tmp"))
    if (entry.path().string().starts_with(prefix)) left.push_back(entry.path());
  for (const fs::path& root : left) remove_all_of(root);
}

bool SecondEngine::answers() const {
  try {
    docker::Engine({.host = host(), .timeout = 1s}).ping();
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool SecondEngine::try_start(Restore restore) {
  fs::remove(root_ / "pid");
  const std::string data = root_ / "data", exec = root_ / "exec", pid = root_ / "pid", log = root_ / "log", host_ = host();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setsid();
    const int null = ::open("/dev/null", O_RDONLY);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(null, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::close_range(3, ~0U, 0);
    ::execlp("unshare", "unshare", "-n", "dockerd", "--data-root", data.c_str(), "--exec-root", exec.c_str(), "-H",
             host_.c_str(), "--pidfile", pid.c_str(), "--bridge=none", "--iptables=false",
             restore == Restore::Live ? "--live-restore" : nullptr, nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 300; ++i) {
    if (answers()) return true;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    std::this_thread::sleep_for(100ms);
  }
  return false;
}

void SecondEngine::start(Restore restore) {
  // After a kill the first start may fail once, "timeout waiting for containerd to start".
  for (int i = 0; i < 3; ++i) {
    if (try_start(restore)) return;
    if (pid_ > 0) {
      signal(SIGKILL);
      wait();
    }
  }
  const std::string log = text_of(root_ / "log");
  throw std::runtime_error("the second engine does not start: " +
                           log.substr(log.size() - std::min<std::size_t>(log.size(), 2000)));
}

void SecondEngine::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void SecondEngine::wait() {
  if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void SecondEngine::load_base_image() {
  const std::string command = "docker save golem/base | docker -H " + host() + " load >/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("golem/base cannot be copied to the second engine");
}

}  // namespace gt::testing
