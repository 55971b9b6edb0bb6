#include "tests/docker/reaper.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "lib/docker/job.h"

namespace gt::testing {
namespace {

constexpr const char* k_owner = "io.gt-tools.test-process";

// A zombie, whose command line is empty, is dead too: not every init collects them.
bool is_dead(pid_t process) {
  std::ifstream command("/proc/" + std::to_string(process) + "/cmdline");
  return command.peek() == std::ifstream::traits_type::eof();
}

void reap(docker::Engine& engine, const std::function<bool(pid_t)>& is_over) {
  for (const docker::ContainerInfo& container : engine.list_containers({{docker::k_project_label, docker::k_project}})) {
    const auto owner = container.labels.find(k_owner);
    if (owner == container.labels.end() || !is_over(std::atoi(owner->second.c_str()))) continue;
    std::printf("removing container %s, left by process %s\n", container.id.substr(0, 12).c_str(), owner->second.c_str());
    engine.remove_container(container.id);
  }
}

// Returns its wait status.
int guard(pid_t child, const sigset_t& signals) {
  for (;;) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) return status;
    int signal = 0;
    ::sigwait(&signals, &signal);
    if (signal != SIGCHLD) ::kill(child, SIGKILL);
  }
}

}  // namespace

std::pair<const std::string, std::string> owner_label() { return {k_owner, std::to_string(::getpid())}; }

int run_and_reap(docker::Engine& engine, const std::function<int()>& tests, const std::function<void(pid_t)>& clean) {
  reap(engine, is_dead);
  std::fflush(stdout);
  sigset_t signals;
  sigset_t before;
  ::sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) return 1;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    std::exit(tests());  // what the caller made belongs to the parent
  }
  const int status = guard(child, signals);
  const auto is_own = [child](pid_t owner) { return owner == child; };
  reap(engine, is_own);
  if (!WIFEXITED(status)) {  // the engine may have been about to create one
    std::this_thread::sleep_for(std::chrono::seconds(1));
    reap(engine, is_own);
  }
  if (clean) clean(child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace gt::testing
