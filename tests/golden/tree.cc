#include "tests/golden/tree.h"

#include <stdlib.h>

#include <cerrno>

#include "lib/base/error.h"
#include "lib/base/files.h"

namespace gt::golden {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_file = "file ";

}  // namespace

std::string read_or_empty(const fs::path& path) {
  return fs::exists(path) ? std::string(Input::read(path.string()).bytes()) : std::string();
}

std::string file_entry(std::string_view bytes) { return std::string(k_file) + std::string(bytes); }
bool is_file(const std::string& entry) { return entry.starts_with(k_file); }
std::string_view file_bytes(const std::string& entry) {
  return is_file(entry) ? std::string_view(entry).substr(k_file.size()) : std::string_view();
}

Tree read_tree(const fs::path& root) {
  Tree tree;
  if (!fs::exists(root)) return tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    std::string& what = tree[entry.path().lexically_relative(root).string()];
    if (entry.is_symlink()) {
      what = "link " + fs::read_symlink(entry.path()).string();
    } else if (entry.is_regular_file()) {
      what = file_entry(read_or_empty(entry.path()));
    } else {
      what = entry.is_directory() ? "directory" : "special file";
    }
  }
  return tree;
}

Scratch::Scratch() {
  std::string name = (fs::canonical(fs::temp_directory_path()) / "gt-golden-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw os_error(errno, "make the directory", name);
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace gt::golden
