#include "lib/object/key_index.h"

#include <sys/auxv.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "lib/object/python2.h"

namespace gt::object {
namespace {

// Different in each process, so that nobody can know it. It decides nothing that can be seen.
std::uint64_t secret() {
  static const std::uint64_t value = [] {
    std::uint64_t random = 0x9E3779B97F4A7C15u;
    if (const auto* const bytes = reinterpret_cast<const char*>(::getauxval(AT_RANDOM))) std::memcpy(&random, bytes, 8);
    return random | 1;
  }();
  return value;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a ^ secret()} * (b ^ 0xA0761D6478BD642Fu);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash_bytes(std::string_view bytes) {
  std::uint64_t hash = bytes.size();
  std::uint64_t word = 0;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::memcpy(&word, bytes.data(), 8);
    hash = mix(hash, word);
  }
  word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  return mix(hash, word);
}

std::uint64_t hash_big(const BigInt& value) {
  if (const auto small = value.to_int64()) return mix(1, static_cast<std::uint64_t>(*small));
  std::uint64_t hash = value.negative() ? 2 : 3;
  for (const std::uint32_t limb : value.magnitude()) hash = mix(hash, limb);
  return hash;
}

// Equal numbers are one key, whatever their types. NaN equals nothing but itself.
std::uint64_t hash_float(double x, Value v) {
  if (std::isnan(x)) return mix(4, v.bits());
  if (!std::isfinite(x) || x != std::floor(x)) return mix(5, std::bit_cast<std::uint64_t>(x));
  return hash_big(python2_integral(x));
}

std::uint64_t hash_integer(const Graph& graph, Value v) {
  const BigInt& value = graph.long_of(v);
  if (value.magnitude().size() < LongKeys::k_limbs) return hash_big(value);
  return graph.long_keys().index_hash(v, [&] { return hash_big(value); });
}

std::uint64_t hash_string(const Graph& graph, Value v) {
  const std::string_view bytes = graph.string_of(v);
  if (bytes.size() < LongKeys::k_bytes) return hash_bytes(bytes);
  return mix(9, graph.long_keys().content(v, bytes).number);
}

// Keys are nested at most 64 levels deep: who made them a key has tried python2_hash().
std::uint64_t hash_key(const Graph& graph, Value v) {
  switch (v.kind()) {
    case Kind::Bool: return mix(1, v.as_bool() ? 1 : 0);
    case Kind::Int: return mix(1, static_cast<std::uint64_t>(graph.int_of(v)));
    case Kind::Long: return hash_integer(graph, v);
    case Kind::Float: return hash_float(graph.float_of(v), v);
    case Kind::Bytes:
    case Kind::Text:
    case Kind::Binary: return hash_string(graph, v);
    case Kind::Tuple: {
      std::uint64_t hash = 6;
      for (const Value item : graph.items(v)) hash = mix(hash, hash_key(graph, item));
      return hash;
    }
    case Kind::FrozenSet: {
      std::uint64_t hash = 7;
      for (const Value item : graph.items(v)) hash += hash_key(graph, item);
      return hash;
    }
    default: return mix(8, v.bits());
  }
}

}  // namespace

KeyIndex::KeyIndex(const Graph& graph, std::size_t expected)
    : graph_(graph), slots_(std::bit_ceil(expected + expected / 2 + 8)) {}

KeyIndex::Slot& KeyIndex::slot_of(std::uint64_t hash, Value key) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (!slot.key || (slot.hash == hash && key && python2_equal(graph_, slot.key, key))) return slot;
  }
}

void KeyIndex::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old)
    if (slot.key) slot_of(slot.hash, {}) = slot;
}

std::uint32_t KeyIndex::find_or_add(Value key, std::uint32_t index) {
  if (has_identity(key.kind())) static_cast<void>(python2_hash(graph_, key));
  if (used_ * 4 >= slots_.size() * 3) grow();
  const std::uint64_t hash = hash_key(graph_, key);
  Slot& slot = slot_of(hash, key);
  if (slot.key) return slot.index;
  slot = {hash, key, index};
  ++used_;
  return index;
}

}  // namespace gt::object
