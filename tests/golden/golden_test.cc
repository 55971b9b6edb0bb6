// Runs golden cases: golden_runner [--bin DIRECTORY] [--rebase] CASE-OR-TOOL-DIRECTORY... (README.md).
// Without --bin, GT_TOOLS_BIN says where the tools are.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "tests/golden/case.h"

namespace gt::golden {
namespace {

namespace fs = std::filesystem;

enum class Mode { Compare, Rebase };

// Directories of a path are made by the files in them, so expect/ need not, and cannot, name them.
bool is_parent_of_expected(const std::string& name, const Tree& expected) {
  return std::any_of(expected.begin(), expected.end(), [&](const auto& entry) { return entry.first.starts_with(name + "/"); });
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
  if (outcome.exit_code != wanted)
    faults.push_back("exit code " + std::to_string(outcome.exit_code) + ", expected " + std::to_string(wanted));

  const Tree expected = read_tree(directory / "expect");
  for (const auto& [name, what] : expected) {
    const auto got = outcome.changed.find(name);
    if (!is_file(what)) continue;
    if (got == outcome.changed.end()) {
      faults.push_back("the file " + name + " was not written");
    } else if (got->second != what) {
      faults.push_back("the file " + name + " has other contents");
    }
  }
  for (const auto& [name, what] : outcome.changed)
    if (!expected.contains(name) && !is_parent_of_expected(name, expected))
      faults.push_back(name + " was left or changed, which expect/ does not have");
  for (const std::string& name : outcome.removed) faults.push_back(name + " was removed");
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
  for (const auto& [name, what] : outcome.changed) {
    if (!is_file(what)) continue;
    fs::create_directories((directory / "expect" / name).parent_path());
    write_file((directory / "expect" / name).string(), file_bytes(what));
  }
}

bool passes(const fs::path& directory, const fs::path& bin, Mode mode) {
  std::vector<std::string> faults;
  try {
    const Outcome outcome = run_case(directory, bin);
    if (mode == Mode::Rebase) rebase(directory, outcome);
    faults = compare(directory, outcome);
    const bool is_bad = directory.filename().string().starts_with("bad-");
    if (is_bad != (outcome.exit_code != 0)) faults.push_back("only cases named bad-... exit with another code than 0");
  } catch (const std::exception& error) {
    faults.push_back(error.what());
  }
  for (const std::string& fault : faults) std::cout << directory.string() << ": " << fault << '\n';
  return faults.empty();
}

// A case, or every case of a tool.
std::vector<fs::path> find_cases(const fs::path& given) {
  const fs::path directory = fs::canonical(given);
  if (fs::exists(directory / "cmd")) return {directory};
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (!entry.is_directory()) continue;
    if (!fs::exists(entry.path() / "cmd")) throw Error(ErrorCode::Usage, entry.path().string() + " has no file cmd");
    cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

int run(const std::vector<std::string>& arguments) {
  const char* given = std::getenv("GT_TOOLS_BIN");
  fs::path bin = given != nullptr ? given : "";
  Mode mode = Mode::Compare;
  std::vector<fs::path> cases;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--bin" && i + 1 < arguments.size()) {
      bin = arguments[++i];
    } else if (arguments[i] == "--rebase") {
      mode = Mode::Rebase;
    } else {
      const std::vector<fs::path> found = find_cases(arguments[i]);
      cases.insert(cases.end(), found.begin(), found.end());
    }
  }
  // A run that looks at nothing must not pass.
  if (bin.empty() || cases.empty()) {
    std::cerr << "usage: golden_runner --bin DIRECTORY [--rebase] CASE-OR-TOOL-DIRECTORY...\n";
    return 2;
  }
  bin = fs::canonical(bin);
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
