#include "lib/object/graph.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "lib/base/error.h"

namespace gt::object {
namespace {

bool is_name(Value key) { return key.is(Kind::Bytes) || key.is(Kind::Text); }

// Most containers have few parts, and most strings with escapes few characters: a call costs more than they do.
template <typename T>
void copy_few(const T* from, std::size_t count, T* to) {
  switch (count) {
    case 4: to[3] = from[3]; [[fallthrough]];
    case 3: to[2] = from[2]; [[fallthrough]];
    case 2: to[1] = from[1]; [[fallthrough]];
    case 1: to[0] = from[0]; [[fallthrough]];
    case 0: return;
    default: std::copy_n(from, count, to);
  }
}

constexpr std::size_t k_most_items = std::numeric_limits<std::uint32_t>::max() / 2;

void require_fits(std::size_t items) {
  if (items > k_most_items) throw Error(ErrorCode::LimitNodes, "a container has more than 2,147,483,647 items");
}

}  // namespace

Value Graph::make_wide_int(std::int64_t value) {
  wide_ints_.push_back(value);
  return Value(Kind::Int, k_table_flag | (wide_ints_.size() - 1));
}

Value Graph::make_long(BigInt value) {
  longs_.push_back(std::move(value));
  return Value(Kind::Long, longs_.size() - 1);
}

Value Graph::make_float(double value) {
  floats_.push_back(value);
  return Value(Kind::Float, floats_.size() - 1);
}

Value Graph::make_table_string(Kind kind, std::string_view kept) {
  strings_.push_back(kept);
  return Value(kind, k_table_flag | (strings_.size() - 1));
}

Value Graph::make_string(Kind kind, std::string_view copied) {
  if (copied.empty()) return Value(kind, 0);
  return make_table_string(kind, keep(copied));
}

std::string_view Graph::keep(std::string_view text) {
  char* data = static_cast<char*>(arena_.allocate(text.size()));
  copy_few(text.data(), text.size(), data);
  return {data, text.size()};
}

Value Graph::make_byte_array(std::string_view copied) {
  return make_table_string(Kind::ByteArray, string_of(make_string(Kind::Binary, copied)));
}

// Makes room for `more` items: exactly, if there were none, as most containers are filled at one go.
template <typename T>
void Graph::grow(Block<T>& block, std::size_t more) {
  const std::size_t needed = block.size + more;
  require_fits(needed);
  std::size_t capacity = std::max(needed, std::size_t{2} * block.capacity);
  if (more == 1) capacity = std::max<std::size_t>(capacity, 4);
  if (!arena_.extend(block.data, block.capacity * sizeof(T), capacity * sizeof(T))) {
    T* data = static_cast<T*>(arena_.allocate(capacity * sizeof(T)));
    std::copy_n(block.data, block.size, data);
    block.data = data;
  }
  block.capacity = static_cast<std::uint32_t>(capacity);
}

template <typename T>
void Graph::assign(Block<T>& block, std::span<const T> items) {
  require_fits(items.size());
  T* data = items.empty() ? nullptr : static_cast<T*>(arena_.allocate(items.size_bytes()));
  copy_few(items.data(), items.size(), data);
  block = {data, static_cast<std::uint32_t>(items.size()), static_cast<std::uint32_t>(items.size())};
}

template void Graph::grow(Block<Value>& block, std::size_t more);
template void Graph::grow(Block<Entry>& block, std::size_t more);

Value Graph::make_sequence(Kind kind, std::span<const Value> sequence_items) {
  sequences_.push_back_zero();
  if (!sequence_items.empty()) assign(sequences_.back(), sequence_items);
  return Value(kind, sequences_.size() - 1);
}

void Graph::append_all(Value sequence, std::span<const Value> added) {
  tree_ = false;
  Block<Value>& block = sequences_[sequence.payload()];
  if (block.capacity - block.size < added.size()) grow(block, added.size());
  copy_few(added.data(), added.size(), block.data + block.size);
  block.size += static_cast<std::uint32_t>(added.size());
}

void Graph::add_pairs(Value dict_or_instance, std::span<const Value> pairs) {
  tree_ = false;
  ObjectNode& node = object_node(dict_or_instance);
  node.shape = 0;
  Block<Entry>& block = node.entries;
  const std::size_t count = pairs.size() / 2;
  if (block.capacity - block.size < count) grow(block, count);
  for (std::size_t i = 0; i < count; ++i) block.data[block.size + i] = {pairs[2 * i], pairs[2 * i + 1]};
  block.size += static_cast<std::uint32_t>(count);
}

void Graph::set_item(Value sequence, std::size_t index, Value item) {
  tree_ = false;
  sequences_[sequence.payload()].data[index] = item;
}

void Graph::replace_items(Value sequence, std::span<const Value> new_items) {
  tree_ = false;
  assign(sequences_[sequence.payload()], new_items);
}

Value Graph::make_dict() {
  dicts_.push_back_zero();
  return Value(Kind::Dict, dicts_.size() - 1);
}

Value Graph::make_instance(Value class_global) {
  ObjectNode node;
  node.other = class_global;
  instances_.push_back(node);
  return Value(Kind::Instance, instances_.size() - 1);
}

void Graph::add_entries(Value to, Value from) {
  tree_ = false;
  ObjectNode& giver = object_node(from);
  Block<Entry>& source = giver.entries;
  ObjectNode& target = object_node(to);
  target.shape = 0;
  if (target.entries.size == 0) {
    // Shares the memory: nothing is ever changed in a block in place but by set(), which copies first, and a push onto a
    // full block moves it. The usual BUILD of a pickle thus copies nothing.
    source.capacity = source.size;
    target.entries = source;
    target.shape = giver.shape;
    if (from.is(Kind::Dict) && to.is(Kind::Instance)) giver.other = to;
    return;
  }
  const Block<Entry> added = source;
  for (std::uint32_t i = 0; i < added.size; ++i) push(target.entries, added.data[i]);
}

void Graph::set_shape(Value dict_or_instance, std::uint32_t shape) {
  ObjectNode& node = object_node(dict_or_instance);
  node.shape = shape;
  if (!dict_or_instance.is(Kind::Dict) || !node.other) return;
  ObjectNode& taker = object_node(node.other);
  if (taker.entries.data == node.entries.data && taker.entries.size == node.entries.size) taker.shape = shape;
}

void Graph::replace_entries(Value dict_or_instance, std::span<const Entry> new_entries) {
  tree_ = false;
  ObjectNode& node = object_node(dict_or_instance);
  node.shape = 0;
  assign(node.entries, new_entries);
}

void Graph::set_facet(Value instance, Facet which, Value value) {
  tree_ = false;
  instances_[instance.payload()].facets |= 1u << static_cast<unsigned>(which);
  facets_[facet_key(instance, which)] = value;
}

Value Graph::facet(Value instance, Facet which) const {
  if ((facets(instance) >> static_cast<unsigned>(which) & 1) == 0) return {};
  return facets_.at(facet_key(instance, which));
}

void Graph::set_making(Value instance, Making making) { makings_[handle(instance)] = making; }

Making Graph::making(Value instance) const {
  if (!instance.is(Kind::Instance)) return {};
  const auto found = makings_.find(handle(instance));
  return found == makings_.end() ? Making() : found->second;
}

const Entry* Graph::find_entry(Value dict_or_instance, std::string_view name) const {
  if (!object::is_object(dict_or_instance.kind())) return nullptr;
  for (const Entry& entry : entries(dict_or_instance))
    if (is_name(entry.key) && string_of(entry.key) == name) return &entry;
  return nullptr;
}

void Graph::set(Value dict_or_instance, std::string_view name, Value value) {
  const Entry* found = find_entry(dict_or_instance, name);
  if (found == nullptr) return add_entry(dict_or_instance, make_string(Kind::Bytes, name), value);
  const auto old = entries(dict_or_instance);
  replace_entries(dict_or_instance, old);  // a copy: the memory may be shared
  object_node(dict_or_instance).entries.data[found - old.data()].value = value;
}

bool Graph::erase(Value dict_or_instance, std::string_view name) {
  std::vector<Entry> kept;
  for (const Entry& e : entries(dict_or_instance))
    if (!is_name(e.key) || string_of(e.key) != name) kept.push_back(e);
  const bool found = kept.size() != entries(dict_or_instance).size();
  if (found) replace_entries(dict_or_instance, kept);
  return found;
}

std::uint64_t Graph::memory_bytes() const {
  constexpr std::uint64_t k_of_hashed = 56;  // a node of a hash table, with its bucket
  constexpr std::uint64_t k_of_digits = 32;  // on the heap
  return arena_.bytes() + wide_ints_.size() * sizeof(std::int64_t) + floats_.size() * sizeof(double) +
         longs_.size() * (sizeof(BigInt) + k_of_digits) + strings_.size() * sizeof(std::string_view) +
         sequences_.size() * sizeof(Block<Value>) + (dicts_.size() + instances_.size()) * sizeof(ObjectNode) +
         globals_.size() * sizeof(GlobalName) +
         (facets_.size() + global_index_.size() + walked_sets_.size() + makings_.size()) * k_of_hashed;
}

Value Graph::make_global(std::string_view module, std::string_view name, GlobalKind kind) {
  const bool function = kind == GlobalKind::Function;
  constexpr std::size_t k_few = 16;  // what most files have: not worth an index
  for (std::size_t i = 0; i < std::min(globals_.size(), k_few); ++i) {
    const GlobalName& known = globals_[i];
    if (known.name == name && known.module == module && known.function == function) return Value(Kind::Global, i);
  }
  if (globals_.size() >= k_few) {
    global_key_.assign(1, function ? 'f' : 'c').append(module).append("\n").append(name);
    const auto [known, is_new] = global_index_.try_emplace(global_key_, Value(Kind::Global, globals_.size()));
    if (!is_new) return known->second;
  }
  char* const text = static_cast<char*>(arena_.allocate(module.size() + 1 + name.size()));
  char* const dot = std::copy_n(module.data(), module.size(), text);
  *dot = '.';
  char* const end = std::copy_n(name.data(), name.size(), dot + 1);
  globals_.push_back({{text, module.size()}, {dot + 1, name.size()}, {text, static_cast<std::size_t>(end - text)}, function});
  return Value(Kind::Global, globals_.size() - 1);
}

}  // namespace gt::object
