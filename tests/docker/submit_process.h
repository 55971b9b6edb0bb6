// submit-task as a process of its own, with its messages in a file: for what only signals can do to it.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/fd.h"
#include "tests/unit/docker/support.h"

namespace gt::testing {

class SubmitProcess {
 public:
  // `host` is the engine's address; empty: as the environment says.
  SubmitProcess(const std::filesystem::path& log, std::vector<std::string> arguments, const std::string& host = {})
      : log_(log) {
    arguments.insert(arguments.begin(), GT_SUBMIT_TASK);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    if (!host.empty()) ::setenv("DOCKER_HOST", host.c_str(), 1);
    const Fd out(::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
    ::dup2(out.get(), STDERR_FILENO);
    ::dup2(out.get(), STDOUT_FILENO);
    ::execv(GT_SUBMIT_TASK, argv.data());
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
  std::string log() const { return read_text(log_); }

 private:
  std::filesystem::path log_;
  pid_t pid_ = -1;
};

}  // namespace gt::testing
