#include "lib/batch/slices.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "lib/base/text.h"
#include "lib/batch/content.h"

namespace gt::batch {
namespace {

// A name that one source would write, or could; or the hash of one, where a directory may have very many.
template <typename Name>
struct Claim {
  Name name;
  std::size_t source;
  bool operator<(const Claim& other) const { return std::tie(name, source) < std::tie(other.name, other.source); }
};

// Calls `found` for each run of claims of one name. Sorts them.
template <typename Name, typename Found>
void find_shared(std::vector<Claim<Name>>& claims, const Found& found) {
  std::sort(claims.begin(), claims.end());
  for (auto begin = claims.begin(); begin != claims.end();) {
    const auto end = std::find_if(begin, claims.end(), [&](const Claim<Name>& claim) { return claim.name != begin->name; });
    if (end - begin > 1) found(begin, end);
    begin = end;
  }
}

// Sources that could write a name that another could write, too, by their own names alone: these, and hardly any other.
std::vector<std::size_t> find_suspects(const std::vector<Source>& sources, Target target) {
  std::vector<Claim<std::size_t>> claims;
  const auto claim = [&](std::size_t source, Form form) {
    claims.push_back({std::hash<std::string>()(output_name(sources[source].name, form)), source});
  };
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].is_link) continue;
    if (target == Target::Docker || target == Target::Both) claim(i, Form::Docker);
    claim(i, target == Target::Pickle ? Form::Pickle : Form::Json);
  }
  std::vector<std::size_t> out;
  find_shared(claims, [&](auto begin, auto end) {
    for (; begin != end; ++begin) out.push_back(begin->source);
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

std::map<std::size_t, std::string> Slices::conflicts_of(const std::vector<Source>& sources) const {
  std::vector<Claim<std::string>> claims;
  Content content;
  for (const std::size_t i : find_suspects(sources, options_.rules.target)) {
    try {
      for (const Document& document : convert_source(sources[i].name, content.read(sources[i]), options_.rules).documents)
        claims.push_back({output_name(sources[i].name, document.form), i});
    } catch (const Error&) {
      // It cannot be read, which its row will say.
    }
  }
  std::map<std::size_t, std::string> out;
  find_shared(claims, [&](auto begin, auto end) {
    for (auto claim = begin; claim != end; ++claim) {
      const auto other = claim == begin ? std::next(begin) : begin;
      out[claim->source] =
          printable(sources[other->source].path(), 400) + " would write " + printable(claim->name, 400) + ", too";
    }
  });
  return out;
}

Slices::Waiting Slices::prepare(Group group) {
  const auto directory = std::make_shared<OutputDirectory>(tree_, group.relative);
  Waiting out{std::move(group), directory};
  if (options_.action == Action::Verify && out.group.is_whole) out.orphans = orphans_.of(out.group, *out.directory);
  out.group.others = {};
  out.conflicts = conflicts_of(out.group.sources);
  return out;
}

Item Slices::Waiting::take() {
  std::size_t at = taken++;
  if (at < group.faults.size()) {
    const Group::Fault& fault = group.faults[at];
    return {.source = {std::make_shared<SourceDirectory>(), fault.path, false}, .directory = directory, .failed = fault.error};
  }
  at -= group.faults.size();
  if (at >= group.sources.size()) return {.source = {}, .directory = directory, .orphan = orphans[at - group.sources.size()]};
  const auto conflict = conflicts.find(at);
  return {.source = std::move(group.sources[at]),
          .directory = directory,
          .conflict = conflict == conflicts.end() ? "" : conflict->second};
}

std::optional<Slice> Slices::next() {
  while (!is_done_ && left_ < size_) {
    std::optional<Group> group = orphans_.next();
    if (!group) group = walk_.next();
    is_done_ = !group;
    if (!group) break;
    Waiting waiting = prepare(std::move(*group));
    left_ += waiting.left();
    if (waiting.left() != 0) waiting_.push_back(std::move(waiting));
  }
  if (left_ == 0) return std::nullopt;
  Slice out;
  out.number = next_number_++;
  while (out.items.size() < size_ && left_ != 0) {
    out.items.push_back(waiting_.front().take());
    --left_;
    if (waiting_.front().left() != 0) continue;
    waiting_.pop_front();
    // Two threads that make files in one directory wait for each other: a slice rather ends with one.
    if (out.items.size() >= size_ / 2) break;
  }
  return out;
}

}  // namespace gt::batch
