#include "lib/task/era.h"

#include <algorithm>

#include "lib/task/fields.h"

namespace gt::task {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

enum class EvidenceKind : std::uint8_t { Package, Class, Field };

struct Evidence {
  EvidenceKind kind;
  std::string_view text;
  std::string_view from;
  std::string_view until;
  std::string_view says;
};

constexpr Evidence k_evidence[] = {
#define GT_EVIDENCE(kind, text, from, until, says) {EvidenceKind::kind, text, from, until, says},
#include "lib/task/eras.def"
#undef GT_EVIDENCE
};

bool is_within(std::string_view module, std::string_view package) {
  return module == package || (module.starts_with(package) && module[package.size()] == '.');
}

// The task, its options and their environment.
std::vector<Value> parts_of(const Graph& graph, Value task) {
  std::vector<Value> out = {task};
  const Value options = find_options(graph, task).value;
  if (!options.is(Kind::Instance)) return out;
  out.push_back(options);
  const Value environment = graph.find(options, "environment");
  if (environment.is(Kind::Instance)) out.push_back(environment);
  return out;
}

// What is None or 0 may have come from a constructor, which every reader of the file runs anew.
bool has_field(const Graph& graph, Value part, std::string_view name) {
  const Value value = graph.find(part, name);
  return value && !value.is(Kind::None) && !(value.is(Kind::Int) && graph.int_of(value) == 0);
}

bool holds(const Graph& graph, const std::vector<Value>& parts, const Evidence& evidence) {
  const auto globals = graph.globals();
  switch (evidence.kind) {
    case EvidenceKind::Package:
      return std::any_of(globals.begin(), globals.end(),
                         [&](const auto& name) { return is_within(name.module, evidence.text); });
    case EvidenceKind::Class:
      return std::any_of(globals.begin(), globals.end(), [&](const auto& name) { return name.qualified == evidence.text; });
    case EvidenceKind::Field:
      return std::any_of(parts.begin(), parts.end(), [&](Value part) { return has_field(graph, part, evidence.text); });
  }
  return false;
}

// The task files of its command line: no classes, these names.
bool is_plain_task(const Graph& graph, Value root) {
  return root.is(Kind::Dict) && graph.find(root, "type") && graph.find(root, "options") && graph.find(root, "timeout");
}

std::string name_of(const Graph& graph, Value root) {
  if (is_task_definition(graph, root)) {
    const Renderer renderer = renderer_of_options(graph, find_options(graph, root).value);
    return renderer == Renderer::Unknown ? "a task definition" : "a " + std::string(to_string(renderer)) + " task definition";
  }
  if (is_dump(graph)) return "a running task with its state, as Golem kept it";
  if (is_plain_task(graph, root)) return "a task file of Golem's command line";
  return describe(graph, root);
}

// Classes come first in the table: what does not fit to what came before is told apart.
void narrow(Identity& identity, const Evidence& evidence) {
  const std::string from = std::max(identity.from, std::string(evidence.from));
  const bool is_sooner = !evidence.until.empty() && (identity.until.empty() || evidence.until < identity.until);
  const std::string until = is_sooner ? std::string(evidence.until) : identity.until;
  if (!until.empty() && until < from) {
    identity.although.emplace_back(evidence.says);
    return;
  }
  identity.because.emplace_back(evidence.says);
  identity.from = from;
  identity.until = until;
}

}  // namespace

bool is_dump(const Graph& graph) {
  const Value root = graph.root();
  if (!root.is(Kind::Tuple) && !root.is(Kind::List)) return false;
  const auto items = graph.items(root);
  return items.size() == 2 && graph.class_name(items[0]).ends_with("Task") && graph.class_name(items[1]).ends_with("TaskState");
}

Identity identify(const Graph& graph) {
  const Value root = graph.root();
  Identity out{.what = name_of(graph, root)};
  if (is_plain_task(graph, root) || is_dump(graph)) {
    out.from = "2017-01-01";
    out.until = "2020-12-31";
    return out;
  }
  const auto parts = root.is(Kind::Instance) ? parts_of(graph, root) : std::vector<Value>();
  for (const Evidence& evidence : k_evidence)
    if (holds(graph, parts, evidence)) narrow(out, evidence);
  return out;
}

}  // namespace gt::task
