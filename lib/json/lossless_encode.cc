#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/base/limit_errors.h"
#include "lib/base/text.h"
#include "lib/json/expansion.h"
#include "lib/json/lossless.h"
#include "lib/json/lossless_tags.h"
#include "lib/json/plain.h"
#include "lib/object/lost_values.h"

namespace gt::json {
namespace {

using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Making;
using object::Value;

// Makes the JSON as a graph of lists, dicts and scalars. Values are taken from a stack in the order of the document, so that
// what is in two places is said in full at the first of them.
class Translation {
 public:
  // Throws LimitOutput for texts that are more than `max_bytes` of JSON.
  Translation(const Graph& graph, std::uint64_t max_bytes) : graph_(graph), lost_(graph), max_bytes_(max_bytes) {}

  Graph run() {
    find_shared();
    const Value document = out_.make_dict();
    put(document, k_lossless_key, text(k_lossless_version));
    push_member(document, "value", graph_.root());
    while (!jobs_.empty()) {
      const Job job = jobs_.back();
      jobs_.pop_back();
      const Value node = translate(job.from);
      // What `translate` pushed lies deeper in the document, but all of it behind this place.
      job.key ? out_.add_entry(job.into, job.key, node) : out_.append(job.into, node);
    }
    out_.set_root(document);
    out_.set_is_tree();  // what is in two places is named in the second
    return std::move(out_);
  }

 private:
  struct Job {
    Value from;
    Value into;  // a list, or a dict and the key
    Value key = {};
  };

  // --- what is in more than one place

  template <typename Visit>
  void for_each_part(Value v, Visit&& visit) const {
    if (object::is_sequence(v.kind())) {
      for (const Value item : graph_.items(v)) visit(item);
      return;
    }
    if (!object::is_object(v.kind())) return;
    for (const LosslessFacet& f : k_lossless_facets)
      if (const Value part = facet(v, f.facet)) visit(part);
    for (const Entry& entry : graph_.entries(v)) {
      visit(entry.key);
      visit(entry.value);
    }
    if (const auto* const lost = lost_.find(v))
      for (const auto& [key, values] : *lost)
        for (const Value value : values) visit(value);
  }

  Value facet(Value v, Facet which) const { return v.is(Kind::Instance) ? graph_.facet(v, which) : Value(); }

  void find_shared() {
    std::unordered_set<std::uint64_t> met;
    std::vector<Value> open;
    const auto visit = [&](Value v) {
      if (!object::has_identity(v.kind())) return;
      if (!met.insert(v.bits()).second) {
        shared_.try_emplace(v.bits(), 0);
      } else {
        open.push_back(v);
      }
    };
    visit(graph_.root());
    while (!open.empty()) {
      const Value v = open.back();
      open.pop_back();
      for_each_part(v, visit);
    }
  }

  // --- scalars

  // A copy each time, of what the graph may have in one place only.
  Value text(std::string_view utf8) {
    bytes_ += utf8.size();
    if (bytes_ > max_bytes_) throw output_limit_error(max_bytes_);
    return out_.make_string(Kind::Text, utf8);
  }
  void put(Value dict, std::string_view key, Value value) { out_.add_entry(dict, text(key), value); }

  Value tagged(std::string_view tag, Value value) {
    const Value out = out_.make_dict();
    put(out, tag, value);
    return out;
  }

  Value translate(Value v) {
    switch (v.kind()) {
      case Kind::Int: return out_.make_int(graph_.int_of(v));
      case Kind::Long: return tagged("long", text(graph_.long_of(v).to_decimal()));
      case Kind::Float: return translate_float(graph_.float_of(v));
      case Kind::Text: return translate_text(graph_.string_of(v));
      case Kind::Bytes:
      case Kind::Binary: return tagged(bytes_tag(v), characters(v));
      case Kind::Global: return tagged(graph_.global(v).function ? "function" : "global", names(v));
      default: return object::has_identity(v.kind()) ? translate_node(v) : v;
    }
  }

  Value translate_float(double number) {
    if (std::isfinite(number)) return out_.make_float(number);
    if (std::isinf(number)) return tagged("float", text(number > 0 ? "inf" : "-inf"));
    return tagged("float", text(fmt::format("{:016x}", std::bit_cast<std::uint64_t>(number))));
  }

  // A pair of surrogates would be one character when it is read again, so they come apart.
  Value translate_text(std::string_view utf8) {
    if (!has_surrogate_pair(utf8)) return text(utf8);
    const Value pieces = out_.make_sequence(Kind::List);
    std::size_t start = 0;
    for (std::size_t i = 0; i < utf8.size();) {
      const char32_t c = next_code_point(utf8, i);
      if (c < 0xD800 || c > 0xDBFF) continue;
      out_.append(pieces, text(utf8.substr(start, i - start)));
      start = i;
    }
    out_.append(pieces, text(utf8.substr(start)));
    return tagged("text", pieces);
  }

  static std::string_view bytes_tag(Value v) {
    return std::find_if(std::begin(k_bytes_tags), std::end(k_bytes_tags), [&](const KindTag& t) { return t.kind == v.kind(); })
        ->tag;
  }

  Value characters(Value v) {
    std::string out;
    for (const char byte : graph_.string_of(v)) append_utf8(out, static_cast<unsigned char>(byte));
    return text(out);
  }

  Value names(Value global) {
    const Value parts[] = {text(graph_.global(global).module), text(graph_.global(global).name)};
    return out_.make_sequence(Kind::List, parts);
  }

  // --- containers

  Value translate_node(Value v) {
    const auto shared = shared_.find(v.bits());
    const bool has_id = shared != shared_.end();
    if (has_id && shared->second != 0) return tagged("ref", out_.make_int(shared->second));
    if (v.is(Kind::List) && !has_id) return translate_items(graph_.items(v));
    const Value out = out_.make_dict();
    if (has_id) put(out, "id", out_.make_int(shared->second = ++ids_));
    fill(v, out);
    return out;
  }

  void fill(Value v, Value out) {
    if (v.is(Kind::ByteArray)) return put(out, bytes_tag(v), characters(v));
    if (v.is(Kind::Dict)) return put(out, "dict", translate_entries(entries_of(v), Kind::Text));
    if (v.is(Kind::Instance)) return fill_instance(v, out);
    for (const KindTag& t : k_sequence_tags)
      if (t.kind == v.kind()) put(out, t.tag, translate_items(graph_.items(v)));
    if (v.is(Kind::Set) && graph_.walk_order_known(v)) put(out, "walked", Value::boolean(true));
  }

  void fill_instance(Value v, Value out) {
    put(out, "object", graph_.class_of(v) ? names(graph_.class_of(v)) : Value::none());
    const Making making = graph_.making(v);
    if (making.classic) put(out, "classic", Value::boolean(true));
    if (making.by_base) put(out, "by-base", Value::boolean(true));
    const auto entries = graph_.entries(v);
    const std::size_t attributes = entries.size() - making.items - making.slots;
    // What is said last is pushed first.
    for (std::size_t i = std::size(k_lossless_facets); i-- > 0;)
      if (const Value part = graph_.facet(v, k_lossless_facets[i].facet)) push_member(out, k_lossless_facets[i].tag, part);
    const Value slots = translate_some(v, entries.last(making.slots));
    const Value others = translate_some(v, entries.subspan(making.items, attributes));
    const Value items = translate_some(v, entries.first(making.items));
    if (items) put(out, "items", items);
    if (others) put(out, "attributes", others);
    if (slots) put(out, "slots", slots);
  }

  Value translate_some(Value v, std::span<const Entry> entries) {
    return entries.empty() ? Value() : translate_entries(lost_.with_lost(v, entries), Kind::Bytes);
  }

  void push_member(Value dict, std::string_view key, Value from) { jobs_.push_back({from, dict, text(key)}); }

  Value translate_items(std::span<const Value> items) {
    const Value out = out_.make_sequence(Kind::List);
    for (std::size_t i = items.size(); i-- > 0;) jobs_.push_back({items[i], out});
    return out;
  }

  std::vector<Entry> entries_of(Value v) const { return lost_.with_lost(v, graph_.entries(v)); }

  // {"name":value} where all keys are different ones of the usual kind, else [[key,value]].
  Value translate_entries(const std::vector<Entry>& entries, Kind usual) {
    std::unordered_set<std::string_view> names;
    const bool usual_keys = std::all_of(entries.begin(), entries.end(), [&](const Entry& entry) {
      if (!entry.key.is(usual)) return false;
      const std::string_view name = graph_.string_of(entry.key);
      const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
      return (ascii || (usual == Kind::Text && !has_surrogate_pair(name))) && names.insert(name).second;
    });
    const Value out = usual_keys ? out_.make_dict() : out_.make_sequence(Kind::List);
    for (std::size_t i = entries.size(); i-- > 0;) {
      if (usual_keys) {
        push_member(out, graph_.string_of(entries[i].key), entries[i].value);
      } else {
        pairs_.push_back(entries[i]);
      }
    }
    if (!usual_keys) push_pairs(out);
    return out;
  }

  void push_pairs(Value out) {
    std::vector<Value> lists;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      lists.push_back(out_.make_sequence(Kind::List));
      out_.append(out, lists.back());
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {  // pairs_ has the last entry first
      const Value list = lists[lists.size() - 1 - i];
      jobs_.push_back({pairs_[i].value, list});
      jobs_.push_back({pairs_[i].key, list});
    }
    pairs_.clear();
  }

  const Graph& graph_;
  Graph out_;
  std::vector<Job> jobs_;
  std::vector<Entry> pairs_;
  std::unordered_map<std::uint64_t, std::int64_t> shared_;  // what is in more than one place, and its id once it has one
  object::LostValues lost_;
  std::int64_t ids_ = 0;
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;  // of all texts so far
};

}  // namespace

void encode_lossless(const Graph& graph, Sink& sink, const EncodeLimits& limits) {
  require_fits(graph, limits, [](Value) { return true; });
  encode_plain(Translation(graph, limits.output_bytes).run(), sink, limits);
}

}  // namespace gt::json
