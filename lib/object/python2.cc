#include "lib/object/python2.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "lib/base/error.h"
#include "lib/base/text.h"
#include "lib/object/key_index.h"
#include "lib/object/key_shapes.h"

namespace gt::object {
namespace {

constexpr int k_max_key_depth = 64;
constexpr std::uint64_t k_max_key_parts = 10'000;

std::int64_t not_minus_one(std::uint64_t hash) {
  const auto value = static_cast<std::int64_t>(hash);
  return value == -1 ? -2 : value;
}

std::int64_t hash_int(std::int64_t value) { return value == -1 ? -2 : value; }

// long_hash: the magnitude's 30-bit digits, highest first, rotated together.
std::int64_t hash_long(const BigInt& value) {
  if (const auto small = value.to_int64()) return hash_int(*small);
  const std::vector<std::uint32_t>& limbs = value.magnitude();
  const std::size_t bits = limbs.size() * 32 - static_cast<std::size_t>(std::countl_zero(limbs.back()));
  std::uint64_t hash = 0;
  for (std::size_t digit = (bits + 29) / 30; digit-- > 0;) {
    const std::size_t bit = digit * 30;
    std::uint64_t window = limbs[bit / 32];
    if (bit / 32 + 1 < limbs.size()) window |= std::uint64_t{limbs[bit / 32 + 1]} << 32;
    const std::uint64_t d = (window >> (bit % 32)) & 0x3FFFFFFF;
    hash = std::rotl(hash, 30) + d;
    if (hash < d) ++hash;
  }
  return not_minus_one(value.negative() ? ~hash + 1 : hash);
}

std::int64_t hash_float(double value) {
  if (std::isinf(value)) return value > 0 ? 314159 : -271828;
  if (std::isnan(value)) return 0;
  if (value == std::floor(value)) return hash_long(python2_integral(value));
  int exponent = 0;
  double mantissa = std::frexp(value, &exponent) * 2147483648.0;
  const auto high = static_cast<std::int64_t>(mantissa);
  mantissa = (mantissa - static_cast<double>(high)) * 2147483648.0;
  return not_minus_one(static_cast<std::uint64_t>(high + static_cast<std::int64_t>(mantissa) + (std::int64_t{exponent} << 15)));
}

// hash() of one key, part by part. Recursion is bounded by k_max_key_depth.
class KeyHasher {
 public:
  explicit KeyHasher(const Graph& graph) : graph_(graph) {}

  std::int64_t hash(Value v, int depth = 0) {
    if (depth > k_max_key_depth)
      throw Error(ErrorCode::LimitDepth, fmt::format("a key is nested deeper than {} levels", k_max_key_depth));
    if (++parts_ > k_max_key_parts)
      throw Error(ErrorCode::LimitNodes, fmt::format("a key has more than {} parts", k_max_key_parts));
    switch (v.kind()) {
      case Kind::Bool: return v.as_bool() ? 1 : 0;
      case Kind::Int: return hash_int(graph_.int_of(v));
      case Kind::Long: return integer(v);
      case Kind::Float: return hash_float(graph_.float_of(v));
      case Kind::Bytes:
      case Kind::Text:
      case Kind::Binary: return string(v);
      case Kind::Tuple: return tuple(v, depth);
      case Kind::FrozenSet: return frozen_set(v, depth);
      case Kind::List:
        throw Error(ErrorCode::GraphUnhashable, "a list is used as a dict key or set element, which Python cannot hash");
      case Kind::Dict:
        throw Error(ErrorCode::GraphUnhashable, "a dict is used as a dict key or set element, which Python cannot hash");
      case Kind::ByteArray:
        throw Error(ErrorCode::GraphUnhashable, "a bytearray is used as a dict key or set element, which Python cannot hash");
      case Kind::Set:
        throw Error(ErrorCode::GraphUnhashable, "a set is used as a dict key or set element, which Python cannot hash");
      default: return static_cast<std::int64_t>(v.bits() >> 5);
    }
  }

  std::uint64_t parts() const { return parts_; }

 private:
  std::int64_t integer(Value v) const {
    const BigInt& value = graph_.long_of(v);
    if (value.magnitude().size() < LongKeys::k_limbs) return hash_long(value);
    return graph_.long_keys().python2_hash(v, [&] { return hash_long(value); });
  }

  std::int64_t string(Value v) const {
    const std::string_view bytes = graph_.string_of(v);
    if (bytes.size() < LongKeys::k_bytes) return python2_hash(bytes, v.kind());
    return graph_.long_keys().python2_hash(v, [&] { return python2_hash(bytes, v.kind()); });
  }

  std::int64_t tuple(Value v, int depth) {
    const auto items = graph_.items(v);
    std::uint64_t multiplier = 1000003;
    std::uint64_t hash_value = 0x345678;
    std::uint64_t left = items.size();
    for (const Value item : items) {
      --left;
      hash_value = (hash_value ^ static_cast<std::uint64_t>(hash(item, depth + 1))) * multiplier;
      multiplier += 82520 + left + left;
    }
    return not_minus_one(hash_value + 97531);
  }

  std::int64_t frozen_set(Value v, int depth) {
    const auto items = graph_.items(v);
    std::uint64_t hash_value = 1927868237U * (std::uint64_t{items.size()} + 1);
    for (const Value item : items) {
      const auto h = static_cast<std::uint64_t>(hash(item, depth + 1));
      hash_value ^= (h ^ (h << 16) ^ 89869747U) * 3644798167U;
    }
    hash_value = hash_value * 69069U + 907133923U;
    return static_cast<std::int64_t>(hash_value) == -1 ? 590923713 : static_cast<std::int64_t>(hash_value);
  }

  const Graph& graph_;
  std::uint64_t parts_ = 0;
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_ascii(const Graph& graph, Value string) {
  const std::string_view bytes = graph.string_of(string);
  return bytes.size() < LongKeys::k_bytes ? is_ascii(bytes) : graph.long_keys().content(string, bytes).is_ascii;
}

bool is_number(Kind kind) { return kind == Kind::Bool || kind == Kind::Int || kind == Kind::Long || kind == Kind::Float; }

BigInt to_big_int(const Graph& graph, Value v) {
  switch (v.kind()) {
    case Kind::Bool: return BigInt(v.as_bool() ? 1 : 0);
    case Kind::Int: return BigInt(graph.int_of(v));
    case Kind::Long: return graph.long_of(v);
    default: return python2_integral(graph.float_of(v));
  }
}

bool equal_numbers(const Graph& graph, Value a, Value b) {
  if (a.is(Kind::Float) && b.is(Kind::Float)) return graph.float_of(a) == graph.float_of(b);
  if (a.is(Kind::Long) && b.is(Kind::Long)) return graph.long_of(a) == graph.long_of(b);
  for (const Value v : {a, b}) {
    if (!v.is(Kind::Float)) continue;
    const double d = graph.float_of(v);
    if (!std::isfinite(d) || d != std::floor(d)) return false;
  }
  return to_big_int(graph, a) == to_big_int(graph, b);
}

bool equal_frozen_sets(const Graph& graph, Value a, Value b) {
  const auto left = graph.items(a);
  const auto right = graph.items(b);
  if (left.size() != right.size()) return false;
  KeyIndex elements(graph, left.size());
  for (std::uint32_t i = 0; i < left.size(); ++i) elements.find_or_add(left[i], i);
  const auto absent = static_cast<std::uint32_t>(left.size());
  return std::all_of(right.begin(), right.end(), [&](Value y) { return elements.find_or_add(y, absent) != absent; });
}

// dictobject.c and setobject.c of 2.7: open addressing, no deletions here.
class InsertionTable {
 public:
  explicit InsertionTable(std::span<const std::int64_t> hashes) : hashes_(hashes) {
    for (std::uint32_t i = 0; i < hashes.size(); ++i) {
      place(i);
      ++used_;
      if (used_ * 3 >= slots_.size() * 2) grow(used_ * (used_ > 50000 ? 2 : 4));
    }
  }

  std::vector<std::uint32_t> order() const {
    std::vector<std::uint32_t> out;
    out.reserve(used_);
    for (const std::uint32_t slot : slots_)
      if (slot != k_free) out.push_back(slot);
    return out;
  }

 private:
  static constexpr std::uint32_t k_free = 0xFFFFFFFF;

  void place(std::uint32_t index) {
    const std::size_t mask = slots_.size() - 1;
    auto perturb = static_cast<std::uint64_t>(hashes_[index]);
    std::uint64_t i = perturb & mask;
    while (slots_[i & mask] != k_free) {
      if (perturb == 0) {
        i = skip_taken(i & mask);
        break;
      }
      i = i * 5 + perturb + 1;  // the perturbation is added before its first shift
      perturb >>= 5;
    }
    slots_[i & mask] = index;
  }

  // Without a perturbation the slots form one ring, i * 5 + 1. Keys that were made to collide would all walk along the same
  // taken slots of it: each walk leaves a shorter way behind itself.
  std::uint64_t skip_taken(std::uint64_t from) {
    const std::size_t mask = slots_.size() - 1;
    if (ways_.empty())
      for (std::uint64_t i = 0; i <= mask; ++i) ways_.push_back(static_cast<std::uint32_t>((i * 5 + 1) & mask));
    std::uint64_t i = from;
    while (slots_[i] != k_free) {
      const std::uint32_t next = ways_[i];
      if (slots_[next] != k_free) ways_[i] = ways_[next];
      i = next;
    }
    return i;
  }

  void grow(std::size_t more_than) {
    std::size_t size = 8;
    while (size <= more_than) size <<= 1;
    ways_.clear();
    const std::vector<std::uint32_t> old = std::exchange(slots_, std::vector<std::uint32_t>(size, k_free));
    for (const std::uint32_t slot : old)  // in the order of the old slots, not of insertion
      if (slot != k_free) place(slot);
  }

  std::span<const std::int64_t> hashes_;
  std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(8, k_free);
  std::vector<std::uint32_t> ways_;  // for each slot of the ring: one further on, with none but taken ones between
  std::size_t used_ = 0;
};

// str(float) without its ".0": 12 digits, and an exponent as soon as all of them stand before the point.
std::string twelve_digits(double value) {
  std::string text = fmt::format("{:.12g}", value);
  const std::size_t first = text.find_first_not_of('-');
  if (text.find('e') != std::string::npos || std::min(text.find('.'), text.size()) - first < 12) return text;
  text = fmt::format("{:.11e}", value);
  const std::size_t exponent = text.find('e');
  const std::size_t last = text.find_last_not_of('0', exponent - 1);
  return text.substr(0, text[last] == '.' ? last : last + 1) + text.substr(exponent);
}

bool needs_point_zero(std::string_view digits) { return digits.find_first_of(".en") == std::string_view::npos; }

void append_escaped(std::string& out, std::string_view text, Kind kind) {
  const char quote = text.find('\'') != text.npos && text.find('"') == text.npos ? '"' : '\'';
  out += quote;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = kind == Kind::Text ? next_code_point(text, i) : static_cast<unsigned char>(text[i++]);
    if (c == static_cast<unsigned char>(quote) || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c >= 0x20 && c < 0x7F) {
      out += static_cast<char>(c);
    } else if (c < 0x100) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else if (c < 0x10000) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += fmt::format("\\U{:08x}", static_cast<unsigned>(c));
    }
  }
  out += quote;
}

constexpr std::string_view k_builtin_module = "__builtin__";

std::string global_repr(const GlobalName& name) {
  if (name.module == k_builtin_module) return fmt::format("<type '{}'>", name.name);
  return fmt::format("<class '{}'>", name.qualified);
}

// The key was hashed before, so it is no deeper than k_max_key_depth.
void append_repr(std::string& out, const Graph& graph, Value v) {
  const auto append_items = [&](std::span<const Value> items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out += ", ";
      append_repr(out, graph, items[i]);
    }
  };
  switch (v.kind()) {
    case Kind::None: out += "None"; return;
    case Kind::Bool: out += v.as_bool() ? "True" : "False"; return;
    case Kind::Int: out += std::to_string(graph.int_of(v)); return;
    case Kind::Long: out += graph.long_of(v).to_decimal() + "L"; return;
    case Kind::Float: out += python2_float_repr(graph.float_of(v)); return;
    case Kind::Text: out += 'u'; [[fallthrough]];
    case Kind::Bytes:
    case Kind::Binary: append_escaped(out, graph.string_of(v), v.kind()); return;
    case Kind::Tuple:
      out += '(';
      append_items(graph.items(v));
      out += graph.items(v).size() == 1 ? ",)" : ")";
      return;
    case Kind::FrozenSet:
      out += "frozenset([";
      append_items(python2_walk(graph, v));
      out += "])";
      return;
    case Kind::Global: out += global_repr(graph.global(v)); return;
    case Kind::PersistentId:
      throw Error(ErrorCode::GraphKey,
                  "a reference to an object outside the file is a dict key, for which the JSON of 2016 has no form");
    default:
      throw Error(ErrorCode::GraphKey,
                  "an instance of " + printable(graph.class_name(v), 400) +
                      " is a dict key, and its name in JSON would be a memory address of the program that saved it");
  }
}

// True without hashing, for most of the sets that tasks have. Equal strings have equal bytes, whatever their kinds.
bool are_few_different_strings(const Graph& graph, std::span<const Value> items) {
  constexpr std::size_t k_few = 4;
  if (items.size() > k_few) return false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is(Kind::Bytes) && !items[i].is(Kind::Text)) return false;
    for (std::size_t j = 0; j < i; ++j)
      if (graph.have_same_bytes(items[j], items[i])) return false;
  }
  return true;
}

}  // namespace

BigInt python2_integral(double value) {
  constexpr double k_small = 4611686018427387904.0;  // 2^62
  if (std::fabs(value) < k_small) return BigInt(static_cast<std::int64_t>(value));
  constexpr int k_bits = 53;
  int exponent = 0;
  const auto mantissa = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::fabs(value), &exponent), k_bits));
  const int shift = exponent - k_bits;
  const std::string digits = fmt::format("{:x}", mantissa << shift % 4) + std::string(static_cast<std::size_t>(shift / 4), '0');
  return *BigInt::from_digits(digits, 16, value < 0);
}

std::int64_t python2_hash(std::string_view utf8, Kind kind) {
  if (utf8.empty()) return 0;
  std::uint64_t hash = 0;
  std::uint64_t length = 0;
  const auto mix = [&](std::uint64_t unit) {
    if (length++ == 0) hash = unit << 7;
    hash = (1000003 * hash) ^ unit;
  };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (kind != Kind::Text || byte < 0x80) {
      mix(byte);
      ++i;
    } else {
      mix(next_code_point(utf8, i));
    }
  }
  return not_minus_one(hash ^ length);
}

std::int64_t python2_hash(const Graph& graph, Value value) { return KeyHasher(graph).hash(value); }

std::int64_t python2_hash(const Graph& graph, Value value, std::uint64_t& parts) {
  KeyHasher hasher(graph);
  const std::int64_t hash = hasher.hash(value);
  parts = hasher.parts();
  return hash;
}

bool python2_equal(const Graph& graph, Value a, Value b) {
  if (a == b) return true;
  if (is_number(a.kind()) && is_number(b.kind())) return equal_numbers(graph, a, b);
  const bool strings = (a.is(Kind::Bytes) || a.is(Kind::Text)) && (b.is(Kind::Bytes) || b.is(Kind::Text));
  if (strings) return graph.have_same_bytes(a, b) && (a.kind() == b.kind() || is_ascii(graph, a));
  if (a.kind() != b.kind()) return false;
  if (a.is(Kind::Binary)) return graph.have_same_bytes(a, b);
  if (a.is(Kind::FrozenSet)) return equal_frozen_sets(graph, a, b);
  if (!a.is(Kind::Tuple)) return false;
  const auto left = graph.items(a);
  const auto right = graph.items(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](Value x, Value y) { return python2_equal(graph, x, y); });
}

std::vector<std::uint32_t> python2_table_order(std::span<const std::int64_t> hashes) { return InsertionTable(hashes).order(); }

std::vector<Value> python2_unique(const Graph& graph, std::span<const Value> items) {
  if (are_few_different_strings(graph, items)) return {items.begin(), items.end()};
  KeyIndex index(graph, items.size());
  std::vector<Value> out;
  for (const Value item : items) {
    const auto place = static_cast<std::uint32_t>(out.size());
    if (index.find_or_add(item, place) == place) out.push_back(item);
  }
  return out;
}

std::vector<Value> python2_set_order(const Graph& graph, std::span<const Value> items) {
  std::vector<std::int64_t> hashes;
  hashes.reserve(items.size());
  for (const Value item : items) hashes.push_back(python2_hash(graph, item));
  std::vector<Value> out;
  out.reserve(items.size());
  for (const std::uint32_t i : python2_table_order(hashes)) out.push_back(items[i]);
  return out;
}

std::vector<Value> python2_walk(const Graph& graph, Value set) {
  const auto items = graph.items(set);
  if (graph.walk_order_known(set)) return {items.begin(), items.end()};
  return python2_set_order(graph, items);
}

std::vector<Value> python2_fill_order(const Graph& graph, std::span<const Value> walked, std::uint64_t& tries) {
  constexpr std::size_t k_most_tried = 7;
  std::vector<Value> out(walked.begin(), walked.end());
  if (walked.size() > k_most_tried) return out;
  std::vector<std::int64_t> hashes;
  for (const Value item : walked) hashes.push_back(python2_hash(graph, item));
  std::vector<std::uint32_t> order(walked.size());
  std::iota(order.begin(), order.end(), 0u);
  std::vector<std::int64_t> filled(walked.size());
  do {
    for (std::size_t i = 0; i < order.size(); ++i) filled[i] = hashes[order[i]];
    std::uint32_t place = 0;
    const auto walk = python2_table_order(filled);
    if (std::all_of(walk.begin(), walk.end(), [&](std::uint32_t i) { return order[i] == place++; })) {
      for (std::size_t i = 0; i < order.size(); ++i) out[i] = walked[order[i]];
      return out;
    }
    if (tries == 0) break;
    --tries;
  } while (std::next_permutation(order.begin(), order.end()));
  return out;
}

std::string python2_float_repr(double value, SpecialFloats special) {
  if (std::isnan(value)) return std::string(special.nan);
  if (std::isinf(value)) return (value < 0 ? "-" : "") + std::string(special.infinity);
  std::string out = fmt::format("{}", value);
  if (needs_point_zero(out)) out += ".0";
  return out;
}

std::string python2_repr(const Graph& graph, Value key) {
  std::string out;
  append_repr(out, graph, key);
  return out;
}

std::string python2_repr(std::string_view text, Kind kind) {
  std::string out;
  append_escaped(out, text, kind);
  return out;
}

std::string python2_sort_text(const Graph& graph, Value key) {
  switch (key.kind()) {
    case Kind::Text: return std::string(graph.string_of(key));
    case Kind::Bytes:
    case Kind::Binary:
      if (!is_ascii(graph.string_of(key)))
        throw Error(ErrorCode::GraphKey,
                    "the key '" + printable(graph.string_of(key)) +
                        "' is a byte string with bytes outside ASCII, for which the JSON of 2016 has no form");
      return std::string(graph.string_of(key));
    case Kind::Long: return graph.long_of(key).to_decimal();
    case Kind::Float: {
      const double value = graph.float_of(key);
      std::string text = std::isfinite(value) ? twelve_digits(value) : python2_float_repr(value);
      if (needs_point_zero(text)) text += ".0";
      return text;
    }
    default: return python2_repr(graph, key);
  }
}

}  // namespace gt::object
