#include "lib/batch/slices.h"

#include <algorithm>
#include <iterator>

#include "lib/base/text.h"
#include "lib/batch/content.h"

namespace gt::batch {
namespace {

// A name that one item would write, or could.
struct Claim {
  std::string name;
  std::size_t item;
  bool operator<(const Claim& other) const { return std::tie(name, item) < std::tie(other.name, other.item); }
};

// Calls `found` for each run of claims of one name by several items. Sorts them.
template <typename Found>
void find_shared(std::vector<Claim>& claims, const Found& found) {
  std::sort(claims.begin(), claims.end());
  for (auto begin = claims.begin(); begin != claims.end();) {
    const auto end = std::find_if(begin, claims.end(), [&](const Claim& claim) { return claim.name != begin->name; });
    if (end - begin > 1) found(begin, end);
    begin = end;
  }
}

// The names that an item could write, whatever is in it.
std::vector<Claim> possible_claims(const std::vector<Item>& items, Target target) {
  std::vector<Claim> claims;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].failed || items[i].source.is_link) continue;
    const std::string& name = items[i].source.name;
    if (target == Target::Docker || target == Target::Both) claims.push_back({output_name(name, Form::Docker), i});
    claims.push_back({output_name(name, target == Target::Pickle ? Form::Pickle : Form::Json), i});
  }
  return claims;
}

}  // namespace

void Slices::find_conflicts(std::vector<Item>& items) const {
  std::vector<Claim> possible = possible_claims(items, options_.rules.target);
  std::vector<std::size_t> suspects;
  find_shared(possible, [&](auto begin, auto end) {
    for (; begin != end; ++begin) suspects.push_back(begin->item);
  });
  std::sort(suspects.begin(), suspects.end());
  suspects.erase(std::unique(suspects.begin(), suspects.end()), suspects.end());
  std::vector<Claim> claims;
  Content content;
  for (const std::size_t i : suspects) {
    try {
      const Source& source = items[i].source;
      for (const Document& document : convert_source(source.name, content.read(source), options_.rules).documents)
        claims.push_back({output_name(source.name, document.form), i});
    } catch (const Error&) {
      // It cannot be read, which its row will say.
    }
  }
  find_shared(claims, [&](auto begin, auto end) {
    for (auto claim = begin; claim != end; ++claim) {
      const auto other = claim == begin ? std::next(begin) : begin;
      items[claim->item].conflict =
          printable(items[other->item].source.path(), 400) + " would write " + printable(claim->name, 400) + ", too";
    }
  });
}

std::vector<Item> Slices::items_of(Group& group) {
  const auto directory = std::make_shared<OutputDirectory>(tree_, group.relative);
  std::vector<Item> items;
  for (Group::Fault& fault : group.faults) {
    auto nowhere = std::make_shared<SourceDirectory>();
    items.push_back({.source = {std::move(nowhere), fault.path, false}, .directory = directory, .failed = fault.error});
  }
  const bool may_have_orphans = options_.action == Action::Verify && group.is_whole;
  const std::vector<std::string> orphans = may_have_orphans ? orphans_.of(group, *directory) : std::vector<std::string>();
  for (Source& source : group.sources) items.push_back({.source = std::move(source), .directory = directory});
  find_conflicts(items);
  for (const std::string& name : orphans) items.push_back({.source = {}, .directory = directory, .orphan = name});
  return items;
}

void Slices::fill() {
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  while (waiting_.size() < size_) {
    std::optional<Group> group = orphans_.next();
    if (!group) group = walk_.next();
    is_done_ = !group;
    if (!group) return;
    std::vector<Item> items = items_of(*group);
    std::move(items.begin(), items.end(), std::back_inserter(waiting_));
  }
}

std::optional<Slice> Slices::next() {
  if (!is_done_ && waiting_.size() - taken_ < size_) fill();
  if (taken_ == waiting_.size()) return std::nullopt;
  Slice out;
  out.number = next_number_++;
  const std::size_t end = std::min(taken_ + size_, waiting_.size());
  std::move(waiting_.begin() + static_cast<std::ptrdiff_t>(taken_), waiting_.begin() + static_cast<std::ptrdiff_t>(end),
            std::back_inserter(out.items));
  taken_ = end;
  return out;
}

}  // namespace gt::batch
