#include "lib/base/text.h"
#include "lib/rewrite/upgrade.h"
#include "lib/task/fields.h"

namespace gt::rewrite {

// Three templates of December 2016 and January 2017 have the options of the renderer and then the class of all options under
// the same key.
bool restore_lost_options(object::Graph& graph, object::Value task, std::vector<Finding>& findings) {
  if (graph.lost_values().empty()) return false;
  if (task::renderer_of_options(graph, task::find_options(graph, task).value) != task::Renderer::Unknown) return false;
  for (const object::LostValue& lost : graph.lost_values()) {
    const auto name = task::find_text(graph, lost.key);
    if (lost.container != task || !name || task::renderer_of_options(graph, lost.value) == task::Renderer::Unknown) continue;
    findings.push_back({Finding::Severity::Warning,
                        "is set twice: " + task::describe(graph, lost.value) + ", which Python forgot, is used instead of " +
                            task::describe(graph, graph.find(task, *name)),
                        {.path = printable(*name)}});
    graph.set(task, std::string(*name), lost.value);
    return true;
  }
  return false;
}

}  // namespace gt::rewrite
