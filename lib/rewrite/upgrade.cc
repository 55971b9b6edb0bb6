#include "lib/rewrite/upgrade.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/base/text.h"
#include "lib/object/classes.h"
#include "lib/task/fields.h"

namespace gt::rewrite {
namespace {

using object::Entry;
using object::Graph;
using object::Kind;
using object::Value;

struct Move {
  std::string_view from;
  std::string_view to;
};
constexpr Move k_moved[] = {
#define GT_MOVED(from, to) {from, to},
#define GT_MOVED_PACKAGE(from, to)
#include "lib/rewrite/upgrade.def"
#undef GT_MOVED
#undef GT_MOVED_PACKAGE
};
constexpr Move k_moved_packages[] = {
#define GT_MOVED(from, to)
#define GT_MOVED_PACKAGE(from, to) {from, to},
#include "lib/rewrite/upgrade.def"
#undef GT_MOVED
#undef GT_MOVED_PACKAGE
};

bool is_golems(std::string_view name) {
  return name.starts_with("gnr.") || name.starts_with("golem.") || name.starts_with("apps.") ||
         name.starts_with("examples.gnr.");
}

// RenderingTaskState -> renderingtaskstate: modules were named as classes until November 2015.
std::string lower(std::string_view name) {
  std::string text(name);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string name_in_march_2016(const object::GlobalName& name) {
  if (!is_golems(name.qualified)) return std::string(name.qualified);
  std::string out = lower(name.module).append(".").append(name.name);
  for (const Move& move : k_moved_packages)
    if (out.starts_with(move.from)) out = std::string(move.to) + out.substr(move.from.size());
  for (const Move& move : k_moved)
    if (out == move.from) return std::string(move.to);
  return out;
}

// mainProgramFile -> main_program_file
std::string snake_case(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

class Upgrade {
 public:
  explicit Upgrade(Graph& graph) : graph_(graph) {}

  Report run() {
    take_definition_out();
    restore_lost_options(graph_, graph_.root(), report_.findings);
    add({graph_.root(), k_no_place, {}, 0});
    // Places are added while the list is walked.
    for (std::size_t i = 0; i < places_.size(); ++i) visit(i);
    move_options();
    return std::move(report_);
  }

 private:
  static constexpr std::size_t k_no_place = ~std::size_t{0};
  // Where a value is, by the place of what holds it.
  struct Place {
    Value value;
    std::size_t holder;
    std::string name;   // of an attribute or key
    std::size_t index;  // of an item
  };

  // Of a very long one the end: a forged file can be a million levels deep.
  std::string path_of(std::size_t place) const {
    constexpr std::size_t k_most_parts = 50;
    std::vector<std::string> parts;
    for (; place != k_no_place && places_[place].holder != k_no_place && parts.size() < k_most_parts;
         place = places_[place].holder)
      parts.push_back(places_[place].name.empty() ? fmt::format("[{}]", places_[place].index) : places_[place].name);
    std::string out = parts.size() == k_most_parts ? "..." : "";
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (!out.empty() && !part->starts_with('[')) out += '.';
      out += *part;
    }
    return out;
  }

  void tell(Finding::Severity severity, std::string message, std::string path) {
    report_.findings.push_back({severity, std::move(message), {.path = std::move(path)}});
  }
  void note(std::string path, std::string before, std::string after, std::string_view why) {
    report_.changes.push_back({std::move(path), std::move(before), std::move(after), why});
  }

  // --- the definition

  // A task and its state that a node of 2017 to 2020 kept, or the state of a task in the desktop program.
  void take_definition_out() {
    Value holder = graph_.root();
    if ((holder.is(Kind::Tuple) || holder.is(Kind::List)) && !graph_.items(holder).empty()) holder = graph_.items(holder)[0];
    if (task::is_task_definition(graph_, holder) && holder == graph_.root()) return;
    Value found = task::is_task_definition(graph_, holder) ? holder : Value();
    for (const std::string_view name : {"task_definition", "definition", "taskDefinition"})
      if (const Value inside = graph_.find(holder, name); !found && task::is_task_definition(graph_, inside)) found = inside;
    if (!found) throw Error(ErrorCode::TaskWrongClass, "holds no task definition but " + task::describe(graph_, graph_.root()));
    tell(Finding::Severity::Warning, "of " + task::describe(graph_, graph_.root()) + " only the task definition is kept", "");
    graph_.set_root(found);
  }

  // From December 2016 the renderer's options were in `options`, which had been the class of all options.
  void move_options() {
    const Value task = graph_.root();
    const task::OptionsField found = task::find_options(graph_, task);
    if (found.name != "options") return;
    graph_.erase(task, "renderer_options");
    graph_.set(task, "renderer_options", found.value);
    graph_.set(task, "options", object::make_class(graph_, "gnr.gnrtaskstate.GNROptions"));
    note("renderer_options", "nothing", task::describe(graph_, found.value), "they were in options from December 2016");
  }

  // --- every part

  void add(Place place) {
    const Value v = place.value;
    if (!object::is_container(v.kind()) || !seen_.insert(v.bits()).second) return;
    places_.push_back(std::move(place));
  }

  void visit(std::size_t place) {
    const Value v = places_[place].value;
    if (v.is(Kind::Instance)) upgrade_instance(v, place);
    if (object::is_sequence(v.kind())) {
      for (std::size_t i = 0; i < graph_.items(v).size(); ++i) {
        if (const Value moved = moved_class(graph_.items(v)[i])) graph_.set_item(v, i, moved);
        add({graph_.items(v)[i], place, {}, i});
      }
      return;
    }
    std::vector<Entry> entries(graph_.entries(v).begin(), graph_.entries(v).end());
    bool changed = false;
    for (Entry& entry : entries) {
      if (const Value moved = moved_class(entry.value)) {
        entry.value = moved;
        changed = true;
      }
      const auto name = task::find_text(graph_, entry.key);
      add({entry.value, place, name ? printable(*name) : std::string("?"), 0});
    }
    if (changed) graph_.replace_entries(v, entries);
  }

  // Absent if the name is the same.
  Value moved_class(Value v) {
    if (!v.is(Kind::Global)) return {};
    const std::string name = name_in_march_2016(graph_.global(v));
    return name == graph_.global(v).qualified ? Value() : object::make_class(graph_, name);
  }

  void upgrade_instance(Value v, std::size_t place) {
    if (!graph_.class_of(v)) return;
    const std::string_view before = graph_.class_name(v);
    if (!is_golems(before)) return;
    if (const Value moved = moved_class(graph_.class_of(v))) {
      graph_.set_class(v, moved);
      note(path_of(place), std::string(before), std::string(graph_.class_name(v)), "the class of March 2016");
    }
    rename_fields(v, place);
    if (is_docker_in_all_but_name(v)) set_docker_class(v, place);
    const std::string_view name = graph_.class_name(v);
    if (!object::find_class_style(name) || name.starts_with("apps."))
      return tell(Finding::Severity::Warning, "is a " + printable(name) + ", which March 2016 did not have: it stays",
                  path_of(place));
    fit_fields(v, name, place);
  }

  void rename_fields(Value v, std::size_t place) {
    std::vector<Entry> entries(graph_.entries(v).begin(), graph_.entries(v).end());
    std::unordered_set<std::string> names;
    for (const Entry& entry : entries) names.emplace(task::find_text(graph_, entry.key).value_or(""));
    bool changed = false;
    for (Entry& entry : entries) {
      const auto name = task::find_text(graph_, entry.key);
      const std::string snake = name ? snake_case(*name) : "";
      if (!name || snake == *name || names.contains(snake)) continue;
      note(path_of(place), printable(*name), snake, "names with underscores came in September 2015");
      entry.key = graph_.make_string(entry.key.kind(), snake);
      changed = true;
    }
    if (changed) graph_.replace_entries(v, entries);
  }

  // From the end of April 2016 these were Docker environments.
  bool is_docker_in_all_but_name(Value v) const {
    const std::string_view name = graph_.class_name(v);
    return graph_.find(v, "docker_images") &&
           (name == "gnr.renderingenvironment.BlenderEnvironment" || name == "gnr.renderingenvironment.LuxRenderEnvironment");
  }

  void set_docker_class(Value v, std::size_t place) {
    const std::string before(graph_.class_name(v));
    const std::string after = before.find("Blender") != std::string::npos
                                  ? "gnr.docker_environments.BlenderDockerEnvironment"
                                  : "gnr.docker_environments.LuxRenderDockerEnvironment";
    graph_.set_class(v, object::make_class(graph_, after));
    note(path_of(place), before, after, "it has Docker images");
  }

  // The fields that the constructor of March 2016 sets, no more and no fewer, where they are known.
  void fit_fields(Value v, std::string_view name, std::size_t place) {
    const std::unordered_set<std::string>& fields = fields_of(name);
    if (fields.empty()) return;
    std::vector<Entry> kept;
    for (const Entry& entry : graph_.entries(v)) {
      const auto field = task::find_text(graph_, entry.key);
      if (!field || fields.contains(std::string(*field)) || holds_options(v, entry.value)) {
        kept.push_back(entry);
        continue;
      }
      if (says_nothing(entry.value)) continue;
      const std::string path = path_of(place);
      tell(Finding::Severity::Warning, "March 2016 had no such field: " + task::describe(graph_, entry.value) + " is left out",
           path.empty() ? printable(*field) : path + "." + printable(*field));
    }
    if (kept.size() < graph_.entries(v).size()) graph_.replace_entries(v, kept);
    object::add_constructor_attributes(graph_, v, name);
  }

  // Empty for a class whose fields are not known.
  const std::unordered_set<std::string>& fields_of(std::string_view class_name) {
    const auto [known, first] = fields_.try_emplace(std::string(class_name));
    if (!first) return known->second;
    Graph fresh;
    const Value model = object::make_object(fresh, class_name);
    for (const Entry& entry : fresh.entries(model)) known->second.emplace(fresh.string_of(entry.key));
    return known->second;
  }

  // What the constructor of the file's own time set, most likely.
  bool says_nothing(Value v) const {
    const auto text = task::find_text(graph_, v);
    return v.is(Kind::None) || (v.is(Kind::Int) && graph_.int_of(v) == 0) || (text && text->empty());
  }

  // What move_options() will move.
  bool holds_options(Value v, Value value) const {
    return v == graph_.root() && task::renderer_of_options(graph_, value) != task::Renderer::Unknown;
  }

  Graph& graph_;
  Report report_;
  std::vector<Place> places_;
  std::unordered_set<std::uint64_t> seen_;
  std::unordered_map<std::string, std::unordered_set<std::string>> fields_;  // by class
};

}  // namespace

Report upgrade(Graph& graph) { return Upgrade(graph).run(); }

}  // namespace gt::rewrite
