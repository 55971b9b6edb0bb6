#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "lib/object/duplicate_keys.h"
#include "lib/object/python2.h"
#include "tests/unit/base/support.h"
#include "tests/unit/object/support.h"

// The orders are those in which CPython 2.7.18 (x86-64 Linux, UCS4) walked a dict and a set that were filled key by key.
namespace gt::object {
namespace {

using gt::testing::code_of;
using gt::testing::error_of;
using testing::Builder;
using Order = std::vector<std::uint32_t>;

Order order_of_ints(const std::vector<std::int64_t>& keys) {
  Graph graph;
  std::vector<std::int64_t> hashes;
  for (const std::int64_t key : keys) hashes.push_back(python2_hash(graph, graph.make_int(key)));
  return python2_table_order(hashes);
}

Order order_of_strings(const std::vector<std::string>& keys) {
  std::vector<std::int64_t> hashes;
  for (const std::string& key : keys) hashes.push_back(python2_hash(key, Kind::Bytes));
  return python2_table_order(hashes);
}

TEST_CASE("small tables of integers, with collisions") {
  struct Row {
    std::vector<std::int64_t> keys;
    Order order;
  };
  const Row rows[] = {
      {{}, {}},
      {{5}, {0}},
      {{0, 8, 16, 24, 32}, {0, 1, 4, 2, 3}},  // all want slot 0
      {{32, 24, 16, 8, 0}, {0, 1, 4, 2, 3}},
      {{8, 0, 1, 9}, {0, 1, 3, 2}},
      {{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
      {{-1, -2}, {1, 0}},  // both hash to -2
      {{-2, -1}, {1, 0}},
      {{7, 15, 23, 31, 39, 47}, {4, 0, 1, 2, 5, 3}},
      {{0, 4294967296, 8589934592, 12884901888, 17179869184}, {0, 1, 4, 2, 3}},  // told apart by the perturbation only
      {{5, 13, 21, 29, 37, 6, 14}, {4, 5, 1, 6, 2, 3, 0}},
      {{0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160, 168},
       {0, 16, 1, 2, 3, 19, 4, 5, 6, 17, 7, 8, 20, 9, 10, 11, 12, 18, 13, 14, 21, 15}},
  };
  for (const Row& row : rows) CHECK(order_of_ints(row.keys) == row.order);
}

TEST_CASE("small tables of strings") {
  CHECK(order_of_strings({"a", "b", "c"}) == Order{0, 2, 1});
  CHECK(order_of_strings({"task_id", "resources", "renderer", "options", "max_price", "full_task_timeout"}) ==
        Order{0, 3, 5, 2, 4, 1});
  CHECK(order_of_strings({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}) ==
        Order{11, 10, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8});
}

TEST_CASE("tables of mixed keys") {
  Builder g;
  const auto order = [&](const std::vector<Value>& keys) {
    std::vector<std::int64_t> hashes;
    for (const Value key : keys) hashes.push_back(python2_hash(g.graph, key));
    return python2_table_order(hashes);
  };
  CHECK(order({g.l("18446744073709551616"), g.i(1), g.i(0)}) == Order{2, 0, 1});
  CHECK(order({g.u("\xc5\xbc"), g.b("z"), g.b("zz"), g.b("")}) == Order{3, 1, 0, 2});
  CHECK(order({g.tuple({g.i(1), g.i(2)}), g.tuple({g.i(2), g.i(1)}), g.tuple({g.i(0)})}) == Order{0, 2, 1});
  CHECK(order({g.f(0.5), g.f(0.25), g.f(0.125), g.f(1e300)}) == Order{0, 1, 2, 3});
}

std::uint64_t fingerprint(const Order& order) {
  std::uint64_t out = 0;
  for (const std::uint32_t index : order) out = out * 1000003 + index;
  return out;
}

TEST_CASE("tables grow as Python's did: fourfold, and twofold behind 50000 keys") {
  struct Row {
    std::uint64_t count;
    std::uint64_t integers;  // fingerprint of the order of (i * 2654435761) % 2^40
    std::uint64_t strings;   // of "k%d" % i
  };
  const Row rows[] = {
      {5, 1000011000042000058u, 7117985468585586998u},       {6, 13560929337037241957u, 17027051909202349929u},
      {21, 11307113496045849412u, 9893309427733071374u},     {22, 4018666250308767741u, 18219537595269624255u},
      {85, 7896044114638703242u, 5482305987561753542u},      {86, 13646625976229798483u, 16328789733395287773u},
      {341, 1293188103413927748u, 4279790998116731266u},     {342, 10011065694427336581u, 8299260840894911267u},
      {21845, 6758206132905435802u, 10647172484476588788u},  {21846, 6557639337884808879u, 11409550956038295191u},
      {50001, 12989299142030472602u, 17475006403951548852u}, {60000, 11466596052987796300u, 13612320554345808288u},
      {100000, 801795768563843244u, 13400218981156472940u},  {140000, 2218377380745683218u, 11330510495255467168u},
  };
  for (const Row& row : rows) {
    CAPTURE(row.count);
    std::vector<std::int64_t> integers;
    std::vector<std::int64_t> strings;
    for (std::uint64_t i = 0; i < row.count; ++i) {
      integers.push_back(static_cast<std::int64_t>(i * 2654435761u % (std::uint64_t{1} << 40)));
      strings.push_back(python2_hash("k" + std::to_string(i), Kind::Bytes));
    }
    CHECK(fingerprint(python2_table_order(integers)) == row.integers);
    CHECK(fingerprint(python2_table_order(strings)) == row.strings);
  }
}

TEST_CASE("a set keeps the first of equal elements") {
  Builder g;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Value one_nan = g.f(nan);
  const std::vector<Value> items = {
      g.i(1),  g.l("1"), g.f(1.0),          Value::boolean(true), g.b("a"),        g.u("a"),       one_nan,
      one_nan, g.f(nan), g.tuple({g.i(1)}), g.tuple({g.f(1.0)}),  g.u("\xc3\xa9"), g.b("\xc3\xa9")};
  const std::vector<Value> unique = python2_unique(g.graph, items);
  CHECK(unique == std::vector<Value>{items[0], items[4], items[6], items[8], items[9], items[11], items[12]});
  CHECK(python2_unique(g.graph, {}).empty());
  // Few strings are compared in a way of their own.
  const Value a = g.b("a");
  const Value b = g.u("b");
  CHECK(python2_unique(g.graph, std::vector<Value>{b, a}) == std::vector<Value>{b, a});
  CHECK(python2_unique(g.graph, std::vector<Value>{a, g.u("a"), b, g.b("a")}) == std::vector<Value>{a, b});
  CHECK(python2_unique(g.graph, std::vector<Value>{items[12], items[11]}) == std::vector<Value>{items[12], items[11]});
  CHECK(code_of(error_of([&] { python2_unique(g.graph, std::vector<Value>{g.i(1), g.list({})}); })) == "graph.unhashable");
}

TEST_CASE("a set is walked in the order of its table, unless the order of the walk was recorded") {
  Builder g;
  const Value set = g.sequence(Kind::Set, {g.i(10), g.i(9), g.i(8)});
  const auto walk = [&] {
    std::string out;
    for (const Value v : python2_walk(g.graph, set)) out += std::to_string(g.graph.int_of(v)) + " ";
    return out;
  };
  CHECK(walk() == "8 9 10 ");
  g.graph.set_walk_order_known(set);
  CHECK(walk() == "10 9 8 ");
}

TEST_CASE("a key that is set twice keeps its first place and its last value") {
  Builder g;
  const Value dict = g.graph.make_dict();
  const auto add = [&](Value key, int value) { g.graph.add_entry(dict, key, g.i(value)); };
  add(g.b("a"), 0);
  add(g.i(1), 1);
  add(g.u("a"), 2);
  add(g.f(1.0), 3);
  add(g.b("b"), 4);
  add(Value::boolean(true), 5);
  const std::vector<DuplicateKey> found = merge_duplicate_keys(g.graph);
  REQUIRE(g.graph.entries(dict).size() == 3);
  CHECK(g.graph.entries(dict)[0].key.is(Kind::Bytes));
  CHECK(g.graph.int_of(g.graph.entries(dict)[0].value) == 2);
  CHECK(g.graph.entries(dict)[1].key.is(Kind::Int));
  CHECK(g.graph.int_of(g.graph.entries(dict)[1].value) == 5);
  CHECK(g.graph.int_of(g.graph.entries(dict)[2].value) == 4);
  struct Row {
    std::uint32_t first;
    std::uint32_t second;
    std::int64_t lost;
    std::int64_t kept;
  };
  const Row rows[] = {{0, 2, 0, 2}, {1, 3, 1, 3}, {3, 5, 3, 5}};
  REQUIRE(found.size() == std::size(rows));
  for (std::size_t n = 0; n < found.size(); ++n) {
    CAPTURE(n);
    CHECK(found[n].container == dict);
    CHECK(found[n].first == rows[n].first);
    CHECK(found[n].second == rows[n].second);
    CHECK(g.graph.int_of(found[n].first_value) == rows[n].lost);
    CHECK(g.graph.int_of(found[n].second_value) == rows[n].kept);
  }
  CHECK(merge_duplicate_keys(g.graph).empty());
}

TEST_CASE("duplicates are found in large dicts and in instances, unhashable keys in any") {
  Builder g;
  const Value instance = g.graph.make_instance(g.graph.make_global("m", "C"));
  for (int n = 0; n < 100; ++n) g.graph.add_entry(instance, g.b("k" + std::to_string(n % 50)), g.i(n));
  CHECK(merge_duplicate_keys(g.graph).size() == 50);
  REQUIRE(g.graph.entries(instance).size() == 50);
  CHECK(g.graph.int_of(g.graph.find(instance, "k7")) == 57);

  Builder other;
  other.graph.add_entry(other.graph.make_dict(), other.tuple({other.list({})}), other.i(1));
  CHECK(code_of(error_of([&] { merge_duplicate_keys(other.graph); })) == "graph.unhashable");
}

}  // namespace
}  // namespace gt::object
