// Paths saved on another machine, turned into paths on this one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gt::run {

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

// The part behind the last slash or backslash. A task may have been saved on either kind of machine.
std::string_view last_component(std::string_view path);
// The part before it, without the separator; "/" for a file of the root, empty if there is no separator.
std::string_view parent(std::string_view path);

// True for the scripts that Golem itself brought, wherever they lay: submit-task has its own in their place.
bool is_builtin_script(std::string_view path);

// `word` as it must be typed in a shell.
std::string shell_word(std::string_view word);

}  // namespace gt::run
