#include "lib/batch/forecast.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "lib/base/text.h"
#include "lib/task/fields.h"

namespace gt::batch {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

// Picture formats that submit-task can have written: the names of lib/render/formats.def.
constexpr std::string_view k_formats[] = {
#define GT_FORMAT(saved, blender, kind) saved,
#include "lib/render/formats.def"
#undef GT_FORMAT
};

void warn(Forecast& forecast, std::string path, std::string message) {
  forecast.findings.push_back({Finding::Severity::Warning, std::move(message), {.path = std::move(path)}});
}

bool is_format(std::string_view saved) {
  const auto same = [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b; };
  return std::any_of(std::begin(k_formats), std::end(k_formats), [&](std::string_view name) {
    return std::equal(saved.begin(), saved.end(), name.begin(), name.end(), same);
  });
}

void check_scene(const task::Definition& task, const task::PathMap& paths, Forecast& forecast) {
  if (task.main_scene_file.empty()) return;
  const task::PathMap::Result scene = paths.apply(task.main_scene_file);
  if (::access(scene.path.c_str(), R_OK) == 0) return;
  const std::string where = printable(scene.path, 400);
  warn(forecast, "main_scene_file", where + " is not there" + (scene.rule.empty() ? "" : ", to which --map leads"));
}

struct Step {
  Value value;
  std::string path;
};

class NumberSearch {
 public:
  NumberSearch(const Graph& graph, std::vector<Finding>& findings) : graph_(graph), findings_(findings) {}

  void run() {
    steps_.push_back({graph_.root(), ""});
    while (!steps_.empty()) {
      const Step step = std::move(steps_.back());
      steps_.pop_back();
      look_at(step);
    }
  }

 private:
  void look_at(const Step& step) {
    const Kind kind = step.value.kind();
    if (kind == Kind::Float && !std::isfinite(graph_.float_of(step.value)))
      findings_.push_back(
          {Finding::Severity::Warning, "is a number that JSON does not have; strict readers stop there", {.path = step.path}});
    if (!object::is_container(kind) || !seen_.insert(step.value.bits()).second) return;
    if (object::is_sequence(kind)) {
      std::size_t i = 0;
      for (const Value item : graph_.items(step.value)) steps_.push_back({item, step.path + "[" + std::to_string(i++) + "]"});
      return;
    }
    for (const object::Entry& entry : graph_.entries(step.value)) {
      const std::string name = printable(task::find_text(graph_, entry.key).value_or("?"));
      steps_.push_back({entry.value, step.path.empty() ? name : step.path + "." + name});
    }
  }

  const Graph& graph_;
  std::vector<Finding>& findings_;
  std::vector<Step> steps_;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace

Forecast look_ahead(const Graph& graph, const task::PathMap& paths) {
  Forecast out;
  out.renderer = task::renderer_of_options(graph, task::find_options(graph, graph.root()).value);
  try {
    const task::Definition task = task::read_definition(graph);
    out.renderer = task.renderer;
    check_scene(task, paths, out);
    if (!task.output_format.empty() && !is_format(task.output_format))
      warn(out, "output_format", printable(task.output_format) + " is a format that is not written any more");
  } catch (const Error& error) {
    warn(out, error.where().path, error.message());
  }
  return out;
}

void warn_of_numbers(const Graph& graph, std::string_view json, std::vector<Finding>& findings) {
  for (const std::string_view word : {"NaN", "Infinity"})
    if (json.find(word) != std::string_view::npos) return NumberSearch(graph, findings).run();
}

}  // namespace gt::batch
