// The object graph: what a reader builds and a writer walks. One arena, 8-byte values, no reference counts: shared parts
// and cycles are as cheap as trees, and destruction never recurses.
//
// A graph never calls or imports anything: classes and functions are names.
#pragma once

#include <cassert>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/object/arena.h"
#include "lib/object/big_int.h"
#include "lib/object/long_keys.h"
#include "lib/object/value.h"

namespace gt::object {

// A class or function as a pickle or jsonpickle document names it: views that are valid as long as its graph.
struct GlobalName {
  std::string_view module;
  std::string_view name;
  std::string_view qualified;  // "module.name"
  bool function = false;       // said to be a function (py/function); a pickle does not tell
};

// What an instance carries besides attributes, as jsonpickle names it.
enum class Facet : std::uint8_t { NewArgsEx, NewArgs, InitArgs, State, Seq, DefaultFactory, Reduce, Iterator, Repr };
inline constexpr Facet k_all_facets[] = {Facet::NewArgsEx,      Facet::NewArgs, Facet::InitArgs, Facet::State, Facet::Seq,
                                         Facet::DefaultFactory, Facet::Reduce,  Facet::Iterator, Facet::Repr};

// How a pickle made an instance, where its class does not tell. Only who writes pickles needs to know.
struct Making {
  bool classic = false;     // by INST or OBJ: its class may have no __new__
  bool by_base = false;     // by __new__ of its built-in base, with the one argument of NewArgs, not by its own
  std::uint32_t items = 0;  // this many of the first entries are items of a class derived from dict, not attributes
  std::uint32_t slots = 0;  // this many of the last entries are in slots
  bool operator==(const Making&) const = default;
};

// What a key had before it was set again, and what Python forgot.
struct LostValue {
  Value container;
  Value key;
  Value value;
};

class Graph {
 public:
  // `source` (may be empty) is what with_view() strings point into; it must outlive the graph.
  explicit Graph(std::string_view source = {}) : source_(source) {}
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  Value root() const { return root_; }
  void set_root(Value root) { root_ = root; }
  std::string_view source() const { return source_; }

  // True if it is sure that no container is in two places: a reader may know. Forgotten when something is put somewhere.
  bool is_tree() const { return tree_; }
  void set_is_tree() { tree_ = true; }
  // How many bytes the strings have that are in a second place, as far as a reader counted.
  std::uint64_t repeated_bytes() const { return repeated_bytes_; }
  void set_repeated_bytes(std::uint64_t bytes) { repeated_bytes_ = bytes; }

  // Scalars. Int becomes Int, Long stays Long however small: Python 2 tells 5 from 5L in a key's repr.
  Value make_int(std::int64_t value);
  Value make_long(BigInt value);
  Value make_float(double value);
  std::int64_t int_of(Value value) const;  // Kind::Int
  const BigInt& long_of(Value value) const { return longs_[value.payload()]; }
  double float_of(Value value) const { return floats_[value.payload()]; }

  // Strings: a view must lie in source(); anything else is copied. Text is UTF-8 with surrogates encoded as such.
  Value make_string_view(Kind kind, std::string_view in_source);
  Value make_string(Kind kind, std::string_view copied);
  Value make_byte_array(std::string_view copied);
  // The bytes of any kind of string; valid as long as the graph and its source.
  std::string_view string_of(Value value) const;
  // Whether two strings of any kind have the same bytes. Long ones are read once, however often they are asked for.
  bool have_same_bytes(Value a, Value b) const;
  // To be asked for by one thread at a time, as everything else.
  LongKeys& long_keys() const { return long_keys_; }

  // Sequences. Sets keep the order in which their elements were first added; duplicates must be gone already.
  Value make_sequence(Kind kind, std::span<const Value> items = {});
  std::span<const Value> items(Value sequence) const;
  void append(Value sequence, Value item);
  void append_all(Value sequence, std::span<const Value> items);  // which are not those of the sequence
  void set_item(Value sequence, std::size_t index, Value item);
  void replace_items(Value sequence, std::span<const Value> items);

  // A set that was read in the order in which Python walked it, not in the order in which it was filled.
  void set_walk_order_known(Value set) { walked_sets_.insert(handle(set)); }
  bool walk_order_known(Value set) const { return walked_sets_.contains(handle(set)); }

  // Dicts and instances. add_entry appends; a key added twice is merged by merge_duplicate_keys (duplicate_keys.h).
  Value make_dict();
  Value make_instance(Value class_global);
  Value class_of(Value instance) const { return instances_[instance.payload()].other; }
  void set_class(Value instance, Value class_global) { instances_[instance.payload()].other = class_global; }
  std::span<const Entry> entries(Value dict_or_instance) const;
  void add_entry(Value dict_or_instance, Value key, Value value);
  // Keys and values in turn.
  void add_pairs(Value dict_or_instance, std::span<const Value> pairs);
  // All entries of `from` added behind those of `to`.
  void add_entries(Value to, Value from);
  void replace_entries(Value dict_or_instance, std::span<const Entry> entries);

  // The shape of a dict's or instance's keys (key_shapes.h): two with the same shape have equal keys in the same order. It is
  // forgotten when entries change.
  std::uint32_t shape(Value dict_or_instance) const { return object_node(dict_or_instance).shape; }
  // Also for the instance that took over a dict's entries, if it still has them.
  void set_shape(Value dict_or_instance, std::uint32_t shape);

  void set_facet(Value instance, Facet facet, Value value);
  Value facet(Value instance, Facet facet) const;  // Absent if there is none
  // A bit for each facet that is there, at the number of its enumerator.
  unsigned facets(Value instance) const { return instances_[instance.payload()].facets; }

  void set_making(Value instance, Making making);
  Making making(Value instance) const;  // of a dict, too: the default
  // In the order in which they were lost, for each container.
  void add_lost_value(const LostValue& lost) { lost_values_.push_back(lost); }
  std::span<const LostValue> lost_values() const { return lost_values_; }

  // Attributes by name (Bytes or Text key with these ASCII characters). find gives Absent.
  Value find(Value dict_or_instance, std::string_view name) const {
    const Entry* entry = find_entry(dict_or_instance, name);
    return entry == nullptr ? Value() : entry->value;
  }
  void set(Value dict_or_instance, std::string_view name, Value value);  // replaces in place or appends a Bytes key
  bool erase(Value dict_or_instance, std::string_view name);

  enum class GlobalKind : std::uint8_t { Class, Function };
  Value make_global(std::string_view module, std::string_view name, GlobalKind kind = GlobalKind::Class);
  GlobalName global(Value value) const { return globals_[value.payload()]; }
  // "module.Name"; valid as long as the graph.
  std::string_view qualified_name(Value global) const { return globals_[global.payload()].qualified; }
  // "module.Name" of an instance's class, empty for every other kind; valid as long as the graph.
  std::string_view class_name(Value value) const {
    return value.is(Kind::Instance) && class_of(value) ? qualified_name(class_of(value)) : std::string_view();
  }

  // Valid until the next is made.
  std::span<const GlobalName> globals() const { return {globals_.begin(), globals_.size()}; }

  // Handles of sequences, of dicts and of instances run from 0 to these counts.
  std::size_t sequence_count() const { return sequences_.size(); }
  std::size_t dict_count() const { return dicts_.size(); }
  std::size_t instance_count() const { return instances_.size(); }
  // About as much memory as the graph takes.
  std::uint64_t memory_bytes() const;
  static std::uint64_t handle(Value node) { return node.payload(); }
  // All containers, numbered from 0 to this count: for tables beside the graph.
  std::size_t container_count() const { return sequences_.size() + dicts_.size() + instances_.size(); }
  std::size_t container_number(Value v) const {
    if (is_sequence(v.kind())) return v.payload();
    return sequences_.size() + v.payload() + (v.is(Kind::Dict) ? 0 : dicts_.size());
  }
  Value dict_at(std::size_t handle) const { return Value(Kind::Dict, handle); }
  Value instance_at(std::size_t handle) const { return Value(Kind::Instance, handle); }

 private:
  template <typename T>
  struct Block {
    T* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
  };
  struct ObjectNode {
    Block<Entry> entries;
    std::uint32_t shape = 0;
    std::uint32_t facets = 0;  // of an instance
    Value other;               // the class of an instance; the instance that took over the entries of a dict
  };

  // A payload has 59 bits. The highest says that the rest is an index of a table; else the value lies in the rest: an integer,
  // or a string as 34 bits of offset into the source and 24 bits of length.
  static constexpr unsigned k_inline_bits = 58;
  static constexpr std::uint64_t k_table_flag = std::uint64_t{1} << k_inline_bits;
  static constexpr std::int64_t k_inline_int_limit = std::int64_t{1} << (k_inline_bits - 1);
  static constexpr unsigned k_length_bits = 24;
  static constexpr std::uint64_t k_max_inline_length = (std::uint64_t{1} << k_length_bits) - 1;
  static constexpr std::uint64_t k_max_inline_offset = (std::uint64_t{1} << (k_inline_bits - k_length_bits)) - 1;

  template <typename T>
  [[gnu::always_inline]] void push(Block<T>& block, T item) {
    if (block.size == block.capacity) grow(block);
    block.data[block.size++] = item;
  }
  template <typename T>
  void grow(Block<T>& block, std::size_t at_least = 1);
  template <typename T>
  void assign(Block<T>& block, std::span<const T> items);
  Value make_wide_int(std::int64_t value);
  Value make_table_string(Kind kind, std::string_view kept);
  // The entry of that name; nullptr if there is none.
  const Entry* find_entry(Value dict_or_instance, std::string_view name) const;
  std::string_view keep(std::string_view text);
  static std::uint64_t facet_key(Value instance, Facet facet) {
    return handle(instance) << 4 | static_cast<std::uint64_t>(facet);
  }
  ObjectNode& object_node(Value v) { return v.is(Kind::Dict) ? dicts_[v.payload()] : instances_[v.payload()]; }
  const ObjectNode& object_node(Value v) const { return v.is(Kind::Dict) ? dicts_[v.payload()] : instances_[v.payload()]; }

  std::string_view source_;
  Value root_;
  bool tree_ = false;
  std::uint64_t repeated_bytes_ = 0;
  Arena arena_;
  Table<std::int64_t> wide_ints_;
  Table<double> floats_;
  std::vector<BigInt> longs_;
  Table<std::string_view> strings_;
  Table<Block<Value>> sequences_;
  Table<ObjectNode> dicts_;
  Table<ObjectNode> instances_;
  std::unordered_map<std::uint64_t, Value> facets_;  // by instance handle and facet
  Table<GlobalName> globals_;
  std::unordered_map<std::string, Value> global_index_;
  std::string global_key_;
  std::unordered_set<std::uint64_t> walked_sets_;
  std::unordered_map<std::uint64_t, Making> makings_;  // by instance handle
  std::vector<LostValue> lost_values_;
  mutable LongKeys long_keys_;
};

// What decoding and encoding do for each value.

[[gnu::always_inline]] inline Value Graph::make_int(std::int64_t value) {
  if (value < -k_inline_int_limit || value >= k_inline_int_limit) return make_wide_int(value);
  return Value(Kind::Int, static_cast<std::uint64_t>(value) & (k_table_flag - 1));
}

inline std::int64_t Graph::int_of(Value value) const {
  const std::uint64_t payload = value.payload();
  if ((payload & k_table_flag) != 0) return wide_ints_[payload & ~k_table_flag];
  constexpr unsigned k_shift = 64 - k_inline_bits;
  return static_cast<std::int64_t>(payload << k_shift) >> k_shift;
}

[[gnu::always_inline]] inline Value Graph::make_string_view(Kind kind, std::string_view in_source) {
  const auto offset = static_cast<std::uint64_t>(in_source.data() - source_.data());
  assert(in_source.empty() || (in_source.data() >= source_.data() && offset + in_source.size() <= source_.size()));
  if (in_source.empty()) return Value(kind, 0);
  if (in_source.size() > k_max_inline_length || offset > k_max_inline_offset) return make_table_string(kind, in_source);
  return Value(kind, offset << k_length_bits | in_source.size());
}

inline std::string_view Graph::string_of(Value value) const {
  const std::uint64_t payload = value.payload();
  if ((payload & k_table_flag) != 0) return strings_[payload & ~k_table_flag];
  return {source_.data() + (payload >> k_length_bits), payload & k_max_inline_length};
}

inline bool Graph::have_same_bytes(Value a, Value b) const {
  if (a.payload() == b.payload()) return true;
  const std::string_view left = string_of(a);
  const std::string_view right = string_of(b);
  if (left.size() != right.size() || left.size() < LongKeys::k_bytes) return left == right;
  return long_keys_.content(a, left).number == long_keys_.content(b, right).number;
}

inline std::span<const Value> Graph::items(Value sequence) const {
  const Block<Value>& block = sequences_[sequence.payload()];
  return {block.data, block.size};
}

[[gnu::always_inline]] inline void Graph::append(Value sequence, Value item) {
  tree_ = false;
  push(sequences_[sequence.payload()], item);
}

inline std::span<const Entry> Graph::entries(Value dict_or_instance) const {
  const Block<Entry>& block = object_node(dict_or_instance).entries;
  return {block.data, block.size};
}

inline void Graph::add_entry(Value dict_or_instance, Value key, Value value) {
  ObjectNode& node = object_node(dict_or_instance);
  node.shape = 0;
  tree_ = false;
  push(node.entries, {key, value});
}

}  // namespace gt::object
