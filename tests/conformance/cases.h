// The recorded cases: what the scripts of 2016 made of an input, and what gt-tools makes of it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gt::conformance {

// Where the recorded files lie: $GT_TOOLS_CONFORMANCE, or this folder of the source tree.
std::filesystem::path data_directory();

std::string read_bytes(const std::filesystem::path& path);

// The rows of a table with tabs. Lines that begin with # are skipped.
using Row = std::vector<std::string>;
std::vector<Row> read_table(const std::filesystem::path& path);

// Columns by name: the first row of a MANIFEST.tsv is its head.
class Manifest {
 public:
  explicit Manifest(const std::filesystem::path& path);
  std::size_t size() const { return rows_.size(); }
  const std::string& at(std::size_t row, const std::string& column) const { return rows_.at(row).at(columns_.at(column)); }

 private:
  std::map<std::string, std::size_t> columns_;
  std::vector<Row> rows_;
};

enum class Tool { Gt2Json, Gt2JsonRepair, Blender2Docker, Blender2Docker2016 };
// As accepted_although.tsv names it.
std::string to_string(Tool tool);

struct Outcome {
  int exit_code = 0;
  std::optional<std::string> bytes;  // absent: no output file
  std::string messages;              // what the tool said on its two streams

  bool accepted() const { return exit_code == 0 && bytes.has_value(); }
  // Refused as content, and no output left behind.
  bool rejected() const { return exit_code == 1 && !bytes.has_value(); }
};

// Runs the tool's command in this process, with an output file in a temporary directory.
Outcome convert(Tool tool, const std::filesystem::path& input);
// The same with an input of these bytes.
Outcome convert_bytes(Tool tool, std::string_view bytes);

// A list of exceptions: a table whose last column is the reason and whose other columns, joined by tabs, are the key.
class Exceptions {
 public:
  explicit Exceptions(const std::filesystem::path& path);
  bool contains(const std::string& key) const { return reasons_.contains(key); }
  // Fails for each key that is in the list and not among `found`, or the other way; `found` maps to what happened.
  void check(const std::map<std::string, std::string>& found) const;

 private:
  std::string name_;
  std::map<std::string, std::string> reasons_;
};

// Where two outputs part, for messages: the line number and both lines.
std::string first_difference(const std::string& expected, const std::string& got);

}  // namespace gt::conformance
