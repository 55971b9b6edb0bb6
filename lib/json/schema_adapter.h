// Lets valijson validate a graph that json::read (not decode) made: the text is never parsed again, NaN, Infinity and
// integers of any size are what they are, and nothing is copied.
//
//   valijson::Schema schema;
//   valijson::SchemaParser().populateSchema(gt::json::SchemaAdapter(schema_graph), schema);
//   valijson::Validator().validate(schema, gt::json::SchemaAdapter(graph), &results);
//
// Both graphs must outlive the schema and every adapter. valijson recurses over the schema, not over the document: a
// document may be as deep as read allows, unless the schema refers to itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <valijson/internal/adapter.hpp>
#include <valijson/internal/basic_adapter.hpp>
#include <valijson/internal/frozen_value.hpp>

#include "lib/object/graph.h"

namespace gt::json {

class SchemaAdapter;

// The parts that valijson's templates ask for, with the names that they ask for.
namespace schema {

using object::Kind;
using valijson::adapters::DerefProxy;

// One value and the graph it lives in. Without a graph: an empty object.
struct Node {
  const object::Graph* graph = nullptr;
  object::Value value;

  bool is_object() const { return graph == nullptr || value.is(Kind::Dict); }
  std::size_t size() const {  // of a list or an object
    if (graph == nullptr) return 0;
    return value.is(Kind::List) ? graph->items(value).size() : graph->entries(value).size();
  }
};

using Member = std::pair<std::string, SchemaAdapter>;

// Over the values of a list or the members of an object. An index: a graph's blocks do not move while it is only read.
template <typename Item>
class Iterator {
 public:
  Iterator(Node container, std::size_t index) : container_(container), index_(index) {}

  Item operator*() const;
  DerefProxy<Item> operator->() const { return DerefProxy<Item>(**this); }
  bool operator==(const Iterator& other) const { return index_ == other.index_; }
  Iterator& operator++() { return advance(1); }
  Iterator& operator--() { return advance(-1); }
  Iterator operator++(int) {
    const Iterator before = *this;
    advance(1);
    return before;
  }
  Iterator& advance(std::ptrdiff_t n) {
    index_ += static_cast<std::size_t>(n);
    return *this;
  }

 private:
  Node container_;
  std::size_t index_;
};

template <typename Item>
class Container {
 public:
  using iterator = Iterator<Item>;
  using const_iterator = iterator;

  Container() = default;
  explicit Container(Node node) : node_(node) {}
  iterator begin() const { return iterator(node_, 0); }
  iterator end() const { return iterator(node_, size()); }
  std::size_t size() const { return node_.size(); }

  iterator find(const std::string& name) const {
    std::size_t i = 0;
    while (i < size() && node_.graph->string_of(node_.graph->entries(node_.value)[i].key) != name) ++i;
    return iterator(node_, i);
  }

 private:
  Node node_;
};

using Array = Container<SchemaAdapter>;
using Object = Container<Member>;

// A schema keeps its enum and const values: as references, for its graph outlives it.
class Frozen : public valijson::adapters::FrozenValue {
 public:
  explicit Frozen(Node node) : node_(node) {}
  valijson::adapters::FrozenValue* clone() const override { return new Frozen(node_); }
  bool equalTo(const valijson::adapters::Adapter& other, bool strict) const override;

 private:
  Node node_;
};

class Value {
 public:
  Value() = default;
  explicit Value(Node node) : node_(node) {}

  static bool hasStrictTypes() { return true; }
  bool isNull() const { return is(Kind::None); }
  bool isBool() const { return is(Kind::Bool); }
  bool isInteger() const { return is(Kind::Int) || is(Kind::Long); }
  bool isDouble() const { return is(Kind::Float); }
  bool isNumber() const { return isInteger() || isDouble(); }
  bool isString() const { return is(Kind::Text); }
  bool isArray() const { return is(Kind::List); }
  bool isObject() const { return node_.is_object(); }

  bool getBool(bool& result) const {
    if (isBool()) result = node_.value.as_bool();
    return isBool();
  }
  bool getDouble(double& result) const {
    if (isDouble()) result = node_.graph->float_of(node_.value);
    return isDouble();
  }
  // An integer beyond 64 bits is given as the largest of its sign: on the same side of every bound that a schema can set.
  bool getInteger(std::int64_t& result) const {
    using Limits = std::numeric_limits<std::int64_t>;
    if (is(Kind::Int)) result = node_.graph->int_of(node_.value);
    if (is(Kind::Long)) result = node_.graph->long_of(node_.value).negative() ? Limits::min() : Limits::max();
    return isInteger();
  }
  bool getString(std::string& result) const {
    if (isString()) result = node_.graph->string_of(node_.value);
    return isString();
  }
  bool getArraySize(std::size_t& result) const {
    if (isArray()) result = node_.size();
    return isArray();
  }
  bool getObjectSize(std::size_t& result) const {
    if (isObject()) result = node_.size();
    return isObject();
  }
  std::optional<Array> getArrayOptional() const {
    return isArray() ? std::optional<Array>(Array(node_)) : std::optional<Array>();
  }
  std::optional<Object> getObjectOptional() const {
    return isObject() ? std::optional<Object>(Object(node_)) : std::optional<Object>();
  }
  valijson::adapters::FrozenValue* freeze() const { return new Frozen(node_); }

 private:
  bool is(Kind kind) const { return node_.graph != nullptr && node_.value.is(kind); }

  Node node_;
};

}  // namespace schema

class SchemaAdapter
    : public valijson::adapters::BasicAdapter<SchemaAdapter, schema::Array, schema::Member, schema::Object, schema::Value> {
 public:
  SchemaAdapter() : SchemaAdapter(schema::Node{}) {}
  explicit SchemaAdapter(schema::Node node) : BasicAdapter(schema::Value(node)) {}
  explicit SchemaAdapter(const object::Graph& graph) : SchemaAdapter(schema::Node{&graph, graph.root()}) {}
};

namespace schema {

template <>
inline SchemaAdapter Iterator<SchemaAdapter>::operator*() const {
  return SchemaAdapter(Node{container_.graph, container_.graph->items(container_.value)[index_]});
}

template <>
inline Member Iterator<Member>::operator*() const {
  const object::Entry& entry = container_.graph->entries(container_.value)[index_];
  return {std::string(container_.graph->string_of(entry.key)), SchemaAdapter(Node{container_.graph, entry.value})};
}

inline bool Frozen::equalTo(const valijson::adapters::Adapter& other, bool strict) const {
  return SchemaAdapter(node_).equalTo(other, strict);
}

}  // namespace schema
}  // namespace gt::json

template <>
struct valijson::adapters::AdapterTraits<gt::json::SchemaAdapter> {
  using DocumentType = gt::object::Graph;
  static std::string adapterName() { return "gt::json::SchemaAdapter"; }
};
