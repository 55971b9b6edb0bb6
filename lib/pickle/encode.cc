#include "lib/pickle/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/object/classes.h"
#include "lib/object/lost_values.h"
#include "lib/object/python2.h"
#include "lib/pickle/calls.h"
#include "lib/pickle/writer.h"

namespace gt::pickle {
namespace {

using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Making;
using object::Value;

Error no_form(std::string_view what, std::string_view why) {
  return Error(ErrorCode::GraphNoForm, fmt::format("{} cannot be written as a pickle: {}", what, why));
}

// All entries of a container that lost some, with those, and how many of them are which.
struct Restored {
  std::vector<Entry> entries;
  Making making;
};

Restored restore(const Graph& graph, Value container, const object::LostValues& lost) {
  const auto kept = graph.entries(container);
  Restored out{{}, graph.making(container)};
  const std::size_t attributes = kept.size() - out.making.items - out.making.slots;
  const auto add = [&](std::span<const Entry> some) {
    const std::vector<Entry> all = lost.with_lost(container, some);
    out.entries.insert(out.entries.end(), all.begin(), all.end());
    return static_cast<std::uint32_t>(all.size());
  };
  const std::size_t items = out.making.items, slots = out.making.slots;
  out.making.items = add(kept.first(items));
  add(kept.subspan(items, attributes));
  out.making.slots = add(kept.last(slots));
  return out;
}

class Encoder {
 public:
  Encoder(const Graph& graph, Sink& sink, const EncodeOptions& options)
      : graph_(graph), options_(options), out_(sink, options) {
    const object::LostValues lost(graph);
    for (const object::LostValue& value : graph.lost_values())
      if (const auto bits = value.container.bits(); !restored_.contains(bits))
        restored_.emplace(bits, restore(graph, value.container, lost));
  }

  void run() {
    out_.write(form().start);
    save(graph_.root());
    while (!work_.empty()) step();
    out_.write(".");
    out_.finish();
  }

 private:
  // What is still to be written, the next last. Items and entries go one by one, `text` behind each.
  struct Part {
    enum class Do : std::uint8_t { Write, Save, Finish, Items, Entries };
    Do what = Do::Write;
    std::string_view text = {};
    Value value = {};
    std::span<const Value> items = {};
    std::span<const Entry> entries = {};
    bool between_key_and_value = false;
    bool begun = false;
  };
  static Part text(std::string_view opcodes) { return {.what = Part::Do::Write, .text = opcodes}; }
  static Part value(Value v) { return {.what = Part::Do::Save, .value = v}; }
  static Part finish(Value v) { return {.what = Part::Do::Finish, .value = v}; }
  static Part items(std::span<const Value> values, std::string_view behind_each = {}) {
    return {.what = Part::Do::Items, .text = behind_each, .items = values};
  }

  const Form& form() const { return out_.form(); }

  void push(std::initializer_list<Part> parts) {
    work_.insert(work_.end(), std::make_reverse_iterator(parts.end()), std::make_reverse_iterator(parts.begin()));
  }

  void step() {
    Part& part = work_.back();
    if (part.what == Part::Do::Items || part.what == Part::Do::Entries) return step_through(part);
    const Part now = part;
    work_.pop_back();
    if (now.what == Part::Do::Write) return out_.write(now.text);
    if (now.what == Part::Do::Save) return save(now.value);
    finish_made(now.value);
  }

  void step_through(Part& part) {
    if (part.begun && !part.between_key_and_value) out_.write(part.text);
    part.begun = true;
    if (part.items.empty() && part.entries.empty()) return work_.pop_back();
    Value next;
    if (part.what == Part::Do::Items) {
      next = part.items.front();
      part.items = part.items.subspan(1);
    } else if (part.between_key_and_value) {
      next = part.entries.front().value;
      part.entries = part.entries.subspan(1);
      part.between_key_and_value = false;
    } else {
      next = part.entries.front().key;
      part.between_key_and_value = true;
    }
    save(next);  // from here on `part` may be elsewhere
  }

  // --- the memo

  void memoize(Value v) { memo_[v.bits()] = out_.put(); }

  // What is made of its parts is not in the memo while they are written, and so may be begun again inside of them. Each time
  // something that is in the memo has to lie between, or there would be no end.
  void begin_made(Value v) {
    const auto [known, first] = begun_.try_emplace(v.bits(), out_.memoized());
    if (!first && known->second == out_.memoized())
      throw no_form("a tuple, set or call that contains itself", "no list, dict or object lies between");
    known->second = out_.memoized();
  }

  // As in pickle.py: what was made inside of itself is the one that counts; the second is dropped.
  void finish_made(Value v) {
    if (const auto known = memo_.find(v.bits()); known != memo_.end()) {
      out_.write("0");
      return out_.get(known->second);
    }
    memoize(v);
    if (v.is(Kind::Instance)) fill(v);
  }

  // --- values

  void save(Value v) {
    if (const auto known = memo_.find(v.bits()); known != memo_.end()) return out_.get(known->second);
    switch (v.kind()) {
      case Kind::None: return out_.write("N");
      case Kind::Bool: return out_.boolean(v.as_bool());
      case Kind::Int: return out_.integer(graph_.int_of(v));
      case Kind::Long: return out_.long_integer(graph_.long_of(v));
      case Kind::Float: return out_.real(graph_.float_of(v));
      case Kind::Bytes: out_.bytes(graph_.string_of(v)); return memoize(v);
      case Kind::Text: out_.text(graph_.string_of(v)); return memoize(v);
      case Kind::Binary: out_.binary_bytes(graph_.string_of(v)); return memoize(v);
      case Kind::ByteArray: out_.byte_array(graph_.string_of(v)); return memoize(v);
      case Kind::Global: return out_.name(graph_.global(v).module, graph_.global(v).name);
      case Kind::List:
      case Kind::RawList: return save_list(v);
      case Kind::Tuple: return save_tuple(v);
      case Kind::Set: return save_set(v, "set");
      case Kind::FrozenSet: return save_set(v, "frozenset");
      case Kind::PersistentId: return save_persistent_id(v);
      case Kind::Dict: return save_dict(v);
      case Kind::Instance: return save_instance(v);
      case Kind::Absent: throw Error(ErrorCode::Bug, "the graph has a hole");
    }
  }

  void push_items(std::span<const Value> values) {
    if (!values.empty()) push({text(form().batch), items(values, form().each_item), text(form().items_end)});
  }

  void push_entries(std::span<const Entry> entries) {
    if (entries.empty()) return;
    const Part all{.what = Part::Do::Entries, .text = form().each_entry, .entries = entries};
    push({text(form().batch), all, text(form().entries_end)});
  }

  void save_list(Value v) {
    out_.write(form().list);
    memoize(v);
    push_items(graph_.items(v));
  }

  void save_dict(Value v) {
    out_.write(form().dict);
    memoize(v);
    const auto restored = restored_.find(v.bits());
    push_entries(restored != restored_.end() ? restored->second.entries : graph_.entries(v));
  }

  void save_tuple(Value v) {
    constexpr std::string_view k_short[] = {"", "\x85", "\x86", "\x87"};
    const auto parts = graph_.items(v);
    if (parts.empty()) return out_.write(form().empty_tuple);
    begin_made(v);
    const bool marked = !out_.binary() || parts.size() >= std::size(k_short);
    if (marked) out_.write("(");
    push({items(parts), text(marked ? "t" : k_short[parts.size()]), finish(v)});
  }

  void save_set(Value v, std::string_view type) {
    begin_made(v);
    out_.name("__builtin__", type);
    out_.write("(");
    out_.write(form().list);
    push({text("tR"), finish(v)});
    if (!graph_.walk_order_known(v)) return push_items(graph_.items(v));
    push_items(fill_orders_.emplace_back(object::python2_fill_order(graph_, graph_.items(v), tries_)));
  }

  void save_persistent_id(Value v) {
    begin_made(v);
    const Value id = graph_.items(v)[0];
    const bool line = !out_.binary() && id.is(Kind::Text) && graph_.string_of(id).find('\n') == std::string_view::npos;
    if (!line) return push({value(id), text("Q"), finish(v)});
    out_.write(fmt::format("P{}\n", graph_.string_of(id)));
    finish_made(v);
  }

  // --- instances are made ...

  // A list that the reader of jsonpickle or of pickles made: callable, tuple of arguments, then what `fill` adds.
  std::span<const Value> call_parts(Value list, std::string_view what) const {
    if (!list) return {};
    const auto parts = list.is(Kind::RawList) ? graph_.items(list) : std::span<const Value>();
    if (parts.size() < 2 || !parts[0].is(Kind::Global) || (!parts[1].is(Kind::Tuple) && !parts[1].is(Kind::RawList)))
      throw no_form("an object with " + std::string(what), "it does not begin with a callable and a tuple of arguments");
    return parts;
  }
  std::span<const Value> reduce_parts(Value v) const { return call_parts(graph_.facet(v, Facet::Reduce), "py/reduce"); }
  std::span<const Value> handler_parts(Value v) const { return call_parts(graph_.find(v, "__reduce__"), "__reduce__"); }

  // What a call made has no place for anything else: to append to a date, for one, fails in Python.
  void require_only_call(Value v, std::string_view what, unsigned own_facets, std::size_t own_entries) const {
    if ((graph_.facets(v) & ~own_facets) != 0 || graph_.entries(v).size() > own_entries)
      throw no_form(fmt::format("an object with {} and other attributes", what), "it has no place for them");
  }

  void save_instance(Value v) {
    if (const auto parts = reduce_parts(v); !parts.empty()) {
      require_only_call(v, "py/reduce", 1u << static_cast<unsigned>(Facet::Reduce), 0);
      return save_call(v, parts[0], graph_.items(parts[1]));
    }
    if (const auto parts = handler_parts(v); !parts.empty()) return save_handled(v, parts);
    const Value class_value = graph_.class_of(v);
    if (!class_value || graph_.facet(v, Facet::Iterator) || graph_.facet(v, Facet::Repr))
      throw no_form("an iterator or a module", "Python cannot save it either");
    if (graph_.facet(v, Facet::InitArgs)) throw no_form("an object with py/initargs", "its constructor would run to read it");
    if (!Calls::may_be_class(graph_.global(class_value))) throw unknown_call(class_value);
    if (is_default_dict(v)) return save_call(v, class_value, {}, graph_.facet(v, Facet::DefaultFactory));
    if (Calls::makes_values(graph_.global(class_value)))
      throw no_form("a " + printable(graph_.class_name(v)) + " with attributes or items", "the class makes it of arguments");
    if (is_classic(v)) return save_classic(v, class_value);
    if (const Value parts = graph_.facet(v, Facet::NewArgsEx)) return save_with_keywords(v, class_value, parts);
    if (const Value arguments = graph_.facet(v, Facet::NewArgs)) return save_with_arguments(v, class_value, arguments);
    save_plain(v, class_value);
  }

  Error unknown_call(Value callable) const {
    return Error(ErrorCode::PickleUnknownCall,
                 "calls " + printable(graph_.qualified_name(callable)) +
                     ", which is not a type that a task file may name; no pickle is written that would run it");
  }

  // callable(first, *rest), where `first` may be absent
  void save_call(Value v, Value callable, std::span<const Value> rest, Value first = {}) {
    if (options_.unknown_calls == UnknownCalls::Refuse && !Calls::may_call(graph_.global(callable)))
      throw unknown_call(callable);
    begin_made(v);
    save(callable);
    out_.write("(");
    push({items(rest), text("tR"), finish(v)});
    if (first) push({value(first)});
  }

  bool is_default_dict(Value v) const {
    return graph_.facet(v, Facet::DefaultFactory) || graph_.class_name(v) == "collections.defaultdict";
  }

  void save_handled(Value v, std::span<const Value> parts) {
    require_only_call(v, "__reduce__", 0, 1);
    auto arguments = graph_.items(parts[1]);
    if (parts[1].is(Kind::RawList)) return save_date(v, parts[0], arguments);
    if (!is_filled_later(v)) return save_call(v, parts[0], arguments);
    arguments = arguments.subspan(1);
    save_call(v, parts[0], arguments);
    if (!arguments.empty()) out_.write(form().empty_tuple);
  }

  // An OrderedDict and a deque are made empty and then filled, as Python 3 does it: so they may contain themselves.
  bool is_filled_later(Value v) const {
    const std::string_view name = graph_.class_name(v);
    const auto arguments = graph_.items(handler_parts(v)[1]);
    if (arguments.empty() || !arguments[0].is(Kind::List)) return false;
    const auto is_pair = [&](Value item) { return item.is(Kind::List) && graph_.items(item).size() == 2; };
    const auto content = graph_.items(arguments[0]);
    return name == "collections.deque" ||
           (name == "collections.OrderedDict" && arguments.size() == 1 && std::all_of(content.begin(), content.end(), is_pair));
  }

  // The packed bytes, which the JSON has in base64.
  void save_date(Value v, Value class_value, std::span<const Value> arguments) {
    const bool is_text = !arguments.empty() && (arguments[0].is(Kind::Text) || arguments[0].is(Kind::Bytes));
    const auto packed = is_text ? from_base64(graph_.string_of(arguments[0])) : std::nullopt;
    if (!packed) throw no_form("a " + printable(graph_.qualified_name(class_value)), "its bytes are not in base64");
    save_call(v, class_value, arguments.subspan(1));
    out_.binary_bytes(*packed);
  }

  // Of a class without __new__: what the table or the pickle says, and all of Golem's before the end of 2015, unless the pickle
  // gave arguments to __new__.
  bool is_classic(Value v) const {
    const std::string_view name = graph_.class_name(v);
    return graph_.making(v).classic || (name.starts_with("examples.") && !has_new_arguments(v)) ||
           object::find_class_style(name) == object::ClassStyle::Old;
  }
  bool has_new_arguments(Value v) const { return graph_.facet(v, Facet::NewArgs) || graph_.facet(v, Facet::NewArgsEx); }

  void save_classic(Value v, Value class_value) {
    if (has_new_arguments(v)) throw no_form("an object with py/newargs", "its class is a classic one, which has no __new__");
    const object::GlobalName name = graph_.global(class_value);
    if (out_.binary()) {
      out_.write("(");
      save(class_value);
      out_.write("o");
    } else {
      out_.classic_instance(name.module, name.name);
    }
    memoize(v);
    fill(v);
  }

  void save_with_keywords(Value v, Value class_value, Value parts) {
    if (!parts.is(Kind::RawList)) throw no_form("an object with py/newargsex", "it is no list of arguments and keywords");
    begin_made(v);
    out_.name("copy_reg", "__newobj_ex__");
    out_.write("(");
    save(class_value);
    push({items(graph_.items(parts)), text("tR"), finish(v)});
  }

  void save_with_arguments(Value v, Value class_value, Value arguments) {
    if (!arguments.is(Kind::Tuple)) throw no_form("an object with py/newargs", "they are no tuple");
    begin_made(v);
    if (graph_.making(v).by_base) return save_by_base(v, class_value, graph_.items(arguments));
    if (out_.binary()) {
      save(class_value);
      return push({value(arguments), text("\x81"), finish(v)});
    }
    out_.name("copy_reg", "__newobj__");
    out_.write("(");
    save(class_value);
    push({items(graph_.items(arguments)), text("tR"), finish(v)});
  }

  // copy_reg._reconstructor(class, base, value): what the class's own __new__ takes may be something else.
  void save_by_base(Value v, Value class_value, std::span<const Value> base_value) {
    const std::string_view base = base_value.empty() ? "" : object::builtin_type(graph_, base_value[0]);
    if (base.empty()) throw no_form("an object made by its base", "its value is of no built-in type");
    out_.name("copy_reg", "_reconstructor");
    out_.write("(");
    save(class_value);
    out_.name("__builtin__", base);
    push({items(base_value), text("tR"), finish(v)});
  }

  // As the desktop program's Python did it; but on a class derived from list or dict object.__new__ fails.
  void save_plain(Value v, Value class_value) {
    if (out_.binary()) {
      save(class_value);
      out_.write(")\x81");
    } else if (graph_.facet(v, Facet::Seq) || graph_.making(v).items > 0) {
      out_.name("copy_reg", "__newobj__");
      out_.write("(");
      save(class_value);
      out_.write("tR");
    } else {
      out_.name("copy_reg", "_reconstructor");
      out_.write("(");
      save(class_value);
      out_.name("__builtin__", "object");
      out_.write("NtR");
    }
    memoize(v);
    fill(v);
  }

  // --- ... and then filled: items, entries, state. What comes first is pushed last.

  void fill(Value v) {
    if (const auto parts = reduce_parts(v); !parts.empty()) return fill_reduced(parts);
    if (const auto parts = handler_parts(v); !parts.empty()) return fill_handled(v, parts);
    if (const auto hex = uuid_of(v)) return fill_uuid(*hex);
    const auto restored = restored_.find(v.bits());
    const auto entries = restored != restored_.end() ? std::span<const Entry>(restored->second.entries) : graph_.entries(v);
    const Making making = restored != restored_.end() ? restored->second.making : graph_.making(v);
    const std::size_t in_dict = is_default_dict(v) ? entries.size() - making.slots : making.items;
    push_state(graph_.facet(v, Facet::State));
    push_attributes(entries.subspan(in_dict, entries.size() - in_dict - making.slots), entries.last(making.slots));
    push_entries(entries.first(in_dict));
    if (const Value seq = graph_.facet(v, Facet::Seq)) {
      if (!object::is_sequence(seq.kind())) throw no_form("an object with py/seq", "it is no list");
      push_items(graph_.items(seq));
    }
  }

  // jsonpickle 0.9.3 writes the hexadecimal form of a UUID; pickles have the number.
  std::optional<object::BigInt> uuid_of(Value v) const {
    const Value hex = graph_.find(v, "hex");
    const bool alone = graph_.entries(v).size() == 1 && graph_.class_name(v) == "uuid.UUID";
    if (!alone || !hex.is(Kind::Text) || graph_.string_of(hex).size() != 32) return std::nullopt;
    return object::BigInt::from_digits(graph_.string_of(hex), 16, false);
  }

  void fill_uuid(const object::BigInt& number) {
    out_.write(form().dict);
    out_.write(form().batch);
    out_.bytes("int");
    out_.long_integer(number);
    out_.write(form().each_entry);
    out_.write(form().entries_end);
    out_.write("b");
  }

  void push_state(Value state) {
    if (state && !state.is(Kind::None)) push({value(state), text("b")});
  }

  // {...}, or with slots ({...}, {...}), where the first may be None
  void push_attributes(std::span<const Entry> attributes, std::span<const Entry> slots) {
    if (attributes.empty() && slots.empty()) return;
    push({text(slots.empty() ? "b" : "tb")});
    if (!slots.empty()) {
      push_entries(slots);
      push({text(form().dict)});
    }
    push_entries(attributes);
    push({text(slots.empty() ? "" : "("), text(attributes.empty() ? "N" : form().dict)});
  }

  void fill_reduced(std::span<const Value> parts) {
    const auto part = [&](std::size_t i) {
      return i < parts.size() && parts[i].is(Kind::Tuple) ? graph_.items(parts[i]) : std::span<const Value>();
    };
    push_state(parts.size() > 2 ? parts[2] : Value());
    push_pairs(part(4));
    push_items(part(3));
  }

  void fill_handled(Value v, std::span<const Value> parts) {
    push_state(parts.size() > 2 ? parts[2] : Value());
    if (parts[1].is(Kind::RawList) || !is_filled_later(v)) return;
    const auto content = graph_.items(graph_.items(parts[1])[0]);
    graph_.class_name(v) == "collections.deque" ? push_items(content) : push_pairs(content);
  }

  void push_pairs(std::span<const Value> pairs) {
    std::vector<Entry>& entries = pairs_.emplace_back();
    for (const Value pair : pairs) {
      if (!object::is_sequence(pair.kind()) || graph_.items(pair).size() != 2)
        throw no_form("an object with py/reduce", "its dict items are no pairs");
      entries.push_back({graph_.items(pair)[0], graph_.items(pair)[1]});
    }
    push_entries(entries);
  }

  const Graph& graph_;
  const EncodeOptions& options_;
  Writer out_;
  std::vector<Part> work_;
  std::unordered_map<std::uint64_t, std::uint32_t> memo_;   // what was written, and its number
  std::unordered_map<std::uint64_t, std::uint32_t> begun_;  // what is made of its parts, and the size of the memo then
  std::unordered_map<std::uint64_t, Restored> restored_;
  std::deque<std::vector<Entry>> pairs_;
  std::deque<std::vector<Value>> fill_orders_;
  std::uint64_t tries_ = 1'000'000;  // of orders to fill sets in
};

}  // namespace

void encode(const Graph& graph, Sink& sink, const EncodeOptions& options) { Encoder(graph, sink, options).run(); }

}  // namespace gt::pickle
