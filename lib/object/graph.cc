#include "lib/object/graph.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

#include "lib/base/error.h"

namespace gt::object {
namespace {

// A payload has 59 bits. The highest says that the rest is an index of a table; else the value lies in the rest: an integer,
// or a string as 34 bits of offset into the source and 24 bits of length.
constexpr unsigned k_inline_bits = 58;
constexpr std::uint64_t k_table_flag = std::uint64_t{1} << k_inline_bits;
constexpr std::int64_t k_inline_int_limit = std::int64_t{1} << (k_inline_bits - 1);
constexpr std::uint64_t k_length_bits = 24;
constexpr std::uint64_t k_max_inline_length = (std::uint64_t{1} << k_length_bits) - 1;
constexpr std::uint64_t k_max_inline_offset = (std::uint64_t{1} << (k_inline_bits - k_length_bits)) - 1;

bool is_name(Value key) { return key.is(Kind::Bytes) || key.is(Kind::Text); }

}  // namespace

Value Graph::make_int(std::int64_t value) {
  if (value >= -k_inline_int_limit && value < k_inline_int_limit)
    return Value(Kind::Int, static_cast<std::uint64_t>(value) & (k_table_flag - 1));
  wide_ints_.push_back(value);
  return Value(Kind::Int, k_table_flag | (wide_ints_.size() - 1));
}

std::int64_t Graph::int_of(Value value) const {
  const std::uint64_t payload = value.payload();
  if ((payload & k_table_flag) != 0) return wide_ints_[payload & ~k_table_flag];
  constexpr unsigned k_shift = 64 - k_inline_bits;
  return static_cast<std::int64_t>(payload << k_shift) >> k_shift;
}

Value Graph::make_long(BigInt value) {
  longs_.push_back(std::move(value));
  return Value(Kind::Long, longs_.size() - 1);
}

Value Graph::make_float(double value) {
  floats_.push_back(value);
  return Value(Kind::Float, floats_.size() - 1);
}

Value Graph::make_string_view(Kind kind, std::string_view in_source) {
  const auto offset = static_cast<std::uint64_t>(in_source.data() - source_.data());
  assert(in_source.empty() || (in_source.data() >= source_.data() && offset + in_source.size() <= source_.size()));
  if (in_source.empty()) return Value(kind, 0);
  if (in_source.size() <= k_max_inline_length && offset <= k_max_inline_offset)
    return Value(kind, offset << k_length_bits | in_source.size());
  strings_.push_back(in_source);
  return Value(kind, k_table_flag | (strings_.size() - 1));
}

Value Graph::make_string(Kind kind, std::string_view copied) {
  if (copied.empty()) return Value(kind, 0);
  char* data = static_cast<char*>(arena_.allocate(copied.size()));
  std::memcpy(data, copied.data(), copied.size());
  strings_.emplace_back(data, copied.size());
  return Value(kind, k_table_flag | (strings_.size() - 1));
}

Value Graph::make_byte_array(std::string_view copied) {
  const Value bytes = make_string(Kind::Binary, copied);
  strings_.push_back(string_of(bytes));
  return Value(Kind::ByteArray, k_table_flag | (strings_.size() - 1));
}

std::string_view Graph::string_of(Value value) const {
  const std::uint64_t payload = value.payload();
  if ((payload & k_table_flag) != 0) return strings_[payload & ~k_table_flag];
  return {source_.data() + (payload >> k_length_bits), payload & k_max_inline_length};
}

template <typename T>
void Graph::push(Block<T>& block, T item) {
  if (block.size == block.capacity) {
    if (block.capacity > std::numeric_limits<std::uint32_t>::max() / 2)
      throw Error(ErrorCode::LimitNodes, "a container has more than 2,147,483,647 items");
    const std::uint32_t capacity = block.capacity == 0 ? 4 : block.capacity * 2;
    if (!arena_.extend(block.data, block.capacity * sizeof(T), capacity * sizeof(T))) {
      T* data = static_cast<T*>(arena_.allocate(capacity * sizeof(T)));
      std::copy_n(block.data, block.size, data);
      block.data = data;
    }
    block.capacity = capacity;
  }
  block.data[block.size++] = item;
}

template <typename T>
void Graph::assign(Block<T>& block, std::span<const T> items) {
  if (items.size() > std::numeric_limits<std::uint32_t>::max() / 2)
    throw Error(ErrorCode::LimitNodes, "a container has more than 2,147,483,647 items");
  T* data = items.empty() ? nullptr : static_cast<T*>(arena_.allocate(items.size_bytes()));
  std::copy(items.begin(), items.end(), data);
  block = {data, static_cast<std::uint32_t>(items.size()), static_cast<std::uint32_t>(items.size())};
}

Value Graph::make_sequence(Kind kind, std::span<const Value> sequence_items) {
  sequences_.emplace_back();
  if (!sequence_items.empty()) assign(sequences_.back(), sequence_items);
  return Value(kind, sequences_.size() - 1);
}

std::span<const Value> Graph::items(Value sequence) const {
  const Block<Value>& block = sequences_[sequence.payload()];
  return {block.data, block.size};
}

void Graph::append(Value sequence, Value item) { push(sequences_[sequence.payload()], item); }

void Graph::set_item(Value sequence, std::size_t index, Value item) { sequences_[sequence.payload()].data[index] = item; }

void Graph::replace_items(Value sequence, std::span<const Value> new_items) {
  assign(sequences_[sequence.payload()], new_items);
}

Value Graph::make_dict() {
  dicts_.emplace_back();
  return Value(Kind::Dict, dicts_.size() - 1);
}

Value Graph::make_instance(Value class_global) {
  instances_.push_back({{}, class_global});
  return Value(Kind::Instance, instances_.size() - 1);
}

Graph::Block<Entry>& Graph::entries_block(Value v) {
  return v.is(Kind::Dict) ? dicts_[v.payload()] : instances_[v.payload()].attributes;
}

const Graph::Block<Entry>& Graph::entries_block(Value v) const {
  return v.is(Kind::Dict) ? dicts_[v.payload()] : instances_[v.payload()].attributes;
}

std::span<const Entry> Graph::entries(Value dict_or_instance) const {
  const Block<Entry>& block = entries_block(dict_or_instance);
  return {block.data, block.size};
}

void Graph::add_entry(Value dict_or_instance, Value key, Value value) { push(entries_block(dict_or_instance), {key, value}); }

void Graph::add_entries(Value to, Value from) {
  const Block<Entry> source = entries_block(from);
  Block<Entry>& target = entries_block(to);
  if (target.size == 0) {
    // Shares the memory: nothing is ever changed in a block in place but by set(), which copies first, and a push onto a
    // full block moves it. The usual BUILD of a pickle thus copies nothing.
    target = {source.data, source.size, source.size};
    entries_block(from).capacity = source.size;
    return;
  }
  for (std::uint32_t i = 0; i < source.size; ++i) push(entries_block(to), source.data[i]);
}

void Graph::replace_entries(Value dict_or_instance, std::span<const Entry> new_entries) {
  assign(entries_block(dict_or_instance), new_entries);
}

void Graph::set_facet(Value instance, Facet which, Value value) { facets_[facet_key(instance, which)] = value; }

Value Graph::facet(Value instance, Facet which) const {
  const auto found = facets_.find(facet_key(instance, which));
  return found == facets_.end() ? Value() : found->second;
}

Value Graph::find(Value dict_or_instance, std::string_view name) const {
  if (!dict_or_instance.is(Kind::Dict) && !dict_or_instance.is(Kind::Instance)) return {};
  for (const Entry& entry : entries(dict_or_instance))
    if (is_name(entry.key) && string_of(entry.key) == name) return entry.value;
  return {};
}

void Graph::set(Value dict_or_instance, std::string_view name, Value value) {
  std::vector<Entry> changed(entries(dict_or_instance).begin(), entries(dict_or_instance).end());
  const auto named = [&](const Entry& e) { return is_name(e.key) && string_of(e.key) == name; };
  const auto found = std::find_if(changed.begin(), changed.end(), named);
  if (found == changed.end()) {
    changed.push_back({make_string(Kind::Bytes, name), value});
  } else {
    found->value = value;
  }
  replace_entries(dict_or_instance, changed);
}

bool Graph::erase(Value dict_or_instance, std::string_view name) {
  std::vector<Entry> kept;
  for (const Entry& e : entries(dict_or_instance))
    if (!is_name(e.key) || string_of(e.key) != name) kept.push_back(e);
  const bool found = kept.size() != entries(dict_or_instance).size();
  if (found) replace_entries(dict_or_instance, kept);
  return found;
}

Value Graph::make_global(std::string_view module, std::string_view name, GlobalKind kind) {
  const bool function = kind == GlobalKind::Function;
  std::string key(1, function ? 'f' : 'c');
  key.append(module).append("\n").append(name);
  const auto [slot, inserted] = global_index_.try_emplace(std::move(key));
  if (inserted) {
    globals_.push_back({std::string(module), std::string(name), function});
    qualified_names_.push_back(globals_.back().qualified());
    slot->second = Value(Kind::Global, globals_.size() - 1);
  }
  return slot->second;
}

std::string Graph::class_name(Value value) const {
  return value.is(Kind::Instance) && class_of(value) ? global(class_of(value)).qualified() : std::string();
}

}  // namespace gt::object
