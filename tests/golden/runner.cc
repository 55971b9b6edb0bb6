// Runs golden cases: golden_runner --bin DIR [--rebase] CASE... (tests/golden/README.md).
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "tests/golden/words.h"

namespace gt::golden {
namespace {

namespace fs = std::filesystem;

enum class Mode { Compare, Rebase };

const std::set<std::string> k_not_input{"cmd", "stdout", "stderr", "exit", "filters", "expect"};

std::string read_or_empty(const fs::path& path) {
  return fs::exists(path) ? std::string(Input::read(path.string()).bytes()) : std::string();
}

class Scratch {
 public:
  Scratch() {
    std::string name = fs::canonical(fs::temp_directory_path()) / "gt-golden-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw os_error(errno, "make the directory", name);
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

using Tree = std::map<std::string, std::string>;  // relative path of a file to its bytes

Tree read_tree(const fs::path& root) {
  Tree tree;
  if (!fs::exists(root)) return tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_directory()) tree[entry.path().lexically_relative(root).string()] = read_or_empty(entry.path());
  }
  return tree;
}

struct Outcome {
  std::string out;
  std::string err;
  int exit_code = 0;
  Tree changed;                   // files that are new or different
  std::set<std::string> removed;  // inputs that are gone
};

// In the child process, after fork.
[[noreturn]] void execute(std::vector<std::string> words, const fs::path& bin, const fs::path& work, const fs::path& streams) {
  const auto open_as = [](const fs::path& path, int flags, int target) {
    const int fd = ::open(path.c_str(), flags, 0600);
    if (fd < 0 || ::dup2(fd, target) < 0) ::_exit(126);
  };
  open_as("/dev/null", O_RDONLY, STDIN_FILENO);
  open_as(streams / "out", O_WRONLY | O_CREAT, STDOUT_FILENO);
  open_as(streams / "err", O_WRONLY | O_CREAT, STDERR_FILENO);
  for (const char* name : {"SUDO_UID", "SUDO_GID", "DOCKER_HOST", "COLUMNS"}) ::unsetenv(name);
  ::setenv("LC_ALL", "C", 1);
  while (words.front().find('=') != std::string::npos) {
    ::putenv(::strdup(words.front().c_str()));
    words.erase(words.begin());
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (::chdir(work.c_str()) == 0) ::execv((bin / words.front()).c_str(), argv.data());
  ::_exit(127);
}

int run_command(const std::vector<std::string>& words, const fs::path& bin, const fs::path& work, const fs::path& streams) {
  const pid_t child = ::fork();
  if (child < 0) throw os_error(errno, "start", words.front());
  if (child == 0) execute(words, bin, work, streams);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
  return text;
}

std::string filtered(std::string text, const fs::path& scratch, const std::string& filters) {
  text = replace_all(std::move(text), scratch.string(), "$CASE");
  std::istringstream lines(filters);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t arrow = line.find(" => ");
    if (arrow == std::string::npos) throw Error(ErrorCode::Usage, "a filter without ' => ': " + line);
    text = std::regex_replace(text, std::regex(line.substr(0, arrow)), line.substr(arrow + 4));
  }
  return text;
}

Outcome run_case(const fs::path& directory, const fs::path& bin) {
  const Scratch scratch;
  const Scratch streams;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (k_not_input.count(entry.path().filename().string()) == 0) {
      fs::copy(entry.path(), scratch.path() / entry.path().filename(),
               fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    }
  }
  const Tree before = read_tree(scratch.path());
  Outcome outcome;
  outcome.exit_code = run_command(split_words(read_or_empty(directory / "cmd")), bin, scratch.path(), streams.path());
  const std::string filters = read_or_empty(directory / "filters");
  outcome.out = filtered(read_or_empty(streams.path() / "out"), scratch.path(), filters);
  outcome.err = filtered(read_or_empty(streams.path() / "err"), scratch.path(), filters);
  const Tree after = read_tree(scratch.path());
  for (const auto& [name, bytes] : after) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != bytes) outcome.changed[name] = bytes;
  }
  for (const auto& [name, bytes] : before) {
    if (after.count(name) == 0) outcome.removed.insert(name);
  }
  return outcome;
}

std::vector<std::string> compare(const fs::path& directory, const Outcome& outcome) {
  std::vector<std::string> faults;
  const auto expect_text = [&](const char* what, const std::string& got) {
    const std::string wanted = read_or_empty(directory / what);
    if (got != wanted) faults.push_back(std::string(what) + " differs\n--- expected\n" + wanted + "--- got\n" + got + "---");
  };
  expect_text("stdout", outcome.out);
  expect_text("stderr", outcome.err);
  const std::string code = read_or_empty(directory / "exit");
  const int wanted = code.empty() ? 0 : std::stoi(code);
  if (outcome.exit_code != wanted) {
    faults.push_back("exit code " + std::to_string(outcome.exit_code) + ", expected " + std::to_string(wanted));
  }
  const Tree expected = read_tree(directory / "expect");
  for (const auto& [name, bytes] : expected) {
    const auto got = outcome.changed.find(name);
    if (got == outcome.changed.end()) faults.push_back("the file " + name + " was not written");
    if (got != outcome.changed.end() && got->second != bytes) faults.push_back("the file " + name + " has other contents");
  }
  for (const auto& [name, bytes] : outcome.changed) {
    if (expected.count(name) == 0)
      faults.push_back("the file " + name + " was written or changed, which expect/ does not have");
  }
  return faults;
}

void rebase(const fs::path& directory, const Outcome& outcome) {
  const auto put = [&](const char* name, const std::string& text) {
    fs::remove(directory / name);
    if (!text.empty()) write_file((directory / name).string(), text);
  };
  put("stdout", outcome.out);
  put("stderr", outcome.err);
  put("exit", outcome.exit_code == 0 ? "" : std::to_string(outcome.exit_code) + "\n");
  fs::remove_all(directory / "expect");
  for (const auto& [name, bytes] : outcome.changed) {
    fs::create_directories((directory / "expect" / name).parent_path());
    write_file((directory / "expect" / name).string(), bytes);
  }
}

bool passes(fs::path directory, const fs::path& bin, Mode mode) {
  directory = fs::canonical(directory);
  const Outcome outcome = run_case(directory, bin);
  if (mode == Mode::Rebase) rebase(directory, outcome);
  std::vector<std::string> faults = compare(directory, outcome);
  for (const std::string& name : outcome.removed) faults.push_back("the input " + name + " was removed");
  const bool is_bad = directory.filename().string().rfind("bad-", 0) == 0;
  if (is_bad != (outcome.exit_code != 0)) faults.push_back("only cases named bad-... fail");
  for (const std::string& fault : faults) std::cout << directory.string() << ": " << fault << '\n';
  return faults.empty();
}

int run(const std::vector<std::string>& arguments) {
  fs::path bin;
  Mode mode = Mode::Compare;
  std::vector<fs::path> cases;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--bin" && i + 1 < arguments.size()) {
      bin = fs::canonical(arguments[++i]);
    } else if (arguments[i] == "--rebase") {
      mode = Mode::Rebase;
    } else if (fs::exists(fs::path(arguments[i]) / "cmd")) {
      cases.emplace_back(arguments[i]);
    }
  }
  if (bin.empty() || cases.empty()) {
    std::cerr << "usage: golden_runner --bin DIR [--rebase] CASE...\n";
    return 2;
  }
  const auto passed = std::count_if(cases.begin(), cases.end(), [&](const fs::path& one) { return passes(one, bin, mode); });
  std::cout << passed << " of " << cases.size() << " golden cases passed\n";
  return static_cast<std::size_t>(passed) == cases.size() ? 0 : 1;
}

}  // namespace
}  // namespace gt::golden

int main(int argc, char** argv) {
  try {
    return gt::golden::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
