// A tool as a process of its own, with its messages in a file: for what only signals can do to it.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace gt::testing {

class ToolProcess {
 public:
  // `docker_host` is the engine's address; empty: as the environment says.
  ToolProcess(std::string program, std::filesystem::path log, std::vector<std::string> arguments,
              const std::string& docker_host = {})
      : log_(std::move(log)) {
    arguments.insert(arguments.begin(), std::move(program));
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    if (!docker_host.empty()) ::setenv("DOCKER_HOST", docker_host.c_str(), 1);
    const int out = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(out, STDERR_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  pid_t pid() const { return pid_; }
  void signal(int number) const { ::kill(pid_, number); }
  // The exit code, 128 + n after signal n.
  int wait() const {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // The most memory that it had, waiting until it ends; to be called before wait(). The kernel's ru_maxrss of a child is no
  // less than what the parent had when it forked.
  long wait_for_peak_kib() const {
    long peak = 0;
    for (siginfo_t info{};
         ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;) {
      std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
      for (std::string word; status >> word;)
        if (word == "VmHWM:") status >> peak;  // the last one counts: the first ones may be of this program before the exec
      ::usleep(1000);
    }
    return peak;
  }
  std::string log() const {
    std::ostringstream out;
    out << std::ifstream(log_, std::ios::binary).rdbuf();
    return out.str();
  }

 private:
  std::filesystem::path log_;
  pid_t pid_ = -1;
};

}  // namespace gt::testing
