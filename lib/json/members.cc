#include "lib/json/members.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "lib/base/text.h"
#include "lib/json/tags.h"
#include "lib/json/text_writer.h"
#include "lib/object/python2.h"

namespace gt::json {
namespace {

using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Value;

// Functions of Python 2's __builtin__ that a pickle can name: everything in it that is neither type nor exception.
// Sorted.
constexpr std::string_view k_builtin_functions[] = {
    "__import__", "abs",     "all",     "any",    "apply",  "bin",       "callable", "chr",    "cmp",
    "coerce",     "compile", "delattr", "dir",    "divmod", "eval",      "execfile", "filter", "format",
    "getattr",    "globals", "hasattr", "hash",   "hex",    "id",        "input",    "intern", "isinstance",
    "issubclass", "iter",    "len",     "locals", "map",    "max",       "min",      "next",   "oct",
    "open",       "ord",     "pow",     "print",  "range",  "raw_input", "reduce",   "reload", "repr",
    "round",      "setattr", "sorted",  "sum",    "unichr", "vars",      "zip"};
static_assert(std::is_sorted(std::begin(k_builtin_functions), std::end(k_builtin_functions)));

bool is_builtin_function(const object::GlobalName& name) {
  if (name.module == "builtins" && name.name == "range") return false;  // a type of Python 3
  return (name.module == "__builtin__" || name.module == "builtins") &&
         std::binary_search(std::begin(k_builtin_functions), std::end(k_builtin_functions), name.name);
}

std::string json_name(const Graph& graph, Value key) {
  if (object::is_string(key.kind())) return std::string(graph.string_of(key));
  if (key.is(Kind::None)) return "null";
  return object::python2_repr(graph, key);
}

// Where json.loads makes one code point of an escaped surrogate pair.
std::string join_surrogates(std::string_view text) {
  if (text.find('\xED') == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = next_code_point(text, i);
    std::size_t after = i;
    const char32_t low = c >= 0xD800 && c < 0xDC00 && i < text.size() ? next_code_point(text, after) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
      i = after;
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

// The order of a dict that was filled with these names in this order.
std::vector<std::uint32_t> dict_order(const std::vector<std::string>& names) {
  std::vector<std::int64_t> hashes;
  hashes.reserve(names.size());
  for (const std::string& name : names) hashes.push_back(object::python2_hash(name, Kind::Text));
  return object::python2_table_order(hashes);
}

// jsonpickle fills a dict, json.loads another one in the order of the first, json.dump walks the second.
std::vector<std::uint32_t> written_order(const std::vector<std::string>& names) {
  const std::vector<std::uint32_t> first = dict_order(names);
  std::vector<std::string> loaded;
  loaded.reserve(names.size());
  for (const std::uint32_t i : first) loaded.push_back(join_surrogates(names[i]));
  std::vector<std::uint32_t> out;
  out.reserve(names.size());
  for (const std::uint32_t i : dict_order(loaded)) out.push_back(first[i]);
  return out;
}

struct SortedEntry {
  std::string sort_text;
  std::uint32_t entry;
};

// sorted(items, key=unicode(key)): stable, so that equal sort keys stay in the order of the dict itself.
std::vector<SortedEntry> sorted_entries(const Graph& graph, std::span<const Entry> entries) {
  std::vector<SortedEntry> out;
  out.reserve(entries.size());
  for (std::uint32_t i = 0; i < entries.size(); ++i) out.push_back({object::python2_sort_text(graph, entries[i].key), i});
  const auto by_text = [](const SortedEntry& a, const SortedEntry& b) { return a.sort_text < b.sort_text; };
  std::stable_sort(out.begin(), out.end(), by_text);
  const auto same_text = [](const SortedEntry& a, const SortedEntry& b) { return a.sort_text == b.sort_text; };
  if (std::adjacent_find(out.begin(), out.end(), same_text) == out.end()) return out;
  std::vector<std::int64_t> hashes;
  for (const Entry& entry : entries) hashes.push_back(object::python2_hash(graph, entry.key));
  std::vector<SortedEntry> in_dict_order;
  for (const std::uint32_t i : object::python2_table_order(hashes))
    in_dict_order.push_back({object::python2_sort_text(graph, entries[i].key), i});
  std::stable_sort(in_dict_order.begin(), in_dict_order.end(), by_text);
  return in_dict_order;
}

std::string quoted_key(std::string_view name) {
  std::string out;
  append_string(out, name);
  return out + ":";
}

}  // namespace

bool is_builtin_function(const Graph& graph, Value value) {
  return value.is(Kind::Global) && is_builtin_function(graph.global(value));
}

Value value_of(const Graph& graph, Value container, const Member& member) {
  if (member.source == Member::Source::Entry) return graph.entries(container)[member.entry].value;
  if (member.source == Member::Source::Facet) return graph.facet(container, member.facet);
  return {};
}

MemberTable::MemberTable(const Graph& graph, KeyOrders* orders) : graph_(graph), orders_(orders) {
  for (const object::GlobalName& name : graph.globals())
    has_builtin_functions_ = has_builtin_functions_ || is_builtin_function(name);
}

std::uint32_t MemberTable::variant_of(Value container) const {
  if (!container.is(Kind::Instance)) return 0;
  return graph_.facets(container) << 2 | (graph_.class_of(container) ? 2 : 1);
}

Members* MemberTable::find(Value container) {
  const std::uint32_t shape = graph_.shape(container);
  if (shape == 0 || has_builtin_functions_) return nullptr;
  const std::uint32_t variant = variant_of(container);
  if (shape >= by_shape_.size()) by_shape_.resize(shape + 1);
  for (const Known& known : by_shape_[shape])
    if (known.variant == variant) return known.members.get();
  by_shape_[shape].push_back({variant, make(container)});
  return by_shape_[shape].back().members.get();
}

// What there is to tell of is told of each graph anew.
std::shared_ptr<Members> MemberTable::make(Value container) const {
  if (orders_ == nullptr || has_builtin_functions_) return make_anew(container);
  if (auto known = orders_->find(graph_, container, variant_of(container))) return known;
  auto made = make_anew(container);
  if (made->findings.empty()) orders_->add(made);
  return made;
}

// A Python dict while it is filled: a name that comes again keeps its first place and gets the later value.
class MemberTable::Filling {
 public:
  enum class Place : std::uint8_t { New, OfEarlier };

  Place add(std::string_view name, Member member) {
    const auto index = static_cast<std::uint32_t>(visited_.size());
    member.key = quoted_key(name);
    visited_.push_back(std::move(member));
    const auto [place, inserted] = places_.try_emplace(std::string(name), names_.size());
    if (inserted) {
      names_.emplace_back(name);
      inserted_.push_back(index);
      return Place::New;
    }
    inserted_[place->second] = index;
    return Place::OfEarlier;
  }

  void add_facets(const Graph& graph, Value instance, std::span<const FacetTag> tags) {
    for (const FacetTag& tag : tags)
      if (graph.facet(instance, tag.facet)) add(tag.name, {Member::Source::Facet, tag.facet, 0, {}});
  }

  Members take() {
    Members out{std::move(visited_), {}, {}};
    out.written.reserve(names_.size());
    for (const std::uint32_t i : written_order(names_)) out.written.push_back(inserted_[i]);
    return out;
  }

 private:
  std::vector<Member> visited_;
  std::vector<std::string> names_;                       // different ones, in the order in which they came
  std::vector<std::uint32_t> inserted_;                  // for each name: its member in visited_
  std::unordered_map<std::string, std::size_t> places_;  // of each name in names_
};

void MemberTable::add_entries(Value container, Filling& filling, std::vector<Finding>& findings) const {
  const auto entries = graph_.entries(container);
  for (const SortedEntry& sorted : sorted_entries(graph_, entries)) {
    const Entry& entry = entries[sorted.entry];
    const std::string name = json_name(graph_, entry.key);
    const bool string_key = object::is_string(entry.key.kind());
    if (string_key && is_reserved_tag(name)) {
      findings.push_back(
          {Finding::Severity::Warning, "the key '" + name + "' is reserved by jsonpickle: it was left out, as in 2016", {}});
      continue;
    }
    if (is_builtin_function(graph_, entry.value)) continue;
    // Two keys, 1 and "1", become one name.
    if (filling.add(name, {Member::Source::Entry, {}, sorted.entry, {}}) == Filling::Place::OfEarlier)
      findings.push_back({Finding::Severity::Warning,
                          "two keys of a dict become '" + printable(name) + "' in JSON: only one value was kept, as in 2016",
                          {}});
  }
}

std::shared_ptr<Members> MemberTable::make_anew(Value container) const {
  std::vector<Finding> findings;
  Filling filling;
  const bool instance = container.is(Kind::Instance);
  if (instance && graph_.class_of(container)) filling.add("py/object", {Member::Source::ClassName, {}, 0, {}});
  if (instance) filling.add_facets(graph_, container, k_facets_before_attributes);
  add_entries(container, filling, findings);
  // An item named default_factory gives way to the factory here.
  if (instance) filling.add_facets(graph_, container, k_facets_after_attributes);
  auto out = std::make_shared<Members>(filling.take());
  out->findings = std::move(findings);
  return out;
}

}  // namespace gt::json
