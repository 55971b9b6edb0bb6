#include "bench/inputs.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace gt::bench {

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string repeat(const std::string& pickle, int count) {
  std::string out = "(l";
  // Each copy sets the memo entries that it reads, so the copies do not disturb each other.
  for (int i = 0; i < count; ++i) out.append(pickle, 0, pickle.size() - 1).append("a");
  return out + ".";
}

std::string integers(int count) {
  std::string out = "(l";
  for (int i = 0; i < count; ++i) out.append("I").append(std::to_string(i)).append("\na");
  return out + ".";
}

double run_seconds(const char* const* argv) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const auto start = std::chrono::steady_clock::now();
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, argv[0], &actions, nullptr, const_cast<char* const*>(argv), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 1;
  if (failed != 0 || waitpid(pid, &status, 0) < 0 || status != 0) return -1;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double run_and_read_number(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return -1;
  double number = -1;
  const int read = std::fscanf(pipe, "%lf", &number);
  return ::pclose(pipe) == 0 && read == 1 ? number : -1;
}

}  // namespace gt::bench
