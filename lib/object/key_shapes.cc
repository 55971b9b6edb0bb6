#include "lib/object/key_shapes.h"

#include <bit>
#include <cstring>

namespace gt::object {
namespace {

constexpr std::size_t k_most_keys_of_one = 128;
constexpr std::size_t k_most_keys = std::size_t{1} << 16;  // of all shapes together
constexpr std::size_t k_first_slots = std::size_t{1} << 8;
constexpr std::size_t k_most_slots = std::size_t{1} << 12;
constexpr std::size_t k_most_probes = 8;

// The length of a key tells most shapes apart without a look at the text, which may be far away: keys are compared anyway.
std::uint64_t taste(const Graph& graph, Value key) { return is_string(key.kind()) ? graph.string_of(key).size() : key.bits(); }

// The first key is looked at, for shapes of one key.
std::uint64_t first_bytes(const Graph& graph, Value key) {
  if (!is_string(key.kind())) return 0;
  const std::string_view text = graph.string_of(key).substr(0, 8);
  std::uint64_t word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  return word;
}

template <typename Word>
bool same_ends(const char* a, const char* b, std::size_t size) {
  Word words[4];
  std::memcpy(&words[0], a, sizeof(Word));
  std::memcpy(&words[1], b, sizeof(Word));
  std::memcpy(&words[2], a + size - sizeof(Word), sizeof(Word));
  std::memcpy(&words[3], b + size - sizeof(Word), sizeof(Word));
  return words[0] == words[1] && words[2] == words[3];
}

// Keys are short: two overlapping words are most of them, without a call.
bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.size() >= 8 && a.size() <= 16) return same_ends<std::uint64_t>(a.data(), b.data(), a.size());
  if (a.size() >= 4 && a.size() < 8) return same_ends<std::uint32_t>(a.data(), b.data(), a.size());
  return a == b;
}

bool same_text(const Graph& graph, Value a, Value b) {
  const std::string_view left = graph.string_of(a);
  return left.size() < LongKeys::k_bytes ? same_text(left, graph.string_of(b)) : graph.have_same_bytes(a, b);
}

}  // namespace

std::uint64_t KeyShapes::hash_of(std::span<const Entry> entries) const {
  std::uint64_t hash = entries.empty() ? 0 : first_bytes(graph_, entries[0].key);
  for (const Entry& entry : entries) hash = std::rotl(hash, 7) + taste(graph_, entry.key);
  hash *= 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 32;
}

bool KeyShapes::same_keys(std::span<const Entry> a, std::span<const Entry> b) const {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Value x = a[i].key;
    const Value y = b[i].key;
    if (x == y) continue;
    if (x.kind() != y.kind() || !is_string(x.kind()) || !same_text(graph_, x, y)) return false;
  }
  return true;
}

std::size_t KeyShapes::recent_slot(std::size_t keys, Value first) { return (first.bits() ^ keys) * 0x9E3779B97F4A7C15u >> 58; }

// A program that saves records has each name once.
template <typename KeyAt>
bool KeyShapes::has_keys(std::uint32_t number, std::size_t keys, const KeyAt& key_at) const {
  if (number == 0 || shapes_[number - 1].entries.size() != keys) return false;
  const Entry* const entries = shapes_[number - 1].entries.data();
  for (std::size_t i = 0; i < keys; ++i)
    if (entries[i].key != key_at(i)) return false;
  return true;
}

std::uint32_t KeyShapes::find_recent(std::span<const Value> pairs) const {
  const std::size_t keys = pairs.size() / 2;
  const std::uint32_t number = keys == 0 ? 0 : recent_[recent_slot(keys, pairs[0])];
  return has_keys(number, keys, [pairs](std::size_t i) { return pairs[2 * i]; }) ? number : 0;
}

// A file of one task has ten shapes, and needs no table of thousands.
void KeyShapes::grow_slots() {
  if (slots_.size() == k_most_slots || (!slots_.empty() && shapes_.size() < slots_.size() / 4)) return;
  slots_.assign(slots_.empty() ? k_first_slots : 4 * slots_.size(), 0);
  for (std::uint32_t number = 1; number <= shapes_.size(); ++number) {
    for (std::size_t probe = 0; probe < k_most_probes; ++probe) {
      std::uint32_t& slot = slots_[(shapes_[number - 1].hash + probe) & (slots_.size() - 1)];
      if (slot != 0) continue;
      slot = number;
      break;
    }
  }
}

std::optional<std::uint32_t> KeyShapes::find(std::span<const Entry> entries) {
  free_slot_ = nullptr;
  if (entries.size() > k_most_keys_of_one) return std::nullopt;
  std::uint32_t& known = recent_[recent_slot(entries.size(), entries.empty() ? Value() : entries[0].key)];
  if (has_keys(known, entries.size(), [entries](std::size_t i) { return entries[i].key; })) return known;
  grow_slots();
  hash_ = hash_of(entries);
  for (std::size_t probe = 0; probe < k_most_probes; ++probe) {
    std::uint32_t& slot = slots_[(hash_ + probe) & (slots_.size() - 1)];
    if (slot == 0) {
      free_slot_ = &slot;
      return std::nullopt;
    }
    const Shape& shape = shapes_[slot - 1];
    if (shape.hash == hash_ && same_keys(shape.entries, entries)) return known = slot;
  }
  return std::nullopt;
}

std::uint32_t KeyShapes::add(std::span<const Entry> entries) {
  if (free_slot_ == nullptr || keys_ + entries.size() > k_most_keys) return 0;
  keys_ += entries.size() + 1;
  shapes_.push_back({hash_, entries});
  return *free_slot_ = static_cast<std::uint32_t>(shapes_.size());
}

}  // namespace gt::object
