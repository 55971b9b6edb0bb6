#include "lib/json/modern.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/limit_errors.h"
#include "lib/base/text.h"
#include "lib/json/expansion.h"
#include "lib/json/text_writer.h"
#include "lib/object/classes.h"

namespace gt::json {
namespace {

using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Making;
using object::Value;

Error no_form(std::string_view what) {
  return Error(ErrorCode::GraphNoForm, fmt::format("jsonpickle cannot restore {}", what), {}, "--lossless has a form for it");
}

std::string quoted(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

// Modules that Python 3 renamed and that pickles of Python 2 name.
std::string class_text(const object::GlobalName& name) {
  if (name.module == "__builtin__" || name.module == "exceptions") {
    const bool range = name.name == "xrange";
    return fmt::format("builtins.{}", range ? "range" : name.name);
  }
  return fmt::format("{}.{}", name.module == "copy_reg" ? "copyreg" : name.module, name.name);
}

// The JSON inside a key that is no text; bounded, as hashing a key is.
std::string key_json(const Graph& graph, Value key, int depth = 0) {
  constexpr int k_max_depth = 64;
  switch (key.kind()) {
    case Kind::None: return "null";
    case Kind::Bool: return key.as_bool() ? "true" : "false";
    case Kind::Int: return std::to_string(graph.int_of(key));
    case Kind::Long: return graph.long_of(key).to_decimal();
    case Kind::Float: return float_text(graph.float_of(key));
    case Kind::Text: return quoted(graph.string_of(key));
    case Kind::Bytes:
      if (is_utf8(graph.string_of(key), Surrogates::Accept)) return quoted(graph.string_of(key));
      [[fallthrough]];
    case Kind::Binary: return fmt::format(R"({{"py/b64":"{}"}})", to_base64(graph.string_of(key)));
    case Kind::Global: return fmt::format(R"({{"py/type":{}}})", quoted(class_text(graph.global(key))));
    case Kind::Tuple: {
      if (depth == k_max_depth) throw Error(ErrorCode::LimitDepth, "a key is nested deeper than 64 levels");
      std::string parts;
      for (const Value part : graph.items(key)) parts += (parts.empty() ? "" : ",") + key_json(graph, part, depth + 1);
      return fmt::format(R"({{"py/tuple":[{}]}})", parts);
    }
    default: throw no_form("a key that is an object or a frozenset");
  }
}

class Modern {
 public:
  Modern(const Graph& graph, Sink& sink, const EncodeLimits& limits)
      : graph_(graph), limits_(limits), out_(sink, limits.output_bytes) {}

  void run() {
    save(graph_.root());
    while (!work_.empty()) step();
    out_.finish();
  }

 private:
  // What is still to be written, the next last.
  struct Part {
    enum class Do : std::uint8_t { Open, Close, Scalar, Key, Item, Number, Save, List, Entries, Made };
    Do what;
    char bracket = 0;
    bool special = false;        // Entries: those whose keys are no plain texts
    std::string_view text = {};  // of a scalar or key, quotes and colon included
    Value value = {};
    std::span<const Value> items = {};
    std::span<const Entry> entries = {};
  };
  static Part open(char bracket) { return {.what = Part::Do::Open, .bracket = bracket}; }
  static Part close(char bracket) { return {.what = Part::Do::Close, .bracket = bracket}; }
  static Part scalar(std::string_view text) { return {.what = Part::Do::Scalar, .text = text}; }
  static Part key(std::string_view text) { return {.what = Part::Do::Key, .text = text}; }
  static Part number() { return {.what = Part::Do::Number}; }  // for a list or dict that is none in the graph
  static Part item() { return {.what = Part::Do::Item}; }
  static Part value(Value v) { return {.what = Part::Do::Save, .value = v}; }
  static Part list(std::span<const Value> items) { return {.what = Part::Do::List, .items = items}; }
  static Part entries_of(std::span<const Entry> some, bool special) {
    return {.what = Part::Do::Entries, .special = special, .entries = some};
  }
  static Part made(Value v) { return {.what = Part::Do::Made, .value = v}; }

  void push(std::span<const Part> parts) { work_.insert(work_.end(), parts.rbegin(), parts.rend()); }
  void push(std::initializer_list<Part> parts) { push(std::span<const Part>(parts.begin(), parts.size())); }

  void step() {
    Part& part = work_.back();
    if (part.what == Part::Do::List) return step_list(part);
    if (part.what == Part::Do::Entries) return step_entries(part);
    const Part now = part;
    work_.pop_back();
    switch (now.what) {
      case Part::Do::Open: return open_level(now.bracket);
      case Part::Do::Close: return close_level(now.bracket);
      case Part::Do::Scalar: return out_.scalar(now.text);
      case Part::Do::Key: return out_.key(now.text);
      case Part::Do::Item: return out_.item();
      case Part::Do::Number: ++count_; return;
      case Part::Do::Save: return save(now.value);
      case Part::Do::Made: open_calls_.erase(now.value.bits()); return;
      default: return;
    }
  }

  void step_list(Part& part) {
    if (part.items.empty()) return work_.pop_back();
    const Value next = part.items.front();
    part.items = part.items.subspan(1);
    out_.item();
    save(next);
  }

  void step_entries(Part& part) {
    while (!part.entries.empty()) {
      const Entry& entry = part.entries.front();
      part.entries = part.entries.subspan(1);
      if (is_special(entry.key) != part.special) continue;
      write_key(entry.key);
      return save(entry.value);
    }
    work_.pop_back();
  }

  void open_level(char bracket) {
    if (++depth_ > limits_.depth) throw depth_limit_error(limits_.depth, "a tuple contains itself");
    out_.open(bracket);
  }
  void close_level(char bracket) {
    --depth_;
    out_.close(bracket);
  }

  // --- keys

  // Neither a text as it stands nor one that is free for data.
  bool is_special(Value k) const {
    if (!k.is(Kind::Text) && !(k.is(Kind::Bytes) && is_utf8(graph_.string_of(k), Surrogates::Accept))) return true;
    const std::string_view text = graph_.string_of(k);
    return text.starts_with("py/") || text.starts_with("json://") || text == "default_factory";
  }

  void write_key(Value k) {
    const std::string text = is_special(k) ? quoted("json://" + key_json(graph_, k)) : quoted(graph_.string_of(k));
    out_.key(text + ":");
  }

  // --- numbers, in the order in which jsonpickle restores: of lists, dicts and whatever has a class

  // Writes the reference if `v` has a number, else gives it the next.
  bool is_reference(Value v) {
    const auto [known, first] = numbers_.try_emplace(v.bits(), count_);
    if (first) {
      ++count_;
      return false;
    }
    if (open_calls_.contains(v.bits())) throw no_form("an object that contains itself through what it is made of");
    out_.open('{');
    out_.key("\"py/id\":");
    out_.integer(known->second);
    out_.close('}');
    return true;
  }

  // --- values

  void save(Value v) {
    if (object::has_identity(v.kind()) && ++containers_ > limits_.containers) throw containers_limit_error(limits_.containers);
    switch (v.kind()) {
      case Kind::None: return out_.scalar("null");
      case Kind::Bool: return out_.scalar(v.as_bool() ? "true" : "false");
      case Kind::Int: return out_.integer(graph_.int_of(v));
      case Kind::Long: return out_.scalar(graph_.long_of(v).to_decimal());
      case Kind::Float: return out_.real(graph_.float_of(v));
      case Kind::Text:
        if (has_surrogate_pair(graph_.string_of(v))) throw no_form("two surrogates, which JSON makes one character of");
        return out_.string(graph_.string_of(v));
      case Kind::Bytes:
        if (is_utf8(graph_.string_of(v), Surrogates::Reject)) return out_.string(graph_.string_of(v));
        [[fallthrough]];
      case Kind::Binary: return save_tag("\"py/b64\":", to_base64(graph_.string_of(v)));
      case Kind::Global: return save_tag("\"py/type\":", class_text(graph_.global(v)));
      case Kind::ByteArray: return save_byte_array(v);
      case Kind::List:
        if (!is_reference(v)) push({open('['), list(graph_.items(v)), close(']')});
        return;
      case Kind::Tuple: return push_tagged("\"py/tuple\":", graph_.items(v));
      case Kind::Set: return push_tagged("\"py/set\":", graph_.items(v));
      case Kind::FrozenSet: return save_frozen_set(v);
      case Kind::Dict:
        if (!is_reference(v)) push_dict(graph_.entries(v));
        return;
      case Kind::Instance:
        if (!is_reference(v)) save_instance(v);
        return;
      case Kind::PersistentId: throw no_form("a reference to an object outside the file");
      case Kind::RawList: throw no_form("a call with parts that are no tuple");
      case Kind::Absent: throw Error(ErrorCode::Bug, "the graph has a hole");
    }
  }

  void save_tag(std::string_view tag, std::string_view text) {
    out_.open('{');
    out_.key(tag);
    out_.string(text);
    out_.close('}');
  }

  void push_tagged(std::string_view tag, std::span<const Value> items) {
    push({open('{'), key(tag), open('['), list(items), close(']'), close('}')});
  }

  // The keys that are texts come first, as jsonpickle restores them first.
  void push_dict(std::span<const Entry> all) { push({open('{'), entries_of(all, false), entries_of(all, true), close('}')}); }

  // {"py/reduce":[{"py/type":"builtins.bytearray"},{"py/tuple":[...]}]}
  void open_call(std::string_view callable) {
    open_level('{');
    out_.key("\"py/reduce\":");
    open_level('[');
    out_.item();
    save_tag("\"py/type\":", callable);
    out_.item();
    open_level('{');
    out_.key("\"py/tuple\":");
    open_level('[');
  }

  void save_byte_array(Value v) {
    if (is_reference(v)) return;
    open_call("builtins.bytearray");
    out_.item();
    save_tag("\"py/b64\":", to_base64(graph_.string_of(v)));
    push({close(']'), close('}'), close(']'), close('}')});
  }

  void save_frozen_set(Value v) {
    if (is_reference(v)) return;
    open_calls_.insert(v.bits());
    open_call("builtins.frozenset");
    push({item(), number(), open('['), list(graph_.items(v)), close(']'), close(']'), close('}'), close(']'), close('}'),
          made(v)});
  }

  // --- instances

  void save_instance(Value v) {
    if (graph_.facet(v, Facet::Iterator) || graph_.facet(v, Facet::Repr) || graph_.facet(v, Facet::InitArgs) ||
        !graph_.class_of(v))
      throw no_form("an iterator, a module, or an object with constructor arguments");
    if (const Value reduce = graph_.facet(v, Facet::Reduce)) return save_reduced(v, parts_of(reduce));
    const Value handled = graph_.find(v, "__reduce__");
    if (handled.is(Kind::RawList) && graph_.items(handled).size() >= 2) return save_handled(v, graph_.items(handled));
    if (const auto hex = uuid_hex(v)) return save_uuid(*hex);
    save_object(v);
  }

  std::span<const Value> parts_of(Value v) const {
    if (!object::is_sequence(v.kind())) throw no_form("an object whose parts are no list");
    return graph_.items(v);
  }

  struct Call {
    Value callable;
    bool empty_first = false;  // () comes before the arguments
    std::span<const Value> arguments = {};
    Value state = Value::none();
    std::span<const Value> items = {};
    std::span<const Value> pairs = {};
  };

  void push_call(Value v, const Call& call) {
    if (!call.callable.is(Kind::Global)) throw no_form("a call of something that is no class");
    open_calls_.insert(v.bits());
    open_call(class_text(graph_.global(call.callable)));
    // What is written last is pushed first.
    push({close(']'), close('}'), made(v)});
    push_list(call.pairs);
    push_list(call.items);
    push({list(call.arguments), close(']'), close('}'), item(), value(call.state)});
    if (call.empty_first) push({item(), open('{'), key("\"py/tuple\":"), open('['), close(']'), close('}')});
  }

  // A list without a place of its own in the graph; null if it is empty.
  void push_list(std::span<const Value> items) {
    if (items.empty()) return push({item(), scalar("null")});
    push({item(), number(), open('['), list(items), close(']')});
  }

  // The first argument of these is what Python 3 adds after they were made.
  bool is_filled_later(std::string_view class_name, std::span<const Value> arguments) const {
    const bool known = class_name == "collections.OrderedDict" || class_name == "collections.deque";
    return known && !arguments.empty() && arguments[0].is(Kind::List);
  }

  void save_reduced(Value v, std::span<const Value> parts) {
    const auto is_tuple = [&](std::size_t i) { return i < parts.size() && parts[i].is(Kind::Tuple); };
    if (!is_tuple(1)) throw no_form("a call without a tuple of arguments");
    Call call{.callable = parts[0], .arguments = parts_of(parts[1])};
    if (parts.size() > 2) call.state = parts[2];
    if (is_tuple(3)) call.items = graph_.items(parts[3]);
    if (is_tuple(4)) call.pairs = graph_.items(parts[4]);
    push_call(v, call);
  }

  void save_handled(Value v, std::span<const Value> parts) {
    if (parts[1].is(Kind::RawList)) return save_date(v, parts[0], graph_.items(parts[1]));
    if (!parts[1].is(Kind::Tuple)) throw no_form("a call without a tuple of arguments");
    Call call{.callable = parts[0], .arguments = graph_.items(parts[1])};
    if (parts.size() > 2) call.state = parts[2];
    const std::string_view class_name = graph_.class_name(v);
    if (is_filled_later(class_name, call.arguments)) {
      (class_name == "collections.deque" ? call.items : call.pairs) = graph_.items(call.arguments[0]);
      call.arguments = call.arguments.subspan(1);
      call.empty_first = !call.arguments.empty();
    }
    push_call(v, call);
  }

  // {"py/object":"datetime.date","__reduce__":[{"py/type":"datetime.date"},["B+ADGQ==",timezone]]}
  void save_date(Value v, Value class_value, std::span<const Value> arguments) {
    open_calls_.insert(v.bits());
    open_object(v);
    push({key("\"__reduce__\":"), open('['), item(), value(class_value), item(), open('['), list(arguments), close(']'),
          close(']'), close('}'), made(v)});
  }

  void open_object(Value v) {
    open_level('{');
    out_.key("\"py/object\":");
    out_.string(class_text(graph_.global(graph_.class_of(v))));
  }

  // jsonpickle has a handler for UUIDs: pickles have the number, it has the hexadecimal form.
  std::optional<std::string> uuid_hex(Value v) const {
    if (graph_.class_name(v) != "uuid.UUID") return std::nullopt;
    const Value hex = graph_.find(v, "hex");
    if (hex.is(Kind::Text)) return std::string(graph_.string_of(hex));
    const Value number = graph_.find(v, "int");
    if (number.is(Kind::Int) && graph_.int_of(number) >= 0) return fmt::format("{:032x}", graph_.int_of(number));
    if (!number.is(Kind::Long) || graph_.long_of(number).negative()) return std::nullopt;
    const auto& limbs = graph_.long_of(number).magnitude();
    std::string out;
    for (auto limb = limbs.rbegin(); limb != limbs.rend(); ++limb) out += fmt::format("{:08x}", *limb);
    return std::string(out.size() < 32 ? 32 - out.size() : 0, '0') + out;
  }

  void save_uuid(const std::string& hex) {
    out_.open('{');
    out_.key("\"py/object\":");
    out_.string("uuid.UUID");
    out_.key("\"hex\":");
    out_.string(hex);
    out_.close('}');
  }

  // Class, default factory, arguments of __new__, then what is set after it was made: items or attributes, more items, state.
  void save_object(Value v) {
    const auto entries = graph_.entries(v);
    const Value factory = graph_.facet(v, Facet::DefaultFactory);
    const bool is_dict = graph_.making(v).items > 0 || graph_.class_name(v) == "collections.defaultdict";
    const std::size_t items = !is_dict ? 0 : graph_.making(v).items > 0 ? graph_.making(v).items : entries.size();
    check_names(entries.subspan(items));
    if (graph_.making(v).by_base) return save_by_base(v);
    open_calls_.insert(v.bits());
    open_object(v);
    std::vector<Part> parts;
    const auto add = [&](std::initializer_list<Part> some) { parts.insert(parts.end(), some); };
    const auto add_entries = [&](std::span<const Entry> some) { add({entries_of(some, false), entries_of(some, true)}); };
    if (factory) add({key("\"default_factory\":"), value(factory)});
    if (const Value arguments = graph_.facet(v, Facet::NewArgs)) add({key("\"py/newargs\":"), value(arguments)});
    if (const Value both = graph_.facet(v, Facet::NewArgsEx))
      add({key("\"py/newargsex\":"), open('['), list(parts_of(both)), close(']')});
    add({made(v)});
    add_entries(is_dict ? entries.first(items) : entries);
    // jsonpickle always writes it, but for the class that has none; reading, json2gt tells items from attributes by it.
    if (is_dict && (items < entries.size() || graph_.class_name(v) != "collections.defaultdict")) {
      add({key("\"__dict__\":"), number(), open('{')});
      add_entries(entries.subspan(items));
      add({close('}')});
    }
    if (const Value seq = graph_.facet(v, Facet::Seq)) add({key("\"py/seq\":"), open('['), list(parts_of(seq)), close(']')});
    if (const Value state = graph_.facet(v, Facet::State)) add({key("\"py/state\":"), value(state)});
    add({close('}')});
    push(parts);
  }

  // copyreg._reconstructor(class, base, value), and the attributes as the state
  void save_by_base(Value v) {
    const auto argument = parts_of(graph_.facet(v, Facet::NewArgs));
    const std::string_view base = argument.empty() ? "" : object::builtin_type(graph_, argument[0]);
    if (base.empty() || !graph_.entries(v).empty()) throw no_form("an object with attributes that is made by its base");
    open_calls_.insert(v.bits());
    open_call("copyreg._reconstructor");
    out_.item();
    save(graph_.class_of(v));
    out_.item();
    save_tag("\"py/type\":", fmt::format("builtins.{}", base == "unicode" ? "str" : base == "long" ? "int" : base));
    push({list(argument), close(']'), close('}'), close(']'), close('}'), made(v)});
  }

  void check_names(std::span<const Entry> attributes) const {
    for (const Entry& entry : attributes) {
      const bool text = entry.key.is(Kind::Text) || entry.key.is(Kind::Bytes);
      if (!text || graph_.string_of(entry.key).starts_with("__"))
        throw no_form("the attribute '" + (text ? printable(graph_.string_of(entry.key)) : std::string("?")) + "'");
    }
  }

  const Graph& graph_;
  const EncodeLimits& limits_;
  TextWriter out_;
  std::vector<Part> work_;
  std::unordered_map<std::uint64_t, std::int64_t> numbers_;
  std::unordered_set<std::uint64_t> open_calls_;  // objects that are not made yet: what they are made of is being written
  std::int64_t count_ = 0;
  std::uint64_t depth_ = 0;
  std::uint64_t containers_ = 0;
};

}  // namespace

void encode_modern(const Graph& graph, Sink& sink, const EncodeLimits& limits) {
  require_fits(graph, limits, [](Value v) { return !v.is(Kind::Tuple); });
  Modern(graph, sink, limits).run();
}

}  // namespace gt::json
