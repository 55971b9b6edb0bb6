#include "lib/batch/names.h"

#include <fnmatch.h>

#include <algorithm>

namespace gt::batch {
namespace {

bool ends_in(std::string_view name, std::string_view lower_suffix) {
  if (name.size() < lower_suffix.size()) return false;
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
  return std::equal(lower_suffix.begin(), lower_suffix.end(), name.end() - static_cast<std::ptrdiff_t>(lower_suffix.size()),
                    [&](char b, char a) { return same(a, b); });
}

}  // namespace

bool has_task_suffix(std::string_view name) { return ends_in(name, ".gt"); }

std::string output_name(std::string_view source_name, Form form) {
  for (const std::string_view suffix : {".gt", ".json"})
    if (ends_in(source_name, suffix)) {
      source_name.remove_suffix(suffix.size());
      break;
    }
  const std::string_view prefix = form == Form::Docker ? "docker-" : "";
  const std::string_view suffix = form == Form::Pickle ? ".gt" : ".json";
  std::string out;
  out.reserve(prefix.size() + source_name.size() + suffix.size());
  return out.append(prefix).append(source_name).append(suffix);
}

bool Globs::match(const std::string& relative_path) const {
  const std::string name = relative_path.substr(relative_path.rfind('/') + 1);
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    const bool whole = pattern.find('/') != std::string::npos;
    return ::fnmatch(pattern.c_str(), (whole ? relative_path : name).c_str(), 0) == 0;
  });
}

}  // namespace gt::batch
