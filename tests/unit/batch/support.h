// Source trees for tests of migrations, made of recorded tasks.
#pragma once

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "lib/batch/runner.h"

namespace gt::batch::testing {

namespace fs = std::filesystem;

class Scratch {
 public:
  Scratch() {
    std::string name = fs::temp_directory_path() / "gt-batch-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Scratch() { fs::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

inline std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string recorded(const std::string& name) { return read_text(fs::path(GT_CONFORMANCE) / "corpus" / name); }

// Every file below `root` by its relative path, without manifests.
inline std::map<std::string, std::string> files_of(const fs::path& root) {
  std::map<std::string, std::string> out;
  if (!fs::exists(root)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (!entry.is_directory() && entry.path().filename() != ".gt-migrate.manifest")
      out[entry.path().lexically_relative(root)] = read_text(entry.path());
  return out;
}

struct Rows : Observer {
  void on_row(const Row& row) override {
    rows.push_back(row);
    totals.add(row);
  }
  std::uint64_t count(Result result) const { return totals.by_result[static_cast<std::size_t>(result)]; }
  const Row& of(const std::string& name) const {
    for (const Row& row : rows)
      if (row.source.ends_with(name)) return row;
    throw std::runtime_error("there is no row of " + name);
  }
  std::vector<Row> rows;
  Totals totals;
};

inline Rows migrate(const std::vector<std::string>& sources, const std::string& output, RunOptions options = {},
                    const Walk::Options& walk_options = {}) {
  options.durability = Durability::NoSync;
  const std::atomic<bool> stop{false};
  Walk walk(sources, walk_options);
  Rows rows;
  run(walk, output, options, rows, stop);
  return rows;
}

}  // namespace gt::batch::testing
