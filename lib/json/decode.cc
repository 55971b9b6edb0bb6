#include "lib/json/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include "lib/base/text.h"
#include "lib/json/quoted_printable.h"
#include "lib/json/tags.h"
#include "lib/object/classes.h"
#include "lib/object/duplicate_keys.h"
#include "lib/object/python2.h"

namespace gt::json {
namespace {

using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Value;

// The parts of an object in the order in which jsonpickle walked them, and what to do with each.
enum class Slot : std::uint8_t { Item, Entry, Facet };
struct Part {
  Slot slot;
  Facet facet;
  std::string_view name;  // of an entry
  Value json;
};

struct Frame {
  Value target;
  std::vector<Part> parts;
  std::size_t next = 0;
  std::size_t path_size = 0;  // of the path to the target
  Value number_after;         // 2016: what py/reduce makes is numbered after its arguments
  Value frozen_set;           // gets the target's items when they are all there
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_raw(Facet facet) { return facet == Facet::Seq || facet == Facet::Reduce || facet == Facet::Iterator; }

class Decoder {
 public:
  Decoder(const Graph& json, Restore mode)
      : json_(json), mode_(mode), has_paths_(json.source().find("py/ref") != std::string_view::npos) {}

  Graph run() {
    out_.set_root(restore(json_.root()));
    while (!stack_.empty()) step();
    object::number_key_shapes(out_);
    return std::move(out_);
  }

 private:
  void step() {
    Frame& frame = stack_.back();
    path_.resize(frame.path_size);
    if (frame.next == frame.parts.size()) return leave();
    const Part part = frame.parts[frame.next++];
    const Value target = frame.target;
    if (part.slot == Slot::Entry) path_.emplace_back(part.name);
    attach(target, part, restore_part(target, part));
  }

  Value restore_part(Value target, const Part& part) {
    if (part.json.is(Kind::List)) {
      if (part.slot == Slot::Facet && is_raw(part.facet))
        return begin(out_.make_sequence(Kind::RawList), item_parts(part.json));
      if (target.is(Kind::Instance) && part.slot == Slot::Entry && part.name == "__reduce__")
        return raw_handler(target, part.json);
    }
    return restore(part.json);
  }

  void attach(Value target, const Part& part, Value value) {
    if (part.slot == Slot::Item) return out_.append(target, value);
    if (part.slot == Slot::Facet) return out_.set_facet(target, part.facet, value);
    // Python 2 makes a str of an attribute's name, whatever it is given.
    const bool attribute = target.is(Kind::Instance) && is_ascii(part.name);
    out_.add_entry(target, out_.make_string(attribute ? Kind::Bytes : Kind::Text, part.name), value);
  }

  void leave() {
    const Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.target.is(Kind::Set)) finish_set(frame.target, frame.target);
    if (frame.frozen_set) {
      finish_set(frame.frozen_set, frame.target);
      if (mode_ == Restore::As2016) number(frame.frozen_set);
    }
    if (frame.target.is(Kind::Instance) && mode_ == Restore::As2016) {
      const std::string_view name = out_.class_name(frame.target);
      if (object::find_class_style(name) == object::ClassStyle::Old)
        object::add_constructor_attributes(out_, frame.target, name);
    }
    if (frame.number_after) number(frame.number_after);
  }

  void finish_set(Value set, Value elements) {
    out_.replace_items(set, object::python2_unique(out_, out_.items(elements)));
    if (mode_ == Restore::Whole) out_.set_walk_order_known(set);
  }

  Error fail(ErrorCode code, std::string message) const {
    std::string path;
    for (const std::string& name : path_) path += (path.empty() ? "" : ".") + printable(name);
    return Error(code, std::move(message), {.path = std::move(path)});
  }

  // --- numbering

  void number(Value value) {
    if (has_paths_) by_path_[path_text()] = value;
    numbered_.push_back(value);
  }

  std::string path_text() const {
    std::string out = "/";
    for (std::size_t i = 0; i < path_.size(); ++i) out += (i == 0 ? "" : "/") + path_[i];
    return out;
  }

  Value referenced(Value id) {
    if (!id.is(Kind::Int)) throw fail(ErrorCode::JsonReference, "py/id is not a number");
    std::int64_t n = json_.int_of(id);
    const auto count = static_cast<std::int64_t>(numbered_.size());
    if (n < 0 && mode_ == Restore::As2016) n += count;
    if (n < 0 || n >= count)
      throw fail(ErrorCode::JsonReference, fmt::format("py/id {} points to nothing: {} object{} came before it",
                                                       json_.int_of(id), count, count == 1 ? "" : "s"));
    return numbered_[static_cast<std::size_t>(n)];
  }

  // --- values

  Value restore(Value json) {
    switch (json.kind()) {
      case Kind::List: return restore_list(json);
      case Kind::Dict: return restore_object(json);
      default: return copy_scalar(json);
    }
  }

  Value copy_scalar(Value json) {
    switch (json.kind()) {
      case Kind::Int: return out_.make_int(json_.int_of(json));
      case Kind::Long: return out_.make_long(json_.long_of(json));
      case Kind::Float: return out_.make_float(json_.float_of(json));
      case Kind::Text: return out_.make_string(Kind::Text, json_.string_of(json));
      default: return json;
    }
  }

  std::vector<Part> item_parts(Value json) const {
    std::vector<Part> parts;
    for (const Value item : json_.items(json)) parts.push_back({Slot::Item, {}, {}, item});
    return parts;
  }

  Value begin(Value target, std::vector<Part> parts) {
    stack_.push_back({target, std::move(parts), 0, path_.size(), {}, {}});
    return target;
  }

  Value restore_list(Value json) {
    const Value list = out_.make_sequence(Kind::List);
    number(list);
    return begin(list, item_parts(json));
  }

  Value sequence_of(Kind kind, Value json, std::string_view tag) {
    if (!json.is(Kind::List)) throw fail(ErrorCode::JsonTag, fmt::format("{} is not a list", tag));
    return begin(out_.make_sequence(kind), item_parts(json));
  }

  std::string_view text_of(Value json, std::string_view tag) const {
    if (!json.is(Kind::Text)) throw fail(ErrorCode::JsonTag, fmt::format("{} is not a text", tag));
    return json_.string_of(json);
  }

  // A dict with a tag is what the tag says, the first of this order counts; without one it is a dict.
  Value restore_object(Value json) {
    const auto tagged = [&](std::string_view tag) { return json_.find(json, tag); };
    if (const Value v = tagged("py/bytes"))
      return out_.make_string(Kind::Bytes, decode_quoted_printable(text_of(v, "py/bytes")));
    if (const Value v = tagged("py/id")) return referenced(v);
    if (const Value v = tagged("py/ref")) return restore_reference(v);
    if (const Value v = tagged("py/iterator"); v && (mode_ == Restore::As2016 || !tagged("py/object")))
      return restore_iterator(v);
    if (const Value v = tagged("py/type")) return restore_type(json, text_of(v, "py/type"));
    if (const Value v = tagged("py/repr"); v && !tagged("py/object")) return restore_repr(v);
    if (const Value v = tagged("py/reduce"); v && (mode_ == Restore::As2016 || is_frozen_set(v)))
      return restore_reduce(json, v);
    if (const Value v = tagged("py/object")) return restore_instance(json, text_of(v, "py/object"));
    if (const Value v = tagged("py/function")) return restore_function(text_of(v, "py/function"));
    if (const Value v = tagged("py/tuple")) return sequence_of(Kind::Tuple, v, "py/tuple");
    if (const Value v = tagged("py/set")) return sequence_of(Kind::Set, v, "py/set");
    return begin(out_.make_dict(), entry_parts(json, Reserved::Keep));
  }

  enum class Reserved : std::uint8_t { Keep, Skip };

  std::vector<Part> entry_parts(Value json, Reserved reserved) const {
    std::vector<Part> parts;
    for (const Entry& entry : json_.entries(json)) {
      const std::string_view name = json_.string_of(entry.key);
      if (reserved == Reserved::Keep || !is_reserved_tag(name)) parts.push_back({Slot::Entry, {}, name, entry.value});
    }
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.name < b.name; });
    return parts;
  }

  Value restore_reference(Value v) {
    const auto found = by_path_.find(std::string(text_of(v, "py/ref")));
    return found == by_path_.end() ? Value::none() : found->second;
  }

  Value restore_iterator(Value v) {
    const Value out =
        out_.make_instance(mode_ == Restore::As2016 ? object::make_class(out_, "__builtin__.listiterator") : Value());
    const Value items = sequence_of(Kind::RawList, v, "py/iterator");
    out_.set_facet(out, Facet::Iterator, items);
    return out;
  }

  Value restore_repr(Value v) {
    const Value out = out_.make_instance({});
    number(out);
    out_.set_facet(out, Facet::Repr, out_.make_string(Kind::Text, text_of(v, "py/repr")));
    return out;
  }

  // --- classes

  // Whether Python of March 2016 could have imported the name: the classes of state B and Python's own.
  bool known_in_2016(std::string_view name) const {
    constexpr std::string_view k_modules[] = {"__builtin__", "exceptions", "datetime",  "collections", "decimal",
                                              "fractions",   "uuid",       "posixpath", "os"};
    const std::string_view module = name.substr(0, std::min(name.rfind('.'), name.size()));
    return (object::find_class_style(name) && !name.starts_with("apps.")) ||
           std::find(std::begin(k_modules), std::end(k_modules), module) != std::end(k_modules);
  }

  Value restore_type(Value json, std::string_view name) {
    if (mode_ == Restore::As2016 && !known_in_2016(name)) return copy_raw(json);
    return object::make_class(out_, name);
  }

  Value restore_function(std::string_view name) {
    if (mode_ == Restore::As2016 && !known_in_2016(name)) return Value::none();
    const std::size_t dot = std::min(name.rfind('.'), name.size());
    return out_.make_global(name.substr(0, dot), name.substr(std::min(dot + 1, name.size())), Graph::GlobalKind::Function);
  }

  // {"py/type":"__builtin__.frozenset"}, {"py/tuple":[[...]]}
  bool is_frozen_set(Value reduce) const {
    if (!reduce.is(Kind::List) || json_.items(reduce).size() < 2) return false;
    const Value type = json_.find(json_.items(reduce)[0], "py/type");
    const Value tuple = json_.find(json_.items(reduce)[1], "py/tuple");
    return type && type.is(Kind::Text) && json_.string_of(type) == "__builtin__.frozenset" && tuple && tuple.is(Kind::List) &&
           json_.items(tuple).size() == 1 && json_.items(tuple)[0].is(Kind::List);
  }

  Value begin_frozen_set(Value out, Value elements, Value json) {
    begin(elements, item_parts(json));
    stack_.back().frozen_set = out;
    return out;
  }

  Value restore_reduce(Value json, Value reduce) {
    if (is_frozen_set(reduce)) {
      const Value out = out_.make_sequence(Kind::FrozenSet);
      if (mode_ == Restore::Whole) number(out);
      // jsonpickle numbers the list of the elements, too; in 2016 a py/id could even mean it.
      const Value elements = out_.make_sequence(Kind::List);
      number(elements);
      return begin_frozen_set(out, elements, json_.items(json_.find(json_.items(reduce)[1], "py/tuple"))[0]);
    }
    const Value name = json_.find(json, "py/object");
    const Value out = out_.make_instance(name ? object::make_class(out_, text_of(name, "py/object")) : Value());
    out_.set_facet(out, Facet::Reduce, sequence_of(Kind::RawList, reduce, "py/reduce"));
    stack_.back().number_after = out;
    return out;
  }

  // {"py/object":"__builtin__.bytearray","py/seq":[1,2]}: nullopt if it is something else.
  std::optional<std::string> byte_array(Value json, std::string_view name) const {
    const Value seq = json_.find(json, "py/seq");
    if (mode_ == Restore::As2016 || name != "__builtin__.bytearray" || !seq || !seq.is(Kind::List)) return std::nullopt;
    std::string out;
    for (const Value byte : json_.items(seq)) {
      if (!byte.is(Kind::Int) || json_.int_of(byte) < 0 || json_.int_of(byte) > 0xFF) return std::nullopt;
      out += static_cast<char>(static_cast<unsigned char>(json_.int_of(byte)));
    }
    return out;
  }

  Value restore_instance(Value json, std::string_view name) {
    if (const auto bytes = byte_array(json, name)) {
      const Value out = out_.make_byte_array(*bytes);
      number(out);
      return out;
    }
    if (mode_ == Restore::As2016 && !known_in_2016(name)) {
      const Value raw = copy_raw(json);
      number(raw);
      return raw;
    }
    const Value out = out_.make_instance(object::make_class(out_, name));
    number(out);
    std::vector<Part> parts;
    const auto add_facets = [&](std::span<const FacetTag> tags) {
      for (const FacetTag& tag : tags)
        if (const Value v = json_.find(json, tag.name)) parts.push_back({Slot::Facet, tag.facet, {}, v});
    };
    add_facets(k_facets_before_attributes);
    for (Part& part : entry_parts(json, Reserved::Skip))
      if (part.name != "default_factory") parts.push_back(part);
    add_facets(k_facets_after_attributes);
    return begin(out, std::move(parts));
  }

  // "__reduce__" of jsonpickle's handlers: a list that is not numbered; for dates its second part is another.
  Value raw_handler(Value target, Value json) {
    const Value out = out_.make_sequence(Kind::RawList);
    const std::string_view name = out_.class_name(target);
    std::vector<Part> parts = item_parts(json);
    if (name.starts_with("datetime.") && name != "datetime.timedelta" && parts.size() == 2 && parts[1].json.is(Kind::List)) {
      out_.append(out, restore(parts[0].json));
      const Value packed = out_.make_sequence(Kind::RawList);
      out_.append(out, packed);
      begin(packed, item_parts(parts[1].json));
      return out;
    }
    return begin(out, std::move(parts));
  }

  // A part of the document as it stands, tags and all: what jsonpickle leaves where it does not know a class.
  Value copy_raw(Value json) {
    struct Pair {
      Value from;
      Value to;
    };
    const auto make = [&](Value v) {
      if (v.is(Kind::List)) return out_.make_sequence(Kind::List);
      return v.is(Kind::Dict) ? out_.make_dict() : copy_scalar(v);
    };
    const Value root = make(json);
    std::vector<Pair> open{{json, root}};
    while (!open.empty()) {
      const Pair now = open.back();
      open.pop_back();
      const auto add = [&](Value from) {
        const Value to = make(from);
        if (object::is_container(from.kind())) open.push_back({from, to});
        return to;
      };
      if (now.from.is(Kind::List)) {
        for (const Value item : json_.items(now.from)) out_.append(now.to, add(item));
      } else {
        for (const Entry& entry : json_.entries(now.from)) {
          const Value key = copy_scalar(entry.key);
          out_.add_entry(now.to, key, add(entry.value));
        }
      }
    }
    return root;
  }

  const Graph& json_;
  Restore mode_;
  Graph out_;
  std::vector<Frame> stack_;
  std::vector<std::string> path_;  // to what is restored now
  std::vector<Value> numbered_;
  bool has_paths_;
  std::unordered_map<std::string, Value> by_path_;  // for py/ref of old jsonpickle versions
};

}  // namespace

object::Graph decode(std::string_view text, Restore mode, const ReadLimits& limits) {
  return from_jsonpickle(read(text, limits), mode);
}

object::Graph from_jsonpickle(const Graph& json, Restore mode) { return Decoder(json, mode).run(); }

}  // namespace gt::json
