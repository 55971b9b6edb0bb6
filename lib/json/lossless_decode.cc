#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/text.h"
#include "lib/json/lossless.h"
#include "lib/json/lossless_tags.h"
#include "lib/object/duplicate_keys.h"
#include "lib/object/python2.h"

namespace gt::json {
namespace {

using object::BigInt;
using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Making;
using object::Value;

Error bad_tag(std::string message) {
  return Error(ErrorCode::JsonTag, std::move(message), {}, "docs/lossless.md describes the lossless form");
}

// Makes the graph again. Values are taken from a stack in the order of the document: a "ref" comes behind its "id".
class Restoration {
 public:
  Restoration(const Graph& json, const ReadLimits& limits) : json_(json), limits_(limits) {}

  Graph run() {
    const Value value = json_.find(json_.root(), "value");
    if (!value) throw bad_tag("the document has no \"value\"");
    jobs_.push_back({Job::Do::Root, value, {}});
    while (!jobs_.empty()) {
      const Job job = jobs_.back();
      jobs_.pop_back();
      step(job);
    }
    for (const Value set : sets_) out_.replace_items(set, object::python2_unique(out_, out_.items(set)));
    object::merge_duplicate_keys(out_);
    return std::move(out_);
  }

 private:
  struct Job {
    enum class Do : std::uint8_t { Root, Item, Pair, Entry, Facet };
    Do what;
    Value json;
    Value into;
    Value key = {};  // Entry
    Facet facet = {};
  };

  void step(const Job& job) {
    if (job.what == Job::Do::Pair) return step_pair(job);
    const Value value = restore(job.json);
    switch (job.what) {
      case Job::Do::Root: return out_.set_root(value);
      case Job::Do::Item: return out_.append(job.into, value);
      case Job::Do::Entry: return out_.add_entry(job.into, job.key, value);
      case Job::Do::Facet: return out_.set_facet(job.into, job.facet, value);
      case Job::Do::Pair: return;
    }
  }

  // [key, value]: all of the key comes before the value.
  void step_pair(const Job& job) {
    const auto parts = list(job.json, "an entry");
    if (parts.size() != 2) throw bad_tag("an entry is not a list of key and value");
    const std::size_t place = jobs_.size();
    jobs_.push_back({Job::Do::Entry, parts[1], job.into});
    const Value key = restore(parts[0]);
    jobs_[place].key = key;
  }

  // --- checked access

  std::span<const Value> list(Value json, std::string_view what) const {
    if (!json.is(Kind::List)) throw bad_tag(fmt::format("{} is not a list", what));
    return json_.items(json);
  }
  std::string_view text(Value json, std::string_view what) const {
    if (!json.is(Kind::Text)) throw bad_tag(fmt::format("{} is not a text", what));
    return json_.string_of(json);
  }
  bool truth(Value json, std::string_view what) const {
    if (json && !json.is(Kind::Bool)) throw bad_tag(fmt::format("{} is neither true nor false", what));
    return json && json.as_bool();
  }

  // --- scalars

  Value restore(Value json) {
    switch (json.kind()) {
      case Kind::Int: return out_.make_int(json_.int_of(json));
      case Kind::Long: return out_.make_long(json_.long_of(json));
      case Kind::Float: return out_.make_float(json_.float_of(json));
      case Kind::Text: return out_.make_string(Kind::Text, json_.string_of(json));
      case Kind::List: return push_items(out_.make_sequence(Kind::List), json_.items(json));
      case Kind::Dict: return restore_tagged(json);
      default: return json;
    }
  }

  Value restore_tagged(Value json) {
    const auto tagged = [&](std::string_view tag) { return json_.find(json, tag); };
    if (const Value v = tagged("ref")) return referenced(v);
    if (const Value v = tagged("long")) return restore_long(text(v, "\"long\""));
    if (const Value v = tagged("float")) return restore_float(text(v, "\"float\""));
    if (const Value v = tagged("text")) return restore_pieces(list(v, "\"text\""));
    if (const Value v = tagged("global")) return restore_global(v, Graph::GlobalKind::Class);
    if (const Value v = tagged("function")) return restore_global(v, Graph::GlobalKind::Function);
    for (const KindTag& t : k_bytes_tags)
      if (const Value v = tagged(t.tag)) return restore_bytes(json, t.kind, text(v, t.tag));
    for (const KindTag& t : k_sequence_tags)
      if (const Value v = tagged(t.tag)) return restore_sequence(json, t.kind, list(v, t.tag));
    if (const Value v = tagged("dict")) {
      const Value out = identified(json, out_.make_dict());
      push_entries(out, v, Kind::Text);
      return out;
    }
    if (const Value v = tagged("object")) return restore_instance(json, v);
    throw bad_tag("an object has no tag of the lossless form: " + first_key(json));
  }

  std::string first_key(Value json) const {
    const auto entries = json_.entries(json);
    return entries.empty() ? "{}" : "'" + printable(json_.string_of(entries[0].key)) + "'";
  }

  Value restore_long(std::string_view digits) {
    if (digits.size() > limits_.integer_digits) throw digits_limit_error(digits.size(), limits_);
    const bool negative = digits.starts_with('-');
    const auto number = BigInt::from_digits(digits.substr(negative ? 1 : 0), 10, negative);
    if (!number) throw bad_tag("\"long\" is no integer: " + printable(digits));
    return out_.make_long(*number);
  }

  Value restore_float(std::string_view word) {
    constexpr double k_infinity = std::numeric_limits<double>::infinity();
    if (word == "inf" || word == "-inf") return out_.make_float(word == "inf" ? k_infinity : -k_infinity);
    std::uint64_t bits = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), bits, 16);
    if (word.size() != 16 || end != word.data() + word.size() || error != std::errc())
      throw bad_tag("\"float\" is neither inf nor -inf nor the 16 hexadecimal digits of a double: " + printable(word));
    return out_.make_float(std::bit_cast<double>(bits));
  }

  Value restore_pieces(std::span<const Value> pieces) {
    std::string all;
    for (const Value piece : pieces) all += text(piece, "a piece of \"text\"");
    return out_.make_string(Kind::Text, all);
  }

  Value restore_global(Value json, Graph::GlobalKind kind) {
    const auto names = list(json, "a name");
    if (names.size() != 2) throw bad_tag("a name is not a list of module and name");
    return out_.make_global(text(names[0], "a module"), text(names[1], "a name"), kind);
  }

  Value restore_bytes(Value json, Kind kind, std::string_view characters) {
    std::string bytes;
    for (std::size_t i = 0; i < characters.size();) {
      const char32_t c = next_code_point(characters, i);
      if (c > 0xFF) throw bad_tag("bytes have a character above U+00FF: '" + printable(characters) + "'");
      bytes += static_cast<char>(static_cast<unsigned char>(c));
    }
    return kind == Kind::ByteArray ? identified(json, out_.make_byte_array(bytes)) : out_.make_string(kind, bytes);
  }

  // --- containers

  Value referenced(Value ref) const {
    const auto found = ref.is(Kind::Int) ? ids_.find(json_.int_of(ref)) : ids_.end();
    if (found == ids_.end()) throw Error(ErrorCode::JsonReference, "a \"ref\" names no \"id\" before it");
    return found->second;
  }

  Value identified(Value json, Value out) {
    const Value id = json_.find(json, "id");
    if (!id) return out;
    if (!id.is(Kind::Int) || !ids_.try_emplace(json_.int_of(id), out).second)
      throw Error(ErrorCode::JsonReference, "an \"id\" is no number, or two have the same");
    return out;
  }

  Value push_items(Value out, std::span<const Value> items) {
    for (std::size_t i = items.size(); i-- > 0;) jobs_.push_back({Job::Do::Item, items[i], out});
    return out;
  }

  Value restore_sequence(Value json, Kind kind, std::span<const Value> items) {
    if (kind == Kind::PersistentId && items.size() != 1) throw bad_tag("\"persistent\" is not a list of one name");
    const Value out = identified(json, out_.make_sequence(kind));
    if (kind == Kind::Set || kind == Kind::FrozenSet) sets_.push_back(out);
    if (kind == Kind::Set && truth(json_.find(json, "walked"), "\"walked\"")) out_.set_walk_order_known(out);
    return push_items(out, items);
  }

  // {"name":value}, or [[key,value]]: then its length is the number of entries, too.
  std::size_t push_entries(Value out, Value json, Kind usual) {
    if (json.is(Kind::Dict)) {
      const auto entries = json_.entries(json);
      for (std::size_t i = entries.size(); i-- > 0;)
        jobs_.push_back({Job::Do::Entry, entries[i].value, out, out_.make_string(usual, json_.string_of(entries[i].key))});
      return entries.size();
    }
    const auto pairs = list(json, "what has entries");
    for (std::size_t i = pairs.size(); i-- > 0;) jobs_.push_back({Job::Do::Pair, pairs[i], out});
    return pairs.size();
  }

  Value restore_instance(Value json, Value names) {
    const Value out =
        identified(json, out_.make_instance(names.is(Kind::None) ? Value() : restore_global(names, Graph::GlobalKind::Class)));
    for (std::size_t i = std::size(k_lossless_facets); i-- > 0;)
      if (const Value part = json_.find(json, k_lossless_facets[i].tag))
        jobs_.push_back({Job::Do::Facet, part, out, {}, k_lossless_facets[i].facet});
    Making making;
    making.classic = truth(json_.find(json, "classic"), "\"classic\"");
    making.by_base = truth(json_.find(json, "by-base"), "\"by-base\"");
    const auto entries = [&](std::string_view tag) {
      const Value some = json_.find(json, tag);
      return static_cast<std::uint32_t>(some ? push_entries(out, some, Kind::Bytes) : 0);
    };
    making.slots = entries("slots");
    entries("attributes");
    making.items = entries("items");
    if (making != Making()) out_.set_making(out, making);
    return out;
  }

  const Graph& json_;
  const ReadLimits& limits_;
  Graph out_;
  std::vector<Job> jobs_;
  std::vector<Value> sets_;
  std::unordered_map<std::int64_t, Value> ids_;
};

}  // namespace

bool is_lossless(const Graph& json) {
  const Value version = json.find(json.root(), k_lossless_key);
  return version && version.is(Kind::Text) && json.string_of(version) == k_lossless_version;
}

object::Graph from_lossless(const Graph& json, const ReadLimits& limits) {
  if (!is_lossless(json)) throw bad_tag(fmt::format("the document is not \"{}\":\"{}\"", k_lossless_key, k_lossless_version));
  return Restoration(json, limits).run();
}

object::Graph decode_lossless(std::string_view text, const ReadLimits& limits) {
  return from_lossless(read(text, limits), limits);
}

}  // namespace gt::json
