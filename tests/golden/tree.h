// What lies below a directory, so that two states of it can be compared.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace gt::golden {

// Path relative to the root, to what is there: "file" and its bytes, "link" and its target, "directory".
using Tree = std::map<std::string, std::string>;

Tree read_tree(const std::filesystem::path& root);

// The bytes of a file in a tree; empty for what is no file.
std::string_view file_bytes(const std::string& entry);
std::string file_entry(std::string_view bytes);
bool is_file(const std::string& entry);

std::string read_or_empty(const std::filesystem::path& path);

// A new directory, removed with its contents.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace gt::golden
