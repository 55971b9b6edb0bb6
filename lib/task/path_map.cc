#include "lib/task/path_map.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::task {
namespace {

bool is_separator(char c) { return c == '/' || c == '\\'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool matches(std::string_view path, std::string_view prefix) {
  if (path.substr(0, prefix.size()) != prefix) return false;
  return path.size() == prefix.size() || is_separator(prefix.back()) || is_separator(path[prefix.size()]);
}

Error bad_rule(std::string_view rule, std::string_view why) {
  return Error(ErrorCode::Usage, "--map " + printable(rule) + ": " + std::string(why), {},
               "give it as OLD=NEW, such as --map /home/ania=/mnt/ania");
}

}  // namespace

bool is_windows_path(std::string_view path) {
  if (path.size() >= 2 && is_letter(path[0]) && path[1] == ':' && (path.size() == 2 || is_separator(path[2]))) return true;
  return path.find('\\') != std::string_view::npos && path.find('/') == std::string_view::npos;
}

void PathMap::add(std::string_view rule) {
  const std::size_t equals = rule.find('=');
  if (equals == std::string_view::npos) throw bad_rule(rule, "there is no '='");
  Rule added{std::string(rule.substr(0, equals)), std::string(rule.substr(equals + 1))};
  if (added.from.empty()) throw bad_rule(rule, "nothing stands before the '='");
  if (added.to.empty()) throw bad_rule(rule, "nothing stands behind the '='");
  for (const Rule& other : rules_) {
    if (other.from == added.from) throw bad_rule(rule, "the same prefix is mapped to " + printable(other.to) + " already");
  }
  rules_.push_back(std::move(added));
}

const PathMap::Rule* PathMap::find(std::string_view path) const {
  const Rule* best = nullptr;
  for (const Rule& rule : rules_) {
    if (matches(path, rule.from) && (best == nullptr || rule.from.size() > best->from.size())) best = &rule;
  }
  return best;
}

PathMap::Result PathMap::apply(std::string_view path) const {
  const Rule* rule = find(path);
  if (rule == nullptr) return {std::string(path), {}};
  std::string rest(path.substr(rule->from.size()));
  if (is_windows_path(rule->from) || is_windows_path(path)) std::replace(rest.begin(), rest.end(), '\\', '/');
  std::string mapped = rule->to;
  if (!rest.empty()) {
    while (mapped.size() > 1 && mapped.back() == '/') mapped.pop_back();
    if (rest.front() != '/' && mapped.back() != '/') mapped += '/';
    if (rest.front() == '/' && mapped == "/") mapped.clear();
  }
  return {mapped + rest, rule->from + "=" + rule->to};
}

}  // namespace gt::task
