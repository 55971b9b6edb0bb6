// What Python 2.7 (64-bit Linux, wide unicode, no hash randomisation) makes of values: hashes, equality of keys, the order
// in which dicts and sets are walked, repr. The JSON of 2016 shows all of these.
// Source: Objects/{dictobject,setobject,stringobject,longobject,floatobject,tupleobject}.c of CPython 2.7; docs/formats.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/object/graph.h"

namespace gt::object {

// hash() of a str or unicode with these characters.
std::int64_t python2_hash(std::string_view utf8, Kind kind);

// hash(value). Python hashes None, classes and instances by address, which no file records: they get a fixed number here.
// Throws GraphUnhashable for lists, dicts and sets, LimitDepth for a key nested deeper than 64 levels, LimitNodes for
// one of more than 10,000 parts.
std::int64_t python2_hash(const Graph& graph, Value value);
std::int64_t python2_hash(const Graph& graph, Value value, std::uint64_t& parts);  // also says how many

// The integer that a finite float without a fraction is.
BigInt python2_integral(double value);

// a == b as dict keys: 1, 1L, 1.0 and True are one key, 'a' and u'a' are one key.
bool python2_equal(const Graph& graph, Value a, Value b);

// The order in which a dict or set yields what was inserted in the order 0, 1, ... with these hashes, all keys being
// different: element i of the result is the index of the i-th key.
std::vector<std::uint32_t> python2_table_order(std::span<const std::int64_t> hashes);

// `items` without those that equal an earlier one: what set(items) holds, first come first.
std::vector<Value> python2_unique(const Graph& graph, std::span<const Value> items);

// The order in which Python 2 walks a set that was filled with `items` (all different) in this order.
std::vector<Value> python2_set_order(const Graph& graph, std::span<const Value> items);
// The order in which it walked this set.
std::vector<Value> python2_walk(const Graph& graph, Value set);
// The other way round: an order in which to fill a set that is then walked as `walked` says. Tried for up to 7 items, which
// most task files stay below; for more, or if there is none, `walked` itself, which is right unless hashes collide. Takes one
// of `tries` for each order that fails, and does not look further without: a forged file has many sets.
std::vector<Value> python2_fill_order(const Graph& graph, std::span<const Value> walked, std::uint64_t& tries);

// repr(float): the shortest digits that read back as the same number; nan and inf as Python spells them in `special`.
struct SpecialFloats {
  std::string_view nan;
  std::string_view infinity;
};
std::string python2_float_repr(double value, SpecialFloats special = {"nan", "inf"});

// repr(key) and unicode(key) as jsonpickle 0.9.3 calls them for dict keys. Throws GraphKey for a byte string that is no
// ASCII (unicode() fails on it) and for an instance (its repr holds an address).
std::string python2_repr(const Graph& graph, Value key);
std::string python2_sort_text(const Graph& graph, Value key);
// repr() of a str or unicode, without the u.
std::string python2_repr(std::string_view text, Kind kind);

}  // namespace gt::object
