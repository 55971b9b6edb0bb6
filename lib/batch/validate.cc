#include <algorithm>
#include <array>
#include <cmath>

#include "lib/base/text.h"
#include "lib/batch/schema_node.h"
#include "lib/task/fields.h"

namespace gt::batch {
namespace {

using object::Graph;
using object::Kind;
using object::Value;
using Node = Schema::Node;

// A value as the JSON of it: itself, or what is inside the object that JSON needs for it (the array of py/set, the text of
// py/object, py/type and py/bytes).
enum class Part : std::uint8_t { Whole, Items, Text };
struct View {
  Value value;
  Part part = Part::Whole;
};

// The only member of an object that stands for what JSON has no type for; empty for all else.
std::string_view tag_of(const Graph& graph, Value value) {
  switch (value.kind()) {
    case Kind::Set:
    case Kind::FrozenSet: return "py/set";
    case Kind::Tuple: return "py/tuple";
    case Kind::Global: return graph.global(value).function ? "py/function" : "py/type";
    case Kind::Bytes:
    case Kind::Binary: return is_utf8(graph.string_of(value), Surrogates::Accept) ? "" : "py/bytes";
    default: return {};
  }
}

std::uint8_t type_of(const Graph& graph, const View& view) {
  if (view.part != Part::Whole) return view.part == Part::Items ? k_array : k_string;
  switch (view.value.kind()) {
    case Kind::None: return k_null;
    case Kind::Bool: return k_boolean;
    case Kind::Int:
    case Kind::Long: return k_integer;
    case Kind::Float: return k_number;
    case Kind::Text: return k_string;
    case Kind::List:
    case Kind::RawList: return k_array;
    default:
      return tag_of(graph, view.value).empty() && object::is_string(view.value.kind()) && !view.value.is(Kind::ByteArray)
                 ? k_string
                 : k_object;
  }
}

double number_of(const Graph& graph, Value value) {
  if (value.is(Kind::Float)) return graph.float_of(value);
  if (value.is(Kind::Int)) return static_cast<double>(graph.int_of(value));
  return graph.long_of(value).negative() ? -HUGE_VAL : HUGE_VAL;
}

std::string_view text_of(const Graph& graph, const View& view) {
  if (view.value.is(Kind::Instance)) return graph.qualified_name(graph.class_of(view.value));
  if (view.value.is(Kind::Global)) return graph.qualified_name(view.value);
  return graph.string_of(view.value);
}

// Calls `visit(name, view)` for each member of the object that JSON has for `value`, until it says false.
template <typename Visit>
bool all_members(const Graph& graph, Value value, const Visit& visit) {
  if (const std::string_view tag = tag_of(graph, value); !tag.empty())
    return visit(tag, View{value, object::is_sequence(value.kind()) ? Part::Items : Part::Text});
  if (value.is(Kind::Instance) && graph.class_of(value) && !visit("py/object", View{value, Part::Text})) return false;
  // A bytearray, a reference to something outside the file: objects that no task has, of members that no schema names.
  if (!object::is_object(value.kind())) return true;
  for (const object::Entry& entry : graph.entries(value)) {
    const auto name = task::find_text(graph, entry.key);
    if (name && !visit(*name, View{entry.value})) return false;
  }
  return true;
}

enum class Explain : std::uint8_t { No, Yes };

// Walks a schema beside a value: as deep as the schema, whatever the value.
class Check {
 public:
  Check(const Graph& graph, Explain explain) : graph_(graph), silent_(explain == Explain::Yes ? 0 : 1) {
    constexpr std::size_t k_usual_depth = 8;
    constexpr std::size_t k_usual_members = 64;
    objects_.reserve(k_usual_depth);
    members_.reserve(k_usual_members);
  }

  bool fits(const Node& node, const View& view) {
    const std::uint8_t type = type_of(graph_, view);
    if ((node.types & type) == 0) return fail(view, ", which does not belong here");
    if (node.says_only_type()) return true;
    if (type != k_object) return fits_here(node, view, type);
    enter(view.value);
    const bool is_good = fits_here(node, view, type);
    leave();
    return is_good;
  }

  const Schema::Fault& fault() const { return fault_; }

 private:
  // A member of the object that is looked at.
  struct Member {
    std::uint64_t taste;
    std::string_view name;
    View view;
    std::uint32_t older;  // number of the one before it in its slot, as in Object
  };
  struct Object {
    std::size_t first = 0;  // of its members
    // By slot: the number of the newest member, counted from 1; 0 for none.
    std::array<std::uint32_t, std::size_t{1} << Node::k_slot_bits> newest{};
  };

  // Many parts of a schema say something of one object: its members are found once.
  void enter(Value object) {
    objects_.emplace_back().first = members_.size();
    all_members(graph_, object, [&](std::string_view name, const View& view) {
      const std::uint64_t taste = Node::taste_of(name);
      std::uint32_t& newest = objects_.back().newest[Node::slot_of(taste)];
      members_.push_back({taste, name, view, newest});
      newest = static_cast<std::uint32_t>(members_.size());
      return true;
    });
  }
  void leave() {
    members_.resize(objects_.back().first);
    objects_.pop_back();
  }
  // Of the object that was entered last; nullptr if it has none of that name.
  const View* find_member(const Node::Property& property) const {
    for (std::uint32_t number = objects_.back().newest[property.slot]; number != 0;) {
      const Member& member = members_[number - 1];
      if (member.taste == property.taste && member.name == property.name) return &member.view;
      number = member.older;
    }
    return nullptr;
  }

  // Of the same value as the node that this one is a part of.
  bool fits_too(const Node& node, const View& view, std::uint8_t type) {
    if ((node.types & type) == 0) return fail(view, ", which does not belong here");
    return node.says_only_type() || fits_here(node, view, type);
  }

  bool fits_here(const Node& node, const View& view, std::uint8_t type) {
    if (node.says_of_value && !(fits_text(node, view, type) && fits_number(node, view, type))) return false;
    if (node.says_of_parts && type == k_array && !fits_array(node, view)) return false;
    if (node.says_of_parts && type == k_object && !fits_object(node, view.value)) return false;
    return !node.says_of_others || fits_combinations(node, view, type);
  }

  // The first fault found is the one told, but none of alternatives: of these it is not known which was meant.
  bool fail(const std::string& message) {
    if (silent_ != 0 || !fault_.message.empty()) return false;
    for (const std::string& part : path_) fault_.path += (fault_.path.empty() || part[0] == '[' ? "" : ".") + part;
    fault_.message = message;
    return false;
  }
  bool fail(const View& view, std::string_view what) {
    return silent_ == 0 ? fail("is " + describe(view) + std::string(what)) : false;
  }

  std::string describe(const View& view) const {
    if (view.part == Part::Text || view.value.is(Kind::Bytes) || view.value.is(Kind::Text))
      return "\"" + printable(text_of(graph_, view)) + "\"";
    if (view.value.is(Kind::Int)) return std::to_string(graph_.int_of(view.value));
    return task::describe(graph_, view.value);
  }

  template <typename Name>
  bool fits_part(const Node& node, const View& view, const Name& name) {
    if (silent_ != 0) return fits(node, view);
    path_.push_back(name());
    const bool is_good = fits(node, view);
    path_.pop_back();
    return is_good;
  }

  bool fits_text(const Node& node, const View& view, std::uint8_t type) {
    if (node.values.empty() && node.min_length == 0) return true;
    if (type != k_string) return node.values.empty() || fail(view, ", not a text");
    const std::string_view text = text_of(graph_, view);
    if (text.size() < node.min_length) return fail("is empty");
    const bool is_known = std::find(node.values.begin(), node.values.end(), text) != node.values.end();
    return node.values.empty() || is_known || fail(view, ", which is not known here");
  }

  bool fits_number(const Node& node, const View& view, std::uint8_t type) {
    if (type != k_integer && type != k_number) return true;
    const double number = number_of(graph_, view.value);
    // Nothing is said of NaN, as in valijson.
    if (number < node.minimum) return fail(view, ", which is too small");
    return !(number > node.maximum) || fail(view, ", which is too large");
  }

  bool fits_array(const Node& node, const View& view) {
    const auto items = graph_.items(view.value);
    if (items.size() < node.min_items || items.size() > node.max_items)
      return fail("has " + std::to_string(items.size()) + " items");
    if (node.items == nullptr) return true;
    for (std::size_t i = 0; i < items.size(); ++i)
      if (!fits_part(*node.items, {items[i]}, [&] { return "[" + std::to_string(i) + "]"; })) return false;
    return true;
  }

  bool fits_object(const Node& node, Value object) {
    if (silent_ == 0) return fits_object_aloud(node, object);
    if (node.additional != nullptr || node.refuses_additional) return has_all(node) && fits_all_members(node, object);
    return std::all_of(node.properties.begin(), node.properties.end(), [&](const Node::Property& property) {
      const View* found = find_member(property);
      if (found == nullptr) return !property.is_required;
      const View view = *found;  // of a vector that grows
      return property.node == nullptr || fits(*property.node, view);
    });
  }

  // What is missing is told before what is wrong.
  bool fits_object_aloud(const Node& node, Value object) {
    for (const std::string_view name : node.required)
      if (find_member(*node.find_property(name)) == nullptr) return fail("has no " + std::string(name));
    return fits_all_members(node, object);
  }

  bool fits_all_members(const Node& node, Value object) {
    return all_members(graph_, object, [&](std::string_view name, const View& view) {
      const Node::Property* property = node.find_property(name);
      const Node* said = property == nullptr ? nullptr : property->node;
      if (said == nullptr && node.refuses_additional)
        return silent_ == 0 ? fail("has " + printable(name) + ", which does not belong here") : false;
      if (said == nullptr) said = node.additional;
      return said == nullptr || fits_part(*said, view, [&] { return printable(name); });
    });
  }

  bool fits_silently(const Node& node, const View& view, std::uint8_t type) {
    ++silent_;
    const bool is_good = fits_too(node, view, type);
    --silent_;
    return is_good;
  }

  bool fits_combinations(const Node& node, const View& view, std::uint8_t type) {
    for (const Node* each : node.all_of)
      if (!fits_too(*each, view, type)) return false;
    const auto fits_this = [&](const Node* one) { return fits_silently(*one, view, type); };
    if (!node.any_of.empty() && !std::any_of(node.any_of.begin(), node.any_of.end(), fits_this))
      return fail_alternatives(node, view, type);
    if (node.not_this != nullptr && fits_this(node.not_this)) return fail(view, ", which does not belong here");
    if (node.if_this == nullptr) return true;
    const Node* next = fits_this(node.if_this) ? node.then_this : node.else_this;
    return next == nullptr || fits_too(*next, view, type);
  }

  // Where only one alternative is of the value's type and has what it requires, that one was meant.
  bool fail_alternatives(const Node& node, const View& view, std::uint8_t type) {
    if (silent_ != 0) return false;
    std::vector<const Node*> meant;
    std::string missing;
    for (const Node* each : node.any_of) {
      if ((each->types & type) != 0 && (type != k_object || has_all(*each))) meant.push_back(each);
      if (each->types != 0xff) continue;
      for (const std::string_view name : each->required) missing += (missing.empty() ? "" : " or ") + std::string(name);
    }
    if (meant.size() == 1) return fits_too(*meant[0], view, type);
    if (!missing.empty() && type == k_object) return fail("has no proper " + missing);
    return fail(view, ", which does not belong here");
  }

  bool has_all(const Node& node) const {
    return std::all_of(node.properties.begin(), node.properties.end(), [&](const Node::Property& property) {
      return !property.is_required || find_member(property) != nullptr;
    });
  }

  const Graph& graph_;
  int silent_;                   // 0: faults are told
  std::vector<Object> objects_;  // the way down to what is looked at
  std::vector<Member> members_;
  std::vector<std::string> path_;
  Schema::Fault fault_;
};

}  // namespace

std::optional<Schema::Fault> Schema::validate(const Graph& graph) const {
  if (Check(graph, Explain::No).fits(*root_, {graph.root()})) return std::nullopt;
  Check again(graph, Explain::Yes);  // nearly every task is valid, and then no path is kept
  again.fits(*root_, {graph.root()});
  return again.fault();
}

}  // namespace gt::batch
