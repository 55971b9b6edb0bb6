// A tool as a process of its own, with its messages in a file: for what only signals can do to it.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
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
    struct rusage usage {};
    ::wait4(pid_, &status, 0, &usage);
    peak_kib_ = usage.ru_maxrss;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  long peak_kib() const { return peak_kib_; }  // of memory, after wait
  std::string log() const {
    std::ostringstream out;
    out << std::ifstream(log_, std::ios::binary).rdbuf();
    return out.str();
  }

 private:
  std::filesystem::path log_;
  pid_t pid_ = -1;
  mutable long peak_kib_ = 0;
};

}  // namespace gt::testing
