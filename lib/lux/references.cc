#include "lib/lux/references.h"

#include <algorithm>
#include <optional>

#include "lib/base/text.h"
#include "lib/lux/edits.h"
#include "lib/lux/scene.h"

namespace gt::lux {
namespace {

struct Rule {
  std::string_view statement;
  std::string_view parameter;
  ReferenceKind kind;
};
constexpr Rule k_rules[] = {
#define GT_LUX_REFERENCE(statement, parameter, kind) {statement, parameter, ReferenceKind::kind},
#include "lib/lux/references.def"
#undef GT_LUX_REFERENCE
};

std::optional<ReferenceKind> kind_of(const Statement& statement, const Parameter& parameter) {
  if (parameter.type != "string" || parameter.count != 1 || parameter.head[0].kind != TokenKind::String) return std::nullopt;
  const bool film = statement.keyword.text == "Film";
  for (const Rule& rule : k_rules)
    if (parameter.name == rule.parameter && (rule.statement.empty() ? !film : rule.statement == statement.keyword.text))
      return rule.kind;
  return std::nullopt;
}

// Tells each reference, Includes as well, with the token that has the name. Not quite in the order of the text: an Include is
// met when the token behind a parameter is looked at, and so is told before that parameter.
class ReferenceVisitor : public SceneVisitor {
 public:
  void on_parameter(const Statement& statement, const Parameter& parameter) override {
    if (const auto kind = kind_of(statement, parameter)) {
      Reference reference{*kind, decode(parameter.head[0]), std::string(statement.keyword.text), parameter.name,
                          parameter.head[0].at};
      on_reference(std::move(reference), parameter.head[0]);
    }
  }
  void on_include(const Token& name) final {
    on_reference({ReferenceKind::Include, decode(name), "Include", {}, name.at}, name);
  }
  virtual void on_reference(Reference reference, const Token& token) = 0;
};

constexpr std::string_view k_embedded = "_data";

class Collector : public ReferenceVisitor {
 public:
  explicit Collector(std::size_t max_references) : max_references_(max_references) {}

  void on_statement(const Statement& statement) override {
    if (statement.keyword.text == "Film") contents.films.push_back(statement.keyword.at);
    of_statement_ = contents.references.size();
  }
  void on_parameter(const Statement& statement, const Parameter& parameter) override {
    ReferenceVisitor::on_parameter(statement, parameter);
    if (parameter.name.ends_with(k_embedded))
      note_embedded(parameter.name.substr(0, parameter.name.size() - k_embedded.size()));
  }
  void on_statement_end(const Statement& /*statement*/) override {
    if (embedded_.empty()) return;
    const auto is_embedded = [this](const Reference& reference) {
      return std::find(embedded_.begin(), embedded_.end(), reference.parameter) != embedded_.end();
    };
    auto& all = contents.references;
    all.erase(std::remove_if(all.begin() + static_cast<std::ptrdiff_t>(of_statement_), all.end(), is_embedded), all.end());
    embedded_.clear();
  }
  void on_reference(Reference reference, const Token& token) override {
    if (reference.name.empty()) return;
    if (contents.references.size() >= max_references_)
      throw scene_error(ErrorCode::LimitNodes, token.at,
                        "the scene names more than " + std::to_string(max_references_) + " files");
    contents.references.push_back(std::move(reference));
  }

  Contents contents;

 private:
  // Only what a rule knows, and once: a statement may have millions of parameters.
  void note_embedded(const std::string& parameter) {
    const bool known =
        std::any_of(std::begin(k_rules), std::end(k_rules), [&](const Rule& rule) { return rule.parameter == parameter; });
    if (known && std::find(embedded_.begin(), embedded_.end(), parameter) == embedded_.end()) embedded_.push_back(parameter);
  }

  std::size_t max_references_;
  std::size_t of_statement_ = 0;       // where the references of the statement begin
  std::vector<std::string> embedded_;  // parameters whose files the statement has in it
};

class Relocator : public ReferenceVisitor {
 public:
  explicit Relocator(const std::map<std::string, std::string, std::less<>>& names) : names_(names) {}

  void on_reference(Reference reference, const Token& token) override {
    const auto found = names_.find(reference.name);
    if (found == names_.end() || found->second == reference.name) return;
    const std::string& name = found->second;
    const bool include = reference.kind == ReferenceKind::Include;
    const bool writable = std::none_of(name.begin(), name.end(),
                                       [&](char c) { return c == '\n' || c == '\0' || c == '\r' || (include && c == '"'); });
    if (!writable || name.empty() || name.size() > 1023)
      throw Error(ErrorCode::LuxSettings, "'" + printable(name) + "' cannot be the name of a file in a scene");
    edits.push_back({token.at.offset, token.text.size(), include ? "\"" + name + "\"" : quoted(name)});
    notes.push_back({Finding::Severity::Note,
                     reference.statement + " names " + printable(name) + ", was " + printable(reference.name),
                     {.path = to_string(token.at)}});
  }

  std::vector<Edit> edits;
  std::vector<Finding> notes;

 private:
  const std::map<std::string, std::string, std::less<>>& names_;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool has_drive(std::string_view name) { return name.size() >= 2 && is_letter(name[0]) && name[1] == ':'; }

}  // namespace

std::string_view to_string(ReferenceKind kind) {
  switch (kind) {
    case ReferenceKind::Include: return "included scene";
    case ReferenceKind::File: return "file";
    case ReferenceKind::FileOrPreset: return "file or preset";
  }
  return "file";
}

Contents contents_of(std::string_view text, std::size_t max_references) {
  Collector collector(max_references);
  parse_scene(text, collector);
  auto& all = collector.contents.references;
  std::stable_sort(all.begin(), all.end(), [](const Reference& a, const Reference& b) { return a.at.offset < b.at.offset; });
  return std::move(collector.contents);
}

PathForm form_of(std::string_view name) {
  if (has_drive(name) || name.find('\\') != std::string_view::npos) return PathForm::Windows;
  return !name.empty() && name[0] == '/' ? PathForm::Absolute : PathForm::Relative;
}

Resolved resolve(std::string_view name, std::string_view scene_directory) {
  Resolved out{form_of(name), std::string(name), {}};
  if (out.form == PathForm::Windows) std::replace(out.path.begin(), out.path.end(), '\\', '/');
  out.leaf = out.path.substr(out.path.find_last_of('/') + 1);
  const bool relative = !out.path.empty() && out.path[0] != '/' && !has_drive(out.path);
  if (relative && !scene_directory.empty())
    out.path = std::string(scene_directory) + (scene_directory.back() == '/' ? "" : "/") + out.path;
  return out;
}

Rewritten relocate(std::string_view text, const std::map<std::string, std::string, std::less<>>& names) {
  Relocator relocator(names);
  parse_scene(text, relocator);
  std::stable_sort(relocator.edits.begin(), relocator.edits.end(),
                   [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
  return {edited(text, relocator.edits), std::move(relocator.notes)};
}

}  // namespace gt::lux
