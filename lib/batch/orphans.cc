#include "lib/batch/orphans.h"

#include <set>

namespace gt::batch {

std::vector<std::string> Orphans::of(const Group& group, OutputDirectory& directory) {
  std::vector<std::string> out;
  if (!directory.is_there()) return out;
  std::set<std::string> names(group.others.begin(), group.others.end());
  for (const Source& source : group.sources) names.insert(source.name);
  std::set<std::string> possible;
  for (const std::string& name : names)
    for (const Form form : {Form::Docker, Form::Json, Form::Pickle}) possible.insert(output_name(name, form));
  for (const auto& [name, entry] : directory.manifest().entries())
    if (!possible.contains(name) && directory.find(name) != There::Nothing) out.push_back(name);
  const std::vector<std::string> below = tree_.subdirectories(group.relative);
  for (auto name = below.rbegin(); name != below.rend(); ++name)
    if (!names.contains(*name)) waiting_.push_back(directory.relative_path_of(*name));
  return out;
}

std::optional<Group> Orphans::next() {
  if (waiting_.empty()) return std::nullopt;
  Group out;
  out.relative = std::move(waiting_.back());
  out.is_whole = true;
  waiting_.pop_back();
  return out;
}

}  // namespace gt::batch
