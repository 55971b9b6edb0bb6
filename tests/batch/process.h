// migrate-tasks as a process of its own.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/unit/batch/support.h"

namespace gt::testing {

inline bool is_full_run() { return std::getenv("GT_TOOLS_FULL") != nullptr; }

class MigrateProcess {
 public:
  MigrateProcess(std::string log, std::vector<std::string> arguments) : log_(std::move(log)) {
    arguments.insert(arguments.begin(), GT_MIGRATE_TASKS);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ != 0) return;
    const int out = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(out, STDERR_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::execv(GT_MIGRATE_TASKS, argv.data());
    ::_exit(127);
  }
  void signal(int number) const { ::kill(pid_, number); }
  // The exit code, 128 + n after signal n.
  int wait() {
    int status = 0;
    struct rusage usage {};
    ::wait4(pid_, &status, 0, &usage);
    peak_kib_ = usage.ru_maxrss;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  long peak_kib() const { return peak_kib_; }  // after wait
  std::string log() const { return batch::testing::read_text(log_); }

 private:
  std::string log_;
  pid_t pid_ = -1;
  long peak_kib_ = 0;
};

// Everything below `root`, manifests too; directories have a slash at their end.
inline std::vector<std::string> names_below(const std::string& root) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    out.push_back(entry.path().lexically_relative(root).string() + (entry.is_directory() ? "/" : ""));
  std::sort(out.begin(), out.end());
  return out;
}

inline std::vector<std::string> outputs_below(const std::string& root) {
  std::vector<std::string> out;
  for (const std::string& name : names_below(root))
    if (name.back() != '/' && !name.ends_with(".gt-migrate.manifest")) out.push_back(name);
  return out;
}

}  // namespace gt::testing
