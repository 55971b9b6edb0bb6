// Shapes of keys, equal keys, and the order of a table whose keys were made to collide.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "lib/object/duplicate_keys.h"
#include "lib/object/key_index.h"
#include "lib/object/key_shapes.h"
#include "lib/object/python2.h"
#include "tests/unit/object/support.h"

namespace gt::object {
namespace {

using testing::Builder;

Value dict_of(Builder& g, const std::vector<Value>& keys) {
  const Value dict = g.graph.make_dict();
  for (const Value key : keys) g.graph.add_entry(dict, key, Value::none());
  return dict;
}

TEST_CASE("containers with equal keys in the same order have one shape, all others have their own") {
  Builder g;
  const Value same[] = {dict_of(g, {g.b("one"), g.b("two")}), dict_of(g, {g.b("one"), g.b("two")})};
  const Value others[] = {dict_of(g, {g.b("two"), g.b("one")}),
                          dict_of(g, {g.b("one"), g.u("two")}),
                          dict_of(g, {g.b("one")}),
                          dict_of(g, {g.b("one"), g.b("twa")}),
                          dict_of(g, {g.b("one"), g.i(2)}),
                          dict_of(g, {g.b("one"), g.b("two"), g.b("three")}),
                          dict_of(g, {})};
  merge_duplicate_keys(g.graph);
  CHECK(g.graph.shape(same[0]) != 0);
  CHECK(g.graph.shape(same[0]) == g.graph.shape(same[1]));
  for (std::size_t i = 0; i < std::size(others); ++i) {
    CAPTURE(i);
    CHECK(g.graph.shape(others[i]) != g.graph.shape(same[0]));
    for (std::size_t j = 0; j < i; ++j) CHECK(g.graph.shape(others[i]) != g.graph.shape(others[j]));
  }
}

TEST_CASE("keys of every length are compared to their last byte") {
  for (const std::size_t length : {1, 3, 4, 7, 8, 9, 15, 16, 17, 40, 256}) {
    for (std::size_t at = 0; at < length; ++at) {
      Builder g;
      std::string changed(length, 'k');
      changed[at] = 'x';
      const Value a = dict_of(g, {g.b(std::string(length, 'k'))});
      const Value b = dict_of(g, {g.b(changed)});
      const Value c = dict_of(g, {g.b(std::string(length, 'k'))});
      merge_duplicate_keys(g.graph);
      CHECK(g.graph.shape(a) != g.graph.shape(b));
      CHECK(g.graph.shape(a) == g.graph.shape(c));
    }
  }
}

TEST_CASE("a shape is forgotten when the keys change, and shared with the instance that took the entries over") {
  Builder g;
  const Value dict = dict_of(g, {g.b("a")});
  const Value instance = g.graph.make_instance(g.graph.make_global("m", "C"));
  g.graph.add_entries(instance, dict);
  merge_duplicate_keys(g.graph);
  CHECK(g.graph.shape(instance) == g.graph.shape(dict));
  CHECK(g.graph.shape(instance) != 0);
  g.graph.add_entry(instance, g.b("b"), Value::none());
  CHECK(g.graph.shape(instance) == 0);
  CHECK(g.graph.shape(dict) != 0);
  g.graph.set(dict, "c", Value::none());
  CHECK(g.graph.shape(dict) == 0);
}

TEST_CASE("keys that are asked for as pairs are found by what they are, not by what they say") {
  Builder g;
  const Value a = g.b("a");
  const Value b = g.b("b");
  const Value dict = dict_of(g, {a, b});
  KeyShapes shapes(g.graph);
  const auto recent = [&shapes](const std::vector<Value>& pairs) { return shapes.find_recent(pairs); };
  CHECK(recent({a, b, b, a}) == 0);
  REQUIRE(number_key_shape(g.graph, dict, shapes));
  CHECK(recent({a, Value::none(), b, a}) == 0);  // found once: then it is recent
  CHECK(shapes.find(g.graph.entries(dict)) == g.graph.shape(dict));
  CHECK(recent({a, Value::none(), b, a}) == g.graph.shape(dict));
  CHECK(recent({b, a, a, a}) == 0);
  CHECK(recent({a, a}) == 0);
  CHECK(recent({a, a, a, a}) == 0);
  CHECK(recent({}) == 0);
}

TEST_CASE("many shapes and large ones cost a bounded amount: they have no number") {
  Builder g;
  std::vector<Value> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(g.b("key" + std::to_string(i)));
  const Value large = dict_of(g, keys);
  std::vector<Value> dicts;
  for (int i = 0; i < 20'000; ++i) dicts.push_back(dict_of(g, {g.b("k" + std::to_string(i))}));
  merge_duplicate_keys(g.graph);
  CHECK(g.graph.shape(large) == 0);
  std::uint32_t most = 0;
  for (const Value dict : dicts) most = std::max(most, g.graph.shape(dict));
  CHECK(most > 100);
  CHECK(most < 10'000);
}

TEST_CASE("a key index tells as one what Python tells as one") {
  Builder g;
  struct Row {
    Value a;
    Value b;
    bool equal;
  };
  const Value nan = g.f(std::nan(""));
  const Row rows[] = {
      {g.i(1), g.l("1"), true},
      {g.i(1), g.f(1), true},
      {g.i(1), Value::boolean(true), true},
      {g.i(0), Value::boolean(false), true},
      {g.f(0.0), g.f(-0.0), true},
      {g.l("123456789012345678901234567890"), g.l("123456789012345678901234567890"), true},
      {g.l("-123456789012345678901234567890"), g.l("123456789012345678901234567890"), false},
      {g.f(1e30), g.l("1000000000000000019884624838656"), true},
      {g.f(0.5), g.f(0.5), true},
      {g.f(0.5), g.i(0), false},
      {g.f(INFINITY), g.f(INFINITY), true},
      {g.f(INFINITY), g.f(-INFINITY), false},
      {nan, nan, true},
      {nan, g.f(std::nan("")), false},
      {g.b("a"), g.u("a"), true},
      {g.b("\xc3\xa9"), g.u("\xc3\xa9"), false},
      {g.b("12345678"), g.b("123456789"), false},
      {g.graph.make_string(Kind::Binary, "a"), g.b("a"), false},
      {g.tuple({g.i(1), g.b("x")}), g.tuple({g.f(1), g.u("x")}), true},
      {g.tuple({g.i(1), g.i(2)}), g.tuple({g.i(2), g.i(1)}), false},
      {g.frozen({g.i(1), g.i(2)}), g.frozen({g.i(2), g.f(1)}), true},
      {g.frozen({g.i(1), g.i(2)}), g.frozen({g.i(1), g.i(3)}), false},
      {Value::none(), g.i(0), false},
  };
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    CAPTURE(i);
    KeyIndex index(g.graph, 2);
    CHECK(index.find_or_add(rows[i].a, 0) == 0);
    CHECK(index.find_or_add(rows[i].b, 1) == (rows[i].equal ? 0 : 1));
  }
}

// The table of Objects/dictobject.c of 2.7, word by word.
std::vector<std::uint32_t> naive_order(const std::vector<std::int64_t>& hashes) {
  std::vector<std::uint32_t> slots(8, ~0u);
  const auto place = [&](std::uint32_t index) {
    std::uint64_t perturb = static_cast<std::uint64_t>(hashes[index]);
    std::uint64_t i = perturb & (slots.size() - 1);
    while (slots[i & (slots.size() - 1)] != ~0u) {
      i = (i << 2) + i + perturb + 1;
      perturb >>= 5;
    }
    slots[i & (slots.size() - 1)] = index;
  };
  for (std::uint32_t n = 0; n < hashes.size(); ++n) {
    place(n);
    if ((n + 1) * 3 < slots.size() * 2) continue;
    std::size_t size = 8;
    while (size <= (n + 1) * (n + 1 > 50000 ? 2u : 4u)) size <<= 1;
    std::vector<std::uint32_t> old(size, ~0u);
    old.swap(slots);
    for (const std::uint32_t index : old)
      if (index != ~0u) place(index);
  }
  std::vector<std::uint32_t> out;
  for (const std::uint32_t index : slots)
    if (index != ~0u) out.push_back(index);
  return out;
}

TEST_CASE("keys with colliding hashes lie where Python puts them") {
  for (const std::int64_t step : {std::int64_t{0}, std::int64_t{1}, std::int64_t{8}, std::int64_t{1} << 20,
                                  std::int64_t{1} << 44, std::int64_t{1} << 60, std::int64_t{-7}}) {
    for (const std::size_t count : {1, 5, 6, 40, 1000}) {
      CAPTURE(step);
      CAPTURE(count);
      std::vector<std::int64_t> hashes;
      for (std::size_t i = 0; i < count; ++i)
        hashes.push_back(static_cast<std::int64_t>(12345 + static_cast<std::uint64_t>(step) * i));
      CHECK(python2_table_order(hashes) == naive_order(hashes));
    }
  }
}

TEST_CASE("the order of 200,000 keys with one hash is found in no time") {
  const std::vector<std::int64_t> hashes(200'000, 77);
  const auto start = std::chrono::steady_clock::now();
  CHECK(python2_table_order(hashes).size() == hashes.size());
  // Word by word it would be 2 * 10^10 steps.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

}  // namespace
}  // namespace gt::object
