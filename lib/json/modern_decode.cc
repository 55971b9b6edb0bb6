#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/text.h"
#include "lib/json/modern.h"
#include "lib/json/tags.h"
#include "lib/object/classes.h"
#include "lib/object/compare.h"
#include "lib/object/duplicate_keys.h"
#include "lib/object/python2.h"

namespace gt::json {
namespace {

using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Making;
using object::Value;

constexpr std::string_view k_key_tag = "json://";

// What jsonpickle has handlers for that keep less than a pickle needs.
constexpr std::string_view k_handled[] = {"re.Pattern", "queue.Queue", "_thread.lock", "_io.TextIOWrapper",
                                          "jsonpickle.handlers.CloneFactory"};

Error bad_tag(std::string message) { return Error(ErrorCode::JsonTag, std::move(message)); }
Error no_form(std::string_view what) { return Error(ErrorCode::GraphNoForm, fmt::format("no pickle can be made of {}", what)); }

// The modules as Python 2 names them: Python 3 knows these names, too.
std::string python2_name(std::string_view name) {
  if (name == "builtins.range") return "__builtin__.xrange";
  if (name.starts_with("builtins.")) return "__builtin__." + std::string(name.substr(9));
  if (name.starts_with("copyreg.")) return "copy_reg." + std::string(name.substr(8));
  return std::string(name);
}

// Makes the graph as jsonpickle restores. Values are taken from a stack in its order, as the n-th list, dict or object of that
// order is what {"py/id":n} means.
class Restoration {
 public:
  Restoration(const Graph& json, const ReadLimits& limits) : json_(&json), limits_(limits) {}

  Graph run() {
    out_.set_root(restore_whole(json_->root()));
    for (const Value instance : reduced_) finish_reduced(instance);
    for (const Attributes& attributes : attributes_) out_.add_entries(attributes.of, attributes.dict);
    for (auto set = sets_.rbegin(); set != sets_.rend(); ++set)  // what is in a set comes behind it
      out_.replace_items(*set, object::python2_unique(out_, out_.items(*set)));
    object::merge_duplicate_keys(out_);
    return std::move(out_);
  }

 private:
  struct Job {
    enum class Do : std::uint8_t { Item, Entry, Attribute, Facet, Number };
    Do what;
    Value json = {};
    Value into = {};
    Value name = {};  // of an entry or attribute, in the JSON
    Facet facet = {};
  };

  Value restore_whole(Value json) {
    std::vector<Job> later = std::exchange(jobs_, {});
    const Value out = restore(json);
    while (!jobs_.empty()) {
      const Job job = jobs_.back();
      jobs_.pop_back();
      step(job);
    }
    jobs_ = std::move(later);
    return out;
  }

  void step(const Job& job) {
    if (job.what == Job::Do::Number) return skip_number();
    const Value key = job.name ? restore_key(job) : Value();
    const Value value = restore(job.json);
    switch (job.what) {
      case Job::Do::Item: return out_.append(job.into, value);
      case Job::Do::Entry:
      case Job::Do::Attribute: return out_.add_entry(job.into, key, value);
      case Job::Do::Facet: return out_.set_facet(job.into, job.facet, value);
      case Job::Do::Number: return;
    }
  }

  // A key can hold keys, but each time their quotes take twice as much to escape.
  Value restore_key(const Job& job) {
    const std::string_view name = json_->string_of(job.name);
    if (!name.starts_with(k_key_tag)) return make_key(job.what, name);
    const Graph key = read(name.substr(k_key_tag.size()), limits_);
    if (key.root().is(Kind::Text)) return make_key(job.what, key.string_of(key.root()));
    if (job.what == Job::Do::Attribute) throw bad_tag(fmt::format("the attribute '{}' is no text", printable(name)));
    const Graph* const outer = std::exchange(json_, &key);
    const Value out = restore_whole(key.root());
    json_ = outer;
    return out;
  }

  Value make_key(Job::Do what, std::string_view name) {
    const bool is_str = what == Job::Do::Attribute &&
                        std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return out_.make_string(is_str ? Kind::Bytes : Kind::Text, name);
  }

  // --- checked access

  std::span<const Value> list(Value json, std::string_view what) const {
    if (!json.is(Kind::List)) throw bad_tag(fmt::format("{} is not a list", what));
    return json_->items(json);
  }
  std::string_view text(Value json, std::string_view what) const {
    if (!json.is(Kind::Text)) throw bad_tag(fmt::format("{} is not a text", what));
    return json_->string_of(json);
  }
  std::string bytes(Value json) const {
    const auto out = from_base64(text(json, "py/b64"));
    if (!out) throw bad_tag("py/b64 is not in base64: '" + printable(json_->string_of(json)) + "'");
    return *out;
  }
  Value tagged(Value json, std::string_view tag) const { return json.is(Kind::Dict) ? json_->find(json, tag) : Value(); }

  // --- numbers

  Value numbered(Value value) {
    numbered_.push_back(value);
    return value;
  }
  // What jsonpickle numbers and the graph does not have by itself.
  void skip_number() { numbered_.emplace_back(); }

  Value referenced(Value id) const {
    if (!id.is(Kind::Int)) throw Error(ErrorCode::JsonReference, "py/id is not a number");
    const std::int64_t n = json_->int_of(id);
    const auto count = static_cast<std::int64_t>(numbered_.size());
    if (n < 0 || n >= count)
      throw Error(ErrorCode::JsonReference,
                  fmt::format("py/id {} points to nothing: {} object{} came before it", n, count, count == 1 ? "" : "s"));
    const Value out = numbered_[static_cast<std::size_t>(n)];
    if (!out) throw Error(ErrorCode::JsonReference, fmt::format("py/id {} points into what an object is made of", n));
    return out;
  }

  // --- values

  Value restore(Value json) {
    switch (json.kind()) {
      case Kind::Int: return out_.make_int(json_->int_of(json));
      case Kind::Long: return out_.make_long(json_->long_of(json));
      case Kind::Float: return out_.make_float(json_->float_of(json));
      case Kind::Text: return out_.make_string(Kind::Text, json_->string_of(json));
      case Kind::List: return push_items(numbered(out_.make_sequence(Kind::List)), json_->items(json));
      case Kind::Dict: return restore_tagged(json);
      default: return json;
    }
  }

  // The first of this order counts.
  Value restore_tagged(Value json) {
    if (const Value v = tagged(json, "py/tuple")) return push_items(out_.make_sequence(Kind::Tuple), list(v, "py/tuple"));
    if (const Value v = tagged(json, "py/set")) return push_items(make_set(Kind::Set), list(v, "py/set"));
    if (const Value v = tagged(json, "py/b64")) return out_.make_string(Kind::Binary, bytes(v));
    if (const Value v = tagged(json, "py/id")) return referenced(v);
    if (const Value v = tagged(json, "py/object")) return restore_instance(json, text(v, "py/object"));
    if (const Value v = tagged(json, "py/type")) return make_class(text(v, "py/type"));
    if (const Value v = tagged(json, "py/reduce")) return restore_reduced(list(v, "py/reduce"));
    if (const Value v = tagged(json, "py/function")) return make_class(text(v, "py/function"));
    return restore_dict(json);
  }

  Value make_class(std::string_view name) { return object::make_class(out_, python2_name(name)); }

  Value make_set(Kind kind) {
    sets_.push_back(out_.make_sequence(kind));
    return sets_.back();
  }

  Value push_items(Value out, std::span<const Value> items) {
    for (std::size_t i = items.size(); i-- > 0;) jobs_.push_back({Job::Do::Item, items[i], out});
    return out;
  }

  Value restore_dict(Value json) {
    const auto entries = json_->entries(json);
    for (const Entry& entry : entries)
      if (const std::string_view key = json_->string_of(entry.key); is_reserved_tag(key) || key == "py/b85")
        throw no_form(fmt::format("an object whose tag is {}", key));
    const Value out = numbered(out_.make_dict());
    for (const bool special : {true, false})  // what is pushed last is restored first: plain keys
      for (std::size_t i = entries.size(); i-- > 0;)
        if (json_->string_of(entries[i].key).starts_with(k_key_tag) == special)
          jobs_.push_back({Job::Do::Entry, entries[i].value, out, entries[i].key});
    return out;
  }

  // --- instances

  Value restore_instance(Value json, std::string_view name) {
    if (std::find(std::begin(k_handled), std::end(k_handled), name) != std::end(k_handled)) throw no_form(name);
    const Value out = numbered(out_.make_instance(make_class(name)));
    if (const Value parts = tagged(json, "__reduce__"); parts && name.starts_with("datetime."))
      return push_date(out, list(parts, "__reduce__"));
    push_facet(json, "py/state", out, Facet::State);
    if (const Value seq = tagged(json, "py/seq"); seq && !is_tuple_again(list(seq, "py/seq"), tagged(json, "py/newargs")))
      push_list_facet(seq, "py/seq", out, Facet::Seq);
    push_members(json, out, name == "collections.defaultdict" || tagged(json, "__dict__"));
    push_facet(json, "py/initargs", out, Facet::InitArgs);
    push_facet(json, "py/newargs", out, Facet::NewArgs);
    if (const Value both = tagged(json, "py/newargsex")) push_list_facet(both, "py/newargsex", out, Facet::NewArgsEx);
    push_facet(json, "default_factory", out, Facet::DefaultFactory);
    return out;
  }

  void push_facet(Value json, std::string_view tag, Value out, Facet facet) {
    if (const Value v = tagged(json, tag)) jobs_.push_back({Job::Do::Facet, v, out, {}, facet});
  }
  void push_list_facet(Value json, std::string_view tag, Value out, Facet facet) {
    out_.set_facet(out, facet, push_items(out_.make_sequence(Kind::RawList), list(json, tag)));
  }

  // jsonpickle writes the items of a named tuple a second time, and does not restore them.
  bool is_tuple_again(std::span<const Value> seq, Value new_arguments) const {
    const Value tuple = tagged(new_arguments, "py/tuple");
    if (!tuple.is(Kind::List) || json_->items(tuple).size() != seq.size()) return false;
    const auto is_again = [&](Value again, Value once) {
      if (object::is_container(once.kind())) return again.is(once.kind()) || tagged(again, "py/id");
      return object::same_structure(*json_, again, *json_, once);
    };
    return std::equal(seq.begin(), seq.end(), json_->items(tuple).begin(), is_again);
  }

  // Attributes; or the items of a class derived from dict, which has its attributes in "__dict__".
  void push_members(Value json, Value out, bool is_dict) {
    const auto entries = json_->entries(json);
    Making making;
    for (std::size_t i = entries.size(); i-- > 0;) {
      const std::string_view name = json_->string_of(entries[i].key);
      if (is_reserved_tag(name) || name == "default_factory") continue;
      if (name == "__dict__") {
        push_attributes(out, entries[i].value);
        continue;
      }
      making.items += is_dict ? 1 : 0;
      if (!is_dict && name.starts_with("__"))
        throw no_form(fmt::format("the attribute '{}', to which jsonpickle gives another name", printable(name)));
      jobs_.push_back({is_dict ? Job::Do::Entry : Job::Do::Attribute, entries[i].value, out, entries[i].key});
    }
    if (making != Making()) out_.set_making(out, making);
  }

  void push_attributes(Value of, Value json) {
    if (!json.is(Kind::Dict)) throw bad_tag("__dict__ is not a dict");
    attributes_.push_back({of, out_.make_dict()});
    const auto entries = json_->entries(json);
    for (std::size_t i = entries.size(); i-- > 0;)
      jobs_.push_back({Job::Do::Attribute, entries[i].value, attributes_.back().dict, entries[i].key});
    push_number();
  }
  void push_number() { jobs_.push_back({.what = Job::Do::Number}); }

  // [class, [packed bytes, time zone]]
  Value push_date(Value out, std::span<const Value> parts) {
    if (parts.size() != 2) throw bad_tag("__reduce__ is not a list of a class and its arguments");
    const Value packed = push_items(out_.make_sequence(Kind::RawList), list(parts[1], "__reduce__"));
    const Value both[] = {restore(parts[0]), packed};
    out_.set(out, "__reduce__", out_.make_sequence(Kind::RawList, both));
    return out;
  }

  // --- calls: [callable, arguments, state, items, pairs], of which the last three may be null or missing

  Value restore_reduced(std::span<const Value> parts) {
    constexpr std::size_t k_most_parts = 5;
    if (parts.size() < 2 || parts.size() > k_most_parts) throw bad_tag("py/reduce is not a list of 2 to 5 parts");
    const auto arguments = list(tagged(parts[1], "py/tuple"), "the second part of py/reduce");
    if (const Value known = restore_known_call(parts, arguments)) return known;
    const Value out = numbered(out_.make_instance({}));
    reduced_.push_back(out);
    const Value raw = out_.make_sequence(Kind::RawList);
    out_.set_facet(out, Facet::Reduce, raw);
    push_items(raw, parts);
    return out;
  }

  // The calls that make what the graph has a kind for.
  Value restore_known_call(std::span<const Value> parts, std::span<const Value> arguments) {
    const Value type = tagged(parts[0], "py/type");
    const std::string_view name = type ? text(type, "py/type") : std::string_view();
    for (const Value more : parts.subspan(2))
      if (!more.is(Kind::None) && (!more.is(Kind::Dict) || !json_->entries(more).empty())) return {};
    Value out;
    if (name == "builtins.frozenset" && arguments.size() == 1 && arguments[0].is(Kind::List)) {
      push_empty_state(parts);
      out = push_items(numbered(make_set(Kind::FrozenSet)), json_->items(arguments[0]));
      skip_number();
    } else if (name == "builtins.bytearray" && arguments.size() == 1 && tagged(arguments[0], "py/b64")) {
      push_empty_state(parts);
      out = numbered(out_.make_byte_array(bytes(tagged(arguments[0], "py/b64"))));
    } else if (name == "copyreg._reconstructor" && arguments.size() == 3) {
      out = numbered(out_.make_instance(make_class(text(tagged(arguments[0], "py/type"), "a class"))));
      out_.set_making(out, {.by_base = true});
      push_empty_state(parts);
      out_.set_facet(out, Facet::NewArgs, push_items(out_.make_sequence(Kind::Tuple), arguments.subspan(2)));
    }
    return out;
  }

  void push_empty_state(std::span<const Value> parts) {
    for (const Value more : parts.subspan(2))
      if (more.is(Kind::Dict)) push_number();
  }

  // Only now it is known what the parts are.
  void finish_reduced(Value instance) {
    const Value raw = out_.facet(instance, Facet::Reduce);
    for (std::size_t missing = out_.items(raw).size(); missing < 5; ++missing) out_.append(raw, Value::none());
    Value callable = out_.items(raw)[0];
    if (callable.is(Kind::Text) && out_.string_of(callable) == "py/newobj") {
      callable = make_class("copyreg.__newobj__");
      out_.set_item(raw, 0, callable);
    }
    if (!callable.is(Kind::Global)) throw bad_tag("py/reduce does not begin with a class or function");
    out_.set_class(instance, callable);
    for (const std::size_t i : {std::size_t{3}, std::size_t{4}})
      if (const Value part = out_.items(raw)[i]; part.is(Kind::List))
        out_.set_item(raw, i, out_.make_sequence(Kind::Tuple, out_.items(part)));
  }

  struct Attributes {
    Value of;
    Value dict;
  };

  const Graph* json_;  // the document, or a key of it
  const ReadLimits& limits_;
  Graph out_;
  std::vector<Job> jobs_;
  std::vector<Value> numbered_;
  std::vector<Value> reduced_;
  std::vector<Value> sets_;
  std::vector<Attributes> attributes_;
};

}  // namespace

object::Graph from_modern(const Graph& json, const ReadLimits& limits) { return Restoration(json, limits).run(); }

}  // namespace gt::json
