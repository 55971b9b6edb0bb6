// Paths saved on another machine, turned into paths on this one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gt::task {

// Literal prefixes and what replaces them. The longest prefix that matches wins. A match ends where a path component ends:
// /home/an matches /home/an and /home/an/x, not /home/ania. Where the prefix or the path is a Windows path, backslashes
// behind the match become slashes. Nothing is expanded: $GOLEM_DIR is a prefix like any other.
class PathMap {
 public:
  // `rule` is OLD=NEW, split at its first '='. Throws Usage: no '=', an empty side, OLD given twice.
  void add(std::string_view rule);

  struct Result {
    std::string path;
    std::string rule;  // the OLD=NEW that was applied, empty if none was
  };
  Result apply(std::string_view path) const;

 private:
  struct Rule {
    std::string from;
    std::string to;
  };
  const Rule* find(std::string_view path) const;

  std::vector<Rule> rules_;
};

// "C:\x", "C:/x", "\\server\x", or backslashes and no slash at all.
bool is_windows_path(std::string_view path);

}  // namespace gt::task
