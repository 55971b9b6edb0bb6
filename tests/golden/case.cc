#include "tests/golden/case.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <regex>
#include <sstream>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "tests/golden/words.h"

namespace gt::golden {
namespace {

namespace fs = std::filesystem;

const std::set<std::string> k_not_input{"cmd", "stdin", "setup", "stdout", "stderr", "exit", "filters", "expect"};

// No case may take longer: a tool that hangs is a failure, not a test run that never ends.
constexpr unsigned k_seconds = 120;

Error bad_case(const std::string& message) { return Error(ErrorCode::Usage, message); }

// \n, \r, \t, \\ and \xHH.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    unsigned value = 0;
    if (c == 'x') {
      const char* first = text.data() + i + 1;
      if (text.size() - i < 3 || std::from_chars(first, first + 2, value, 16).ptr != first + 2)
        throw bad_case("\\x without two hexadecimal digits: " + std::string(text));
      out += static_cast<char>(value);
      i += 2;
    } else {
      const std::size_t known = std::string_view("nrt\\").find(c);
      if (known == std::string_view::npos) throw bad_case("an unknown escape: " + std::string(text));
      out += "\n\r\t\\"[known];
    }
  }
  return out;
}

// "text", or "3*text" for texttexttext.
std::string repeated(const std::string& word) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (error != std::errc() || end == word.data() + word.size() || *end != '*') return unescape(word);
  const std::string once = unescape(std::string_view(end + 1, static_cast<std::size_t>(word.data() + word.size() - end) - 1));
  std::string out;
  while (count-- > 0) out += once;
  return out;
}

// What git cannot keep or nobody could read: one command per line.
void set_up(const fs::path& root, const std::string& commands) {
  std::istringstream lines(commands);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = split_words(line);
    if (words.empty() || line.starts_with('#')) continue;
    if (words[0] == "bytes" && words.size() > 2) {
      std::string bytes;
      for (std::size_t i = 2; i < words.size(); ++i) bytes += repeated(words[i]);
      write_file((root / words[1]).string(), bytes);
    } else if (words[0] == "directory" && words.size() == 2) {
      fs::create_directories(root / words[1]);
    } else if (words[0] == "symlink" && words.size() == 3) {
      fs::create_symlink(words[1], root / words[2]);
    } else if (words[0] == "hardlink" && words.size() == 3) {
      fs::create_hard_link(root / words[1], root / words[2]);
    } else {
      throw bad_case("setup does not know: " + line);
    }
  }
}

struct Command {
  std::vector<std::string> environment;  // NAME=VALUE
  std::vector<std::string> argv;
};

// [NAME=VALUE...] [tool] arguments...
Command read_command(const fs::path& directory) {
  const std::string tool = directory.parent_path().filename().string();
  Command command;
  std::vector<std::string> words = split_words(read_or_empty(directory / "cmd"));
  auto word = words.begin();
  for (; word != words.end() && word->find('=') != std::string::npos && word->front() != '-'; ++word)
    command.environment.push_back(*word);
  if (word != words.end() && *word == tool) ++word;
  command.argv.push_back(tool);
  command.argv.insert(command.argv.end(), word, words.end());
  return command;
}

// In the child process, after fork.
[[noreturn]] void execute(Command command, const fs::path& binary, const fs::path& work, const fs::path& input,
                          const fs::path& streams) {
  const auto open_as = [](const fs::path& path, int flags, int target) {
    const int fd = ::open(path.c_str(), flags, 0600);
    if (fd < 0 || ::dup2(fd, target) < 0) ::_exit(126);
    ::close(fd);
  };
  open_as(input, O_RDONLY, STDIN_FILENO);
  open_as(streams / "out", O_WRONLY | O_CREAT, STDOUT_FILENO);
  open_as(streams / "err", O_WRONLY | O_CREAT, STDERR_FILENO);
  for (const char* name : {"SUDO_UID", "SUDO_GID", "DOCKER_HOST", "CONTAINER_HOST", "COLUMNS"}) ::unsetenv(name);
  ::setenv("LC_ALL", "C", 1);
  for (std::string& variable : command.environment) ::putenv(variable.data());
  std::vector<char*> argv;
  for (std::string& word : command.argv) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::alarm(k_seconds);
  if (::chdir(work.c_str()) == 0) ::execv(binary.c_str(), argv.data());
  ::_exit(127);
}

int run(const Command& command, const fs::path& binary, const fs::path& work, const fs::path& input, const fs::path& streams) {
  const pid_t child = ::fork();
  if (child < 0) throw os_error(errno, "start", binary.string());
  if (child == 0) execute(command, binary, work, input, streams);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string filtered(std::string text, const fs::path& scratch, const std::string& filters) {
  const std::string here = scratch.string();
  for (std::size_t at = 0; (at = text.find(here, at)) != std::string::npos;) text.replace(at, here.size(), "$CASE");
  std::istringstream lines(filters);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t arrow = line.find(" => ");
    if (arrow == std::string::npos) throw bad_case("a filter without ' => ': " + line);
    text = std::regex_replace(text, std::regex(line.substr(0, arrow)), line.substr(arrow + 4));
  }
  return text;
}

}  // namespace

Outcome run_case(const fs::path& directory, const fs::path& bin) {
  const Scratch scratch;
  const Scratch streams;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (k_not_input.contains(entry.path().filename().string())) continue;
    fs::copy(entry.path(), scratch.path() / entry.path().filename(),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
  set_up(scratch.path(), read_or_empty(directory / "setup"));
  const Tree before = read_tree(scratch.path());

  const Command command = read_command(directory);
  const fs::path input = fs::exists(directory / "stdin") ? directory / "stdin" : fs::path("/dev/null");
  Outcome outcome;
  outcome.exit_code = run(command, bin / command.argv[0], scratch.path(), input, streams.path());
  if (outcome.exit_code == 127) throw bad_case("cannot run " + (bin / command.argv[0]).string());

  const std::string filters = read_or_empty(directory / "filters");
  outcome.out = filtered(read_or_empty(streams.path() / "out"), scratch.path(), filters);
  outcome.err = filtered(read_or_empty(streams.path() / "err"), scratch.path(), filters);
  const Tree after = read_tree(scratch.path());
  for (const auto& [name, what] : after) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != what) outcome.changed[name] = what;
  }
  for (const auto& [name, what] : before)
    if (!after.contains(name)) outcome.removed.insert(name);
  return outcome;
}

}  // namespace gt::golden
