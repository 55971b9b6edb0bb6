#include "lib/object/graph.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "tests/unit/object/support.h"

namespace gt::object {
namespace {

using testing::Builder;

std::string keys_of(const Graph& graph, Value owner) {
  std::string out;
  for (const Entry& e : graph.entries(owner))
    out += std::string(graph.string_of(e.key)) + "=" + std::to_string(graph.int_of(e.value)) + " ";
  return out;
}

TEST_CASE("every 64-bit integer comes back as it went in, inline or not") {
  constexpr std::int64_t k_limit = std::int64_t{1} << 58;
  Graph graph;
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, k_limit - 1, k_limit, k_limit + 1,
                                   -k_limit, -k_limit - 1, -k_limit + 1, 2 * k_limit, -2 * k_limit,
                                   std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    CAPTURE(value);
    const Value v = graph.make_int(value);
    CHECK(v.is(Kind::Int));
    CHECK(graph.int_of(v) == value);
  }
}

TEST_CASE("a default value is absent, and none and false are not") {
  CHECK_FALSE(static_cast<bool>(Value()));
  CHECK(Value().is(Kind::Absent));
  CHECK(static_cast<bool>(Value::none()));
  CHECK(static_cast<bool>(Value::boolean(false)));
  CHECK_FALSE(Value::boolean(false).as_bool());
  CHECK(Value::boolean(true).as_bool());
  CHECK(Value::boolean(true) == Value::boolean(true));
  CHECK_FALSE(Value::boolean(true) == Value::boolean(false));
  Graph graph;
  CHECK(static_cast<bool>(graph.make_int(0)));
  CHECK(static_cast<bool>(graph.make_string(Kind::Bytes, "")));
}

TEST_CASE("an int stays an int and a long a long") {
  Builder g;
  CHECK(g.i(5).is(Kind::Int));
  CHECK(g.l("5").is(Kind::Long));
  CHECK(g.graph.long_of(g.l("-123456789012345678901234567890")).to_decimal() == "-123456789012345678901234567890");
  CHECK(g.graph.float_of(g.f(-0.0)) == 0.0);
  CHECK(std::signbit(g.graph.float_of(g.f(-0.0))));
}

TEST_CASE("strings: views into the source, copies, and the empty one") {
  std::string source = "0123456789";
  Graph graph(source);
  const std::string_view view = source;
  const Value inside = graph.make_string_view(Kind::Bytes, view.substr(3, 4));
  const Value whole = graph.make_string_view(Kind::Text, view);
  const Value last = graph.make_string_view(Kind::Text, view.substr(9));
  const Value none = graph.make_string_view(Kind::Text, view.substr(10));
  std::string passing = "passing";
  const Value copy = graph.make_string(Kind::Bytes, passing);
  passing = "changed";
  CHECK(graph.string_of(inside) == "3456");
  CHECK(inside.is(Kind::Bytes));
  CHECK(graph.string_of(whole) == source);
  CHECK(whole.is(Kind::Text));
  CHECK(graph.string_of(last) == "9");
  CHECK(graph.string_of(none).empty());
  CHECK(none.is(Kind::Text));
  CHECK(graph.string_of(copy) == "passing");
  CHECK(graph.string_of(graph.make_string(Kind::Bytes, "")).empty());
  CHECK(graph.string_of(graph.make_string_view(Kind::Bytes, {})).empty());
  CHECK(graph.string_of(inside).data() == source.data() + 3);  // nothing was copied
  CHECK(Graph().string_of(Graph().make_string(Kind::Text, "")).empty());
}

TEST_CASE("a string longer than 24 bits of length is a view like any other") {
  constexpr std::size_t k_inline = (std::size_t{1} << 24) - 1;
  const std::string source(k_inline + 10, 's');
  Graph graph(source);
  for (const std::size_t length : {k_inline - 1, k_inline, k_inline + 1, k_inline + 9}) {
    const Value v = graph.make_string_view(Kind::Bytes, std::string_view(source).substr(1, length));
    CHECK(graph.string_of(v).size() == length);
    CHECK(graph.string_of(v).data() == source.data() + 1);
  }
}

TEST_CASE("a list grows, also when lists grow in turns and when it grows in place") {
  Builder g;
  const Value alone = g.list({});
  for (int n = 0; n < 1000; ++n) g.graph.append(alone, g.i(n));
  const Value left = g.list({g.i(-1)});
  const Value right = g.list({});
  for (int n = 0; n < 1000; ++n) {
    g.graph.append(left, g.i(n));
    g.graph.append(right, g.i(n + 1'000'000));
  }
  REQUIRE(g.graph.items(alone).size() == 1000);
  REQUIRE(g.graph.items(left).size() == 1001);
  REQUIRE(g.graph.items(right).size() == 1000);
  for (std::size_t n = 0; n < 1000; ++n) {
    const auto number = static_cast<std::int64_t>(n);
    REQUIRE(g.graph.int_of(g.graph.items(alone)[n]) == number);
    REQUIRE(g.graph.int_of(g.graph.items(left)[n + 1]) == number);
    REQUIRE(g.graph.int_of(g.graph.items(right)[n]) == number + 1'000'000);
  }
}

TEST_CASE("items of a sequence are set and replaced") {
  Builder g;
  const Value list = g.list({g.i(1), g.i(2), g.i(3)});
  g.graph.set_item(list, 1, g.i(20));
  CHECK(g.graph.int_of(g.graph.items(list)[1]) == 20);
  g.graph.replace_items(list, std::vector<Value>{g.i(7)});
  REQUIRE(g.graph.items(list).size() == 1);
  g.graph.append(list, g.i(8));
  CHECK(g.graph.int_of(g.graph.items(list)[0]) == 7);
  CHECK(g.graph.int_of(g.graph.items(list)[1]) == 8);
  g.graph.replace_items(list, {});
  CHECK(g.graph.items(list).empty());
}

TEST_CASE("an instance that took over the entries of a dict shares nothing that can change") {
  // The state dict may have free room (capacity 4), none, or be the newest allocation of the arena.
  for (const int count : {0, 1, 3, 4, 5, 8}) {
    for (const bool newest : {false, true}) {
      CAPTURE(count);
      CAPTURE(newest);
      Builder g;
      const Value dict = g.graph.make_dict();
      std::string expected;
      for (int n = 0; n < count; ++n) {
        g.graph.add_entry(dict, g.b("k" + std::to_string(n)), g.i(n));
        expected += "k" + std::to_string(n) + "=" + std::to_string(n) + " ";
      }
      if (!newest) g.list({g.i(1)});
      const Value instance = g.graph.make_instance(g.graph.make_global("m", "C"));
      const Value other = g.graph.make_instance(g.graph.make_global("m", "C"));
      g.graph.add_entries(instance, dict);
      g.graph.add_entries(other, dict);
      CHECK(keys_of(g.graph, instance) == expected);
      g.graph.add_entry(dict, g.b("d"), g.i(100));
      g.graph.add_entry(instance, g.b("i"), g.i(200));
      g.graph.add_entry(other, g.b("o"), g.i(300));
      g.graph.add_entry(dict, g.b("d2"), g.i(101));
      CHECK(keys_of(g.graph, dict) == expected + "d=100 d2=101 ");
      CHECK(keys_of(g.graph, instance) == expected + "i=200 ");
      CHECK(keys_of(g.graph, other) == expected + "o=300 ");
      g.graph.set(instance, "k0", g.i(-1));
      if (count > 0) CHECK(g.graph.int_of(g.graph.find(dict, "k0")) == 0);
    }
  }
}

TEST_CASE("entries are added behind those that are there") {
  Builder g;
  const Value first = g.graph.make_dict();
  const Value second = g.graph.make_dict();
  g.graph.add_entry(first, g.b("a"), g.i(1));
  g.graph.add_entry(second, g.b("b"), g.i(2));
  g.graph.add_entry(second, g.b("a"), g.i(3));
  g.graph.add_entries(first, second);
  CHECK(keys_of(g.graph, first) == "a=1 b=2 a=3 ");
  CHECK(keys_of(g.graph, second) == "b=2 a=3 ");
}

TEST_CASE("attributes are found, set in place, added and erased by name") {
  Builder g;
  const Value dict = g.graph.make_dict();
  g.graph.add_entry(dict, g.b("a"), g.i(1));
  g.graph.add_entry(dict, g.u("b"), g.i(2));
  g.graph.add_entry(dict, g.i(3), g.i(3));
  CHECK(g.graph.int_of(g.graph.find(dict, "a")) == 1);
  CHECK(g.graph.int_of(g.graph.find(dict, "b")) == 2);
  CHECK_FALSE(g.graph.find(dict, "3"));
  CHECK_FALSE(g.graph.find(dict, ""));
  CHECK_FALSE(g.graph.find(g.i(1), "a"));
  CHECK_FALSE(g.graph.find(g.list({dict}), "a"));
  CHECK_FALSE(g.graph.find(Value(), "a"));
  g.graph.set(dict, "b", g.i(20));
  g.graph.set(dict, "c", g.i(30));
  REQUIRE(g.graph.entries(dict).size() == 4);
  CHECK(g.graph.entries(dict)[1].key.is(Kind::Text));
  CHECK(g.graph.int_of(g.graph.entries(dict)[1].value) == 20);
  CHECK(g.graph.entries(dict)[3].key.is(Kind::Bytes));
  CHECK(g.graph.erase(dict, "a"));
  CHECK_FALSE(g.graph.erase(dict, "a"));
  CHECK_FALSE(g.graph.find(dict, "a"));
  CHECK(g.graph.entries(dict).size() == 3);
}

TEST_CASE("classes are one value each, functions another") {
  Graph graph;
  const Value a = graph.make_global("m.n", "C");
  CHECK(a == graph.make_global("m.n", "C"));
  CHECK_FALSE(a == graph.make_global("m", "n.C"));
  CHECK_FALSE(a == graph.make_global("m.n", "D"));
  const Value function = graph.make_global("m.n", "C", Graph::GlobalKind::Function);
  CHECK_FALSE(a == function);
  CHECK(graph.global(a).qualified == "m.n.C");
  CHECK(graph.global(function).function);
  CHECK_FALSE(graph.global(a).function);
  const Value instance = graph.make_instance(a);
  CHECK(graph.class_name(instance) == "m.n.C");
  CHECK(graph.class_name(a).empty());
  CHECK(graph.class_name(Value::none()).empty());
  graph.set_class(instance, graph.make_global("x", "Y"));
  CHECK(graph.class_name(instance) == "x.Y");
}

// Known bug: Graph::class_name reads the class of an instance without one (py/repr, py/iterator) from a table that may be
// empty. Skipped, because it is undefined behaviour.
TEST_CASE("an instance without a class has no class name") {
  Graph graph;
  CHECK(graph.class_name(graph.make_instance(Value())).empty());
}

TEST_CASE("facets belong to one instance each") {
  Builder g;
  const Value one = g.graph.make_instance(g.graph.make_global("m", "C"));
  const Value two = g.graph.make_instance(g.graph.make_global("m", "C"));
  g.graph.set_facet(one, Facet::State, g.i(1));
  g.graph.set_facet(one, Facet::Repr, g.i(9));
  CHECK(g.graph.int_of(g.graph.facet(one, Facet::State)) == 1);
  CHECK(g.graph.int_of(g.graph.facet(one, Facet::Repr)) == 9);
  CHECK_FALSE(g.graph.facet(one, Facet::NewArgsEx));
  CHECK_FALSE(g.graph.facet(two, Facet::State));
}

TEST_CASE("a graph that moved has everything that it had") {
  const std::string source = "text";
  Builder g{Graph(source)};
  const Value list = g.list({g.graph.make_string_view(Kind::Text, source), g.b("copied"), g.l("99999999999999999999")});
  g.graph.set_root(list);
  const Graph moved = std::move(g.graph);
  const auto items = moved.items(moved.root());
  REQUIRE(items.size() == 3);
  CHECK(moved.string_of(items[0]) == "text");
  CHECK(moved.string_of(items[1]) == "copied");
  CHECK(moved.long_of(items[2]).to_decimal() == "99999999999999999999");
}

}  // namespace
}  // namespace gt::object
