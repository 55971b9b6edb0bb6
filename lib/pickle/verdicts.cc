#include "lib/pickle/verdicts.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "lib/object/classes.h"

namespace gt::pickle {
namespace {

struct DataRow {
  std::string_view module;
  std::string_view name;
  Use use;
};
struct GolemRow {
  std::string_view module;
  std::string_view name;
};

constexpr DataRow k_data[] = {
#define GT_DATA(module, name, use) {module, name, Use::use},
#define GT_BUILTIN(name, use) {"__builtin__", name, Use::use}, {"builtins", name, Use::use},
#include "lib/pickle/verdicts.def"
#define GT_EXCEPTION(name) {"exceptions", #name, Use::Call}, {"__builtin__", #name, Use::Call}, {"builtins", #name, Use::Call},
#include "lib/pickle/globals.def"
};

constexpr GolemRow k_golem[] = {
#define GT_GOLEM(module, name) {module, name},
#include "lib/pickle/verdicts.def"
};

constexpr std::string_view k_acting[] = {
#define GT_ACTING(package) package,
#include "lib/pickle/verdicts.def"
};

template <typename Rows>
auto find_row(const Rows& rows, std::string_view module, std::string_view name) {
  return std::find_if(std::begin(rows), std::end(rows),
                      [&](const auto& row) { return row.module == module && row.name == name; });
}

bool is_golem(std::string_view module, std::string_view name) {
  if (find_row(k_golem, module, name) != std::end(k_golem)) return true;
  return name.find('.') == std::string_view::npos &&
         object::find_class_style(std::string(module) + '.' + std::string(name)).has_value();
}

// A function of Python itself, or one that a module of the list leads to.
bool is_acting(std::string_view module, std::string_view name) {
  const std::string_view package = module.substr(0, module.find('.'));
  return module == "__builtin__" || module == "builtins" || name.find("__") != std::string_view::npos ||
         std::find(std::begin(k_acting), std::end(k_acting), package) != std::end(k_acting);
}

constexpr std::string_view k_words[] = {"known Golem class", "data type", "unknown", "runs code"};

}  // namespace

std::string_view to_string(Verdict verdict) { return k_words[static_cast<std::size_t>(verdict)]; }

NameFacts facts_of_name(std::string_view module, std::string_view name) {
  const auto data = find_row(k_data, module, name);
  if (data != std::end(k_data)) return {Verdict::Data, data->use};
  if (is_golem(module, name)) return {Verdict::Golem, Use::Call};
  return {is_acting(module, name) ? Verdict::RunsCode : Verdict::Unknown, Use::Name};
}

}  // namespace gt::pickle
