#include "lib/run/relocate.h"

#include <algorithm>

namespace gt::run {
namespace {

constexpr std::string_view k_separators = "/\\";
constexpr std::string_view k_builtin_scripts[] = {"blendertask.py", "docker_blendertask.py", "luxtask.py", "docker_luxtask.py"};

}  // namespace

std::string_view last_component(std::string_view path) {
  const std::size_t separator = path.find_last_of(k_separators);
  return separator == std::string_view::npos ? path : path.substr(separator + 1);
}

std::string_view parent(std::string_view path) {
  const std::size_t separator = path.find_last_of(k_separators);
  if (separator == std::string_view::npos) return {};
  return path.substr(0, std::max<std::size_t>(separator, 1));
}

bool is_builtin_script(std::string_view path) {
  return std::find(std::begin(k_builtin_scripts), std::end(k_builtin_scripts), last_component(path)) !=
         std::end(k_builtin_scripts);
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(k_plain) == std::string_view::npos) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace gt::run
