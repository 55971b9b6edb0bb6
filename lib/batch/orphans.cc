#include "lib/batch/orphans.h"

#include <algorithm>
#include <functional>

namespace gt::batch {
namespace {

// Hashes of the names of a directory, which may have very many.
class Names {
 public:
  void add(const std::string& name) {
    hashes_.push_back(std::hash<std::string>()(name));
    is_sorted_ = false;
  }
  bool has(const std::string& name) {
    if (!is_sorted_) std::sort(hashes_.begin(), hashes_.end());
    is_sorted_ = true;
    return std::binary_search(hashes_.begin(), hashes_.end(), std::hash<std::string>()(name));
  }

 private:
  std::vector<std::size_t> hashes_;
  bool is_sorted_ = false;
};

}  // namespace

std::vector<std::string> Orphans::of(const Group& group, OutputDirectory& directory) {
  std::vector<std::string> out;
  if (!directory.is_there()) return out;
  Names here;
  Names possible;
  const auto add = [&](const std::string& name) {
    here.add(name);
    for (const Form form : {Form::Docker, Form::Json, Form::Pickle}) possible.add(output_name(name, form));
  };
  for (const std::string& name : group.others) add(name);
  for (const Source& source : group.sources) add(source.name);
  for (const auto& [name, entry] : directory.manifest().entries())
    if (!possible.has(name) && directory.find(name) != There::Nothing) out.push_back(name);
  const std::vector<std::string> below = tree_.subdirectories(group.relative);
  for (auto name = below.rbegin(); name != below.rend(); ++name)
    if (!here.has(*name)) waiting_.push_back(directory.relative_path_of(*name));
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
