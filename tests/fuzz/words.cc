#include "tests/fuzz/words.h"

#include <algorithm>
#include <bit>
#include <cinttypes>
#include <cstdio>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gt::fuzz {
namespace {

using object::Entry;
using object::Facet;
using object::Graph;
using object::Kind;
using object::Value;

// Generated and recorded values are shallow: this recurses.
class Words {
 public:
  Words(const Graph& graph, bool is_python2) : graph_(graph), is_python2_(is_python2) {}

  std::string run() {
    add(graph_.root());
    return size_ > k_big ? "BIG" : std::move(out_);
  }

 private:
  void add_hex(char type, std::string_view bytes) {
    constexpr std::string_view k_hex = "0123456789abcdef";
    out_ += type;
    for (const char c : bytes) {
      out_ += k_hex[static_cast<unsigned char>(c) >> 4];
      out_ += k_hex[static_cast<unsigned char>(c) & 15];
    }
    out_ += ';';
  }
  bool is_known(Value value) {
    if (is_python2_ || unordered_ > 0) {
      const bool is_within = std::count(path_.begin(), path_.end(), value) > 1;
      if (is_within) out_ += "R;";
      return is_within;
    }
    const auto [found, is_new] = numbers_.emplace(value.bits(), numbers_.size());
    if (!is_new) out_ += "R" + std::to_string(found->second) + ";";
    return !is_new;
  }
  void add_items(char type, Value value) {
    out_ += type;
    for (const Value item : graph_.items(value)) add(item);
    out_ += ';';
  }
  std::string text_of(Value first, Value second = {}) {
    std::string before = std::exchange(out_, {});
    add(first);
    if (second) add(second);
    return std::exchange(out_, std::move(before));
  }
  void add_sorted(char type, std::vector<std::string> parts) {
    std::sort(parts.begin(), parts.end());
    out_ += type;
    for (const std::string& part : parts) out_ += part;
    out_ += ';';
  }
  void add_set(char type, Value value) {
    ++unordered_;
    std::vector<std::string> parts;
    for (const Value item : graph_.items(value)) parts.push_back(text_of(item));
    --unordered_;
    add_sorted(type, std::move(parts));
  }
  void add_dict(Value value) { add_entries('d', graph_.entries(value)); }
  void add_entries(char type, std::span<const Entry> entries) {
    std::vector<std::string> parts;
    for (const Entry& entry : entries) parts.push_back(text_of(entry.key, entry.value));
    if (is_python2_) return add_sorted(type, std::move(parts));
    out_ += type;
    for (const std::string& part : parts) out_ += part;
    out_ += ';';
  }
  void add_name(Value value) {
    const object::GlobalName name = graph_.global(value);
    const bool builtin = name.module == "__builtin__" || name.module == "exceptions";
    const std::string_view module = builtin ? "builtins" : name.module == "copy_reg" ? "copyreg" : name.module;
    const bool is_range = module == "builtins" && name.name == "xrange";
    out_ += 'c' + printable_ascii(std::string(module).append(".").append(is_range ? "range" : name.name)) + ';';
  }
  void add_listed(char type, Value sequence) {
    if (object::is_sequence(sequence.kind()) && !graph_.items(sequence).empty()) add_items(type, sequence);
  }
  void add_state(Value state) {
    if (!state || state.is(Kind::None) || (state.is(Kind::Dict) && graph_.entries(state).empty())) return;
    out_ += 'S';
    add(state);
  }
  // callable(*arguments), state, items, pairs
  void add_call(std::span<const Value> parts) {
    out_ += 'r';
    add(parts[0]);
    add_listed('A', parts[1]);
    add_state(parts[2]);
    add_listed('I', parts[3]);
    if (parts[4].is(Kind::Tuple)) {
      out_ += 'E';
      for (const Value pair : graph_.items(parts[4]))
        for (const Value part : graph_.items(pair)) add(part);
      out_ += ';';
    }
    out_ += ';';
  }
  void add_instance(Value value) {
    if (const Value reduce = graph_.facet(value, Facet::Reduce)) return add_call(graph_.items(reduce));
    const std::string_view class_name = graph_.class_name(value);
    out_ += class_name.ends_with(".complex") || class_name == "collections.defaultdict" ? 'r' : 'o';
    add(graph_.class_of(value));
    if (const Value factory = graph_.facet(value, Facet::DefaultFactory)) {
      out_ += 'A';
      add(factory);
      out_ += ';';
    }
    add_listed('A', graph_.facet(value, Facet::NewArgs));
    if (const Value both = graph_.facet(value, Facet::NewArgsEx)) {
      add_listed('A', graph_.items(both)[0]);
      out_ += 'K';
      add_entries('d', graph_.entries(graph_.items(both)[1]));
    }
    add_state(graph_.facet(value, Facet::State));
    const auto entries = graph_.entries(value);
    const std::size_t items = graph_.making(value).items;
    if (items < entries.size()) {
      out_ += 'T';
      add_entries('d', entries.subspan(items));
    }
    add_listed('I', graph_.facet(value, Facet::Seq));
    if (items > 0) {
      out_ += 'E';
      for (const Entry& entry : entries.first(items)) {
        add(entry.key);
        add(entry.value);
      }
      out_ += ';';
    }
    out_ += ';';
  }
  void add(Value value) {
    if (++size_ > k_big) return;
    path_.push_back(value);
    add_value(value);
    path_.pop_back();
  }
  void add_value(Value value) {
    switch (value.kind()) {
      case Kind::None: out_ += "N;"; return;
      case Kind::Bool: out_ += value.as_bool() ? "T;" : "F;"; return;
      case Kind::Int: out_ += "i" + std::to_string(graph_.int_of(value)) + ";"; return;
      case Kind::Long: out_ += (is_python2_ ? "l" : "i") + graph_.long_of(value).to_decimal() + ";"; return;
      case Kind::Float: {
        char bits[24];
        const double real = graph_.float_of(value);
        std::snprintf(bits, sizeof bits, "f%016" PRIx64 ";", real != real ? 0 : std::bit_cast<std::uint64_t>(real));
        out_ += bits;
        return;
      }
      case Kind::Bytes:
      case Kind::Binary: add_hex('b', graph_.string_of(value)); return;
      case Kind::Text: add_hex('u', graph_.string_of(value)); return;
      case Kind::ByteArray:
        if (!is_known(value)) add_hex('a', graph_.string_of(value));
        return;
      case Kind::List:
        if (!is_known(value)) add_items('[', value);
        return;
      case Kind::Tuple:
        if (graph_.items(value).empty() || !is_known(value)) add_items('(', value);
        return;
      case Kind::Set:
        if (!is_known(value)) add_set('{', value);
        return;
      case Kind::FrozenSet: add_set('z', value); return;
      case Kind::Dict:
        if (!is_known(value)) add_dict(value);
        return;
      case Kind::Global: return add_name(value);
      case Kind::PersistentId: return add_items('p', value);
      case Kind::Instance:
        if (!is_known(value)) add_instance(value);
        return;
      default: out_ += "?;"; return;
    }
  }

  static constexpr std::size_t k_big = 20'000;

  const Graph& graph_;
  bool is_python2_;
  std::string out_;
  std::unordered_map<std::uint64_t, std::size_t> numbers_;
  std::vector<Value> path_;
  int unordered_ = 0;     // within so many sets
  std::size_t size_ = 0;  // values
};

}  // namespace

std::string words_of(const Graph& graph, WordsOf python) { return Words(graph, python == WordsOf::Python2).run(); }

std::string printable_ascii(std::string_view bytes) {
  std::string out;
  char hex[8];
  for (const char c : bytes) {
    std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
    if (c >= 32 && c < 127 && c != '\\') {
      out += c;
    } else {
      out += hex;
    }
  }
  return out;
}

}  // namespace gt::fuzz
