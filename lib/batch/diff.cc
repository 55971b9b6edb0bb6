#include "lib/batch/diff.h"

#include <optional>

#include "lib/base/text.h"
#include "lib/json/read.h"
#include "lib/json/text_writer.h"
#include "lib/object/compare.h"
#include "lib/task/fields.h"

namespace gt::batch {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

constexpr std::size_t k_most = 100;

std::optional<Graph> find_graph(std::string_view text) {
  try {
    return json::read(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string text_of(const Graph& graph, Value value) {
  switch (value.kind()) {
    case Kind::Absent: return "nothing";
    case Kind::Bool: return value.as_bool() ? "true" : "false";
    case Kind::Int: return std::to_string(graph.int_of(value));
    case Kind::Float: return json::float_text(graph.float_of(value));
    case Kind::Text: return "\"" + printable(graph.string_of(value), 200) + "\"";
    case Kind::List: return "a list of " + std::to_string(graph.items(value).size());
    case Kind::Dict: return "an object of " + std::to_string(graph.entries(value).size());
    default: return task::describe(graph, value);
  }
}

class Comparison {
 public:
  Comparison(const Graph& before, const Graph& after) : before_(before), after_(after) {}

  std::vector<rewrite::Change> run() {
    steps_.push_back({before_.root(), after_.root(), ""});
    while (!steps_.empty() && changes_.size() < k_most) {
      const Step step = std::move(steps_.back());
      steps_.pop_back();
      compare(step);
    }
    if (!steps_.empty()) changes_.push_back({"", "", "", "there are more changes"});
    return std::move(changes_);
  }

 private:
  struct Step {
    Value before;
    Value after;
    std::string path;
  };

  void compare(const Step& step) {
    if (step.before && step.after && object::same_structure(before_, step.before, after_, step.after)) return;
    if (step.before.is(Kind::Dict) && step.after.is(Kind::Dict)) return compare_objects(step);
    const bool are_lists = step.before.is(Kind::List) && step.after.is(Kind::List);
    if (are_lists && before_.items(step.before).size() == after_.items(step.after).size()) return compare_lists(step);
    changes_.push_back({step.path, text_of(before_, step.before), text_of(after_, step.after), {}});
  }

  // The stack gives back the last first.
  void compare_objects(const Step& step) {
    std::vector<Step> parts;
    const auto path = [&](std::string_view name) { return (step.path.empty() ? "" : step.path + ".") + printable(name); };
    for (const object::Entry& entry : after_.entries(step.after)) {
      const std::string_view name = after_.string_of(entry.key);
      parts.push_back({before_.find(step.before, name), entry.value, path(name)});
    }
    for (const object::Entry& entry : before_.entries(step.before)) {
      const std::string_view name = before_.string_of(entry.key);
      if (!after_.find(step.after, name)) parts.push_back({entry.value, {}, path(name)});
    }
    steps_.insert(steps_.end(), parts.rbegin(), parts.rend());
  }

  void compare_lists(const Step& step) {
    const auto before = before_.items(step.before);
    const auto after = after_.items(step.after);
    for (std::size_t i = after.size(); i-- > 0;)
      steps_.push_back({before[i], after[i], step.path + "[" + std::to_string(i) + "]"});
  }

  const Graph& before_;
  const Graph& after_;
  std::vector<Step> steps_;
  std::vector<rewrite::Change> changes_;
};

}  // namespace

std::vector<rewrite::Change> field_changes(std::string_view before, std::string_view after) {
  const std::optional<Graph> there = find_graph(before);
  const std::optional<Graph> next = find_graph(after);
  if (!there || !next) return {{"", "no JSON", "a task", {}}};
  std::vector<rewrite::Change> out = Comparison(*there, *next).run();
  if (out.empty()) out.push_back({"", "the same task in another form", "as the tools write it", {}});
  return out;
}

}  // namespace gt::batch
