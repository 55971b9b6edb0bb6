#include "tests/conformance/cases.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "lib/base/error.h"
#include "lib/base/files.h"
#include "tools/blender2docker/command.h"
#include "tools/gt2json/command.h"

namespace gt::conformance {
namespace {

namespace fs = std::filesystem;

// One for the process: nothing of a conversion stays in it.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "gt-conformance-XXXXXX").string();
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

std::string join(const Row& row, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i > 0 ? "\t" : "") + row[i];
  return out;
}

}  // namespace

fs::path data_directory() {
  const char* given = std::getenv("GT_TOOLS_CONFORMANCE");
  return given != nullptr ? given : GT_CONFORMANCE_DIRECTORY;
}

std::string read_bytes(const fs::path& path) { return std::string(Input::read(path.string()).bytes()); }

std::vector<Row> read_table(const fs::path& path) {
  std::vector<Row> rows;
  std::istringstream lines(read_bytes(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#') || line.empty()) continue;
    Row row(1);
    for (const char c : line) {
      if (c == '\t') {
        row.emplace_back();
      } else {
        row.back() += c;
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Manifest::Manifest(const fs::path& path) : rows_(read_table(path)) {
  for (std::size_t i = 0; i < rows_.at(0).size(); ++i) columns_[rows_[0][i]] = i;
  rows_.erase(rows_.begin());
  // Twelve rows of the corpus are files of Golem's history as they are, which stay outside the project: historic_test has them.
  std::erase_if(rows_, [](const Row& row) { return row[0].starts_with("hist_"); });
  for (Row& row : rows_) row.resize(columns_.size());  // trailing empty cells may be missing
}

std::string to_string(Tool tool) {
  if (tool == Tool::Gt2Json) return "gt2json";
  if (tool == Tool::Gt2JsonRepair) return "gt2json --repair";
  return tool == Tool::Blender2Docker ? "blender2docker" : "blender2docker --compat 2016";
}

Outcome convert(Tool tool, const fs::path& input) {
  static const Scratch scratch;
  const std::string output = (scratch.path() / "out.json").string();
  const std::string in = input.string();
  std::vector<const char*> argv{"tool", "--no-sync", in.c_str(), output.c_str()};
  if (tool == Tool::Blender2Docker2016) argv.insert(argv.end(), {"--compat", "2016"});
  if (tool == Tool::Gt2JsonRepair) argv.push_back("--repair");
  const auto command =
      tool == Tool::Gt2Json || tool == Tool::Gt2JsonRepair ? tools::gt2json_command : tools::blender2docker_command;
  std::ostringstream messages;
  Outcome outcome;
  outcome.exit_code = command(static_cast<int>(argv.size()), argv.data(), {messages, messages});
  outcome.messages = messages.str();
  if (fs::exists(output)) {
    outcome.bytes = read_bytes(output);
    fs::remove(output);
  }
  if (!fs::is_empty(scratch.path())) FAIL_CHECK(to_string(tool), " left a file behind for ", in);
  return outcome;
}

Outcome convert_bytes(Tool tool, std::string_view bytes) {
  static const Scratch scratch;
  const fs::path input = scratch.path() / "in";
  fs::remove(input);  // ext4 waits for the disk when a file that had contents is cut and closed
  std::ofstream(input, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return convert(tool, input);
}

Exceptions::Exceptions(const fs::path& path) : name_(path.filename().string()) {
  for (const Row& row : read_table(path)) {
    const std::string key = join(row, row.size() - 1);
    if (row.size() < 2 || row.back().empty()) FAIL_CHECK(name_, ": an entry without a reason: ", key);
    if (!reasons_.emplace(key, row.back()).second) FAIL_CHECK(name_, ": listed twice: ", key);
  }
}

void Exceptions::check(const std::map<std::string, std::string>& found) const {
  for (const auto& [key, what] : found)
    if (!reasons_.contains(key)) FAIL_CHECK(key, " is not in ", name_, ": ", what);
  for (const auto& [key, reason] : reasons_)
    if (!found.contains(key)) FAIL_CHECK(key, " is in ", name_, " (", reason, "), but no longer true: take it out");
}

std::string first_difference(const std::string& expected, const std::string& got) {
  std::istringstream a(expected);
  std::istringstream b(got);
  for (int line = 1;; ++line) {
    std::string left;
    std::string right;
    const bool more_left = static_cast<bool>(std::getline(a, left));
    const bool more_right = static_cast<bool>(std::getline(b, right));
    if (!more_left && !more_right) return expected == got ? "no difference" : "the last line ends differently";
    if (left != right || more_left != more_right)
      return "line " + std::to_string(line) + ": recorded '" + left + "', got '" + right + "'";
  }
}

}  // namespace gt::conformance
