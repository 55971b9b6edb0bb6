// The object graph: what a reader builds and a writer walks. One arena, 8-byte values, no reference counts: shared parts
// and cycles are as cheap as trees, and destruction never recurses.
//
// A graph never calls or imports anything: classes and functions are names.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/object/arena.h"
#include "lib/object/big_int.h"
#include "lib/object/value.h"

namespace gt::object {

// A class or function as a pickle or jsonpickle document names it.
struct GlobalName {
  std::string module;
  std::string name;
  bool function = false;  // said to be a function (py/function); a pickle does not tell
  std::string qualified() const { return module + "." + name; }
};

// What an instance carries besides attributes, as jsonpickle names it.
enum class Facet : std::uint8_t { NewArgsEx, NewArgs, InitArgs, State, Seq, DefaultFactory, Reduce, Iterator, Repr };

class Graph {
 public:
  // `source` (may be empty) is what with_view() strings point into; it must outlive the graph.
  explicit Graph(std::string_view source = {}) : source_(source) {}
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  Value root() const { return root_; }
  void set_root(Value root) { root_ = root; }
  std::string_view source() const { return source_; }

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

  // Sequences. Sets keep the order in which their elements were first added; duplicates must be gone already.
  Value make_sequence(Kind kind, std::span<const Value> items = {});
  std::span<const Value> items(Value sequence) const;
  void append(Value sequence, Value item);
  void set_item(Value sequence, std::size_t index, Value item);
  void replace_items(Value sequence, std::span<const Value> items);

  // A set that was read in the order in which Python walked it, not in the order in which it was filled.
  void set_walk_order_known(Value set) { walked_sets_.insert(handle(set)); }
  bool walk_order_known(Value set) const { return walked_sets_.contains(handle(set)); }

  // Dicts and instances. add_entry appends; a key added twice is merged by merge_duplicate_keys (python2.h).
  Value make_dict();
  Value make_instance(Value class_global);
  Value class_of(Value instance) const { return instances_[instance.payload()].class_global; }
  void set_class(Value instance, Value class_global) { instances_[instance.payload()].class_global = class_global; }
  std::span<const Entry> entries(Value dict_or_instance) const;
  void add_entry(Value dict_or_instance, Value key, Value value);
  // All entries of `from` added behind those of `to`.
  void add_entries(Value to, Value from);
  void replace_entries(Value dict_or_instance, std::span<const Entry> entries);

  void set_facet(Value instance, Facet facet, Value value);
  Value facet(Value instance, Facet facet) const;  // Absent if there is none

  // Attributes by name (Bytes or Text key with these ASCII characters). find gives Absent.
  Value find(Value dict_or_instance, std::string_view name) const;
  void set(Value dict_or_instance, std::string_view name, Value value);  // replaces in place or appends a Bytes key
  bool erase(Value dict_or_instance, std::string_view name);

  enum class GlobalKind : std::uint8_t { Class, Function };
  Value make_global(std::string_view module, std::string_view name, GlobalKind kind = GlobalKind::Class);
  const GlobalName& global(Value value) const { return globals_[value.payload()]; }
  // "module.Name"; valid as long as the graph.
  std::string_view qualified_name(Value global) const { return qualified_names_[global.payload()]; }
  // "module.Name" of an instance's class, empty for every other kind.
  std::string class_name(Value value) const;

  const std::deque<GlobalName>& globals() const { return globals_; }

  // Handles of sequences, of dicts and of instances run from 0 to these counts.
  std::size_t sequence_count() const { return sequences_.size(); }
  std::size_t dict_count() const { return dicts_.size(); }
  std::size_t instance_count() const { return instances_.size(); }
  static std::uint64_t handle(Value node) { return node.payload(); }
  Value dict_at(std::size_t handle) const { return Value(Kind::Dict, handle); }
  Value instance_at(std::size_t handle) const { return Value(Kind::Instance, handle); }

 private:
  template <typename T>
  struct Block {
    T* data = nullptr;
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;
  };
  struct InstanceNode {
    Block<Entry> attributes;
    Value class_global;
  };

  template <typename T>
  void push(Block<T>& block, T item);
  template <typename T>
  void assign(Block<T>& block, std::span<const T> items);
  static std::uint64_t facet_key(Value instance, Facet facet) {
    return handle(instance) << 4 | static_cast<std::uint64_t>(facet);
  }
  Block<Entry>& entries_block(Value dict_or_instance);
  const Block<Entry>& entries_block(Value dict_or_instance) const;

  std::string_view source_;
  Value root_;
  Arena arena_;
  std::vector<std::int64_t> wide_ints_;
  std::vector<double> floats_;
  std::vector<BigInt> longs_;
  std::vector<std::string_view> strings_;
  std::vector<Block<Value>> sequences_;
  std::vector<Block<Entry>> dicts_;
  std::vector<InstanceNode> instances_;
  std::unordered_map<std::uint64_t, Value> facets_;  // by instance handle and facet
  std::deque<GlobalName> globals_;
  std::deque<std::string> qualified_names_;
  std::unordered_map<std::string, Value> global_index_;
  std::unordered_set<std::uint64_t> walked_sets_;
};

}  // namespace gt::object
