#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "lib/object/python2.h"
#include "tests/unit/base/support.h"
#include "tests/unit/object/support.h"

// The texts are what repr(), str() and unicode() of CPython 2.7.18 (UCS4) gave.
namespace gt::object {
namespace {

using namespace std::literals;
using gt::testing::code_of;
using gt::testing::error_of;
using gt::testing::text_of;
using testing::Builder;

constexpr double k_inf = std::numeric_limits<double>::infinity();
constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();

struct FloatRow {
  double value;
  std::string_view repr;
  std::string_view str;  // 12 digits: what keys are sorted by
};
const FloatRow k_floats[] = {
    {0.0, "0.0", "0.0"},
    {-0.0, "-0.0", "-0.0"},
    {1.0, "1.0", "1.0"},
    {10.0, "10.0", "10.0"},
    {100.0, "100.0", "100.0"},
    {0.1, "0.1", "0.1"},
    {0.5, "0.5", "0.5"},
    {1e15, "1000000000000000.0", "1e+15"},
    {1e16, "1e+16", "1e+16"},
    {1e17, "1e+17", "1e+17"},
    {1.2345678901234568e+17, "1.2345678901234568e+17", "1.23456789012e+17"},
    {9999999999999998.0, "9999999999999998.0", "1e+16"},
    {1e-4, "0.0001", "0.0001"},
    {1e-5, "1e-05", "1e-05"},
    {0.00012345, "0.00012345", "0.00012345"},
    {1.5e-7, "1.5e-07", "1.5e-07"},
    {5e-324, "5e-324", "4.94065645841e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308", "2.22507385851e-308"},
    {1.7976931348623157e+308, "1.7976931348623157e+308", "1.79769313486e+308"},
    {3.141592653589793, "3.141592653589793", "3.14159265359"},
    {1 / 3.0, "0.3333333333333333", "0.333333333333"},
    {2 / 3.0, "0.6666666666666666", "0.666666666667"},
    {1e12, "1000000000000.0", "1e+12"},
    {999999999999.5, "999999999999.5", "1e+12"},
    {12345678901234.5, "12345678901234.5", "1.23456789012e+13"},
    {0.1 + 0.2, "0.30000000000000004", "0.3"},
    {1e21, "1e+21", "1e+21"},
    {1e22, "1e+22", "1e+22"},
    {1e100, "1e+100", "1e+100"},
    {4.35, "4.35", "4.35"},
    {2.675, "2.675", "2.675"},
    {1.0000000000001, "1.0000000000001", "1.0"},
    {k_inf, "inf", "inf"},
    {-k_inf, "-inf", "-inf"},
    {k_nan, "nan", "nan"},
};

TEST_CASE("repr of floats is the shortest that reads back, str has 12 digits") {
  Builder g;
  for (const FloatRow& row : k_floats) {
    CHECK(python2_float_repr(row.value) == row.repr);
    CHECK(python2_repr(g.graph, g.f(row.value)) == row.repr);
    CHECK(python2_sort_text(g.graph, g.f(row.value)) == row.str);
  }
  CHECK(python2_float_repr(k_nan, {"NaN", "Infinity"}) == "NaN");
  CHECK(python2_float_repr(-k_inf, {"NaN", "Infinity"}) == "-Infinity");
}

// Known bug: str() of Python 2.7 turns to an exponent at 1e11, because it keeps a place for the ".0".
TEST_CASE("str of a float of 12 digits before the point has an exponent") {
  Builder g;
  CHECK(python2_sort_text(g.graph, g.f(1e11)) == "1e+11");
  CHECK(python2_sort_text(g.graph, g.f(123456789012.5)) == "1.23456789012e+11");
}

TEST_CASE("repr of keys") {
  Builder g;
  struct Row {
    Value key;
    std::string_view repr;
    std::string_view sort_text;
  };
  const Value ascii_class = g.graph.make_global("gnr.x", "C");
  const Row rows[] = {
      {g.i(1), "1", "1"},
      {g.i(-1), "-1", "-1"},
      {g.l("5"), "5L", "5"},
      {g.l("-5"), "-5L", "-5"},
      {g.l("100000000000000000000"), "100000000000000000000L", "100000000000000000000"},
      {Value::boolean(true), "True", "True"},
      {Value::boolean(false), "False", "False"},
      {Value::none(), "None", "None"},
      {g.tuple({}), "()", "()"},
      {g.tuple({g.i(1)}), "(1,)", "(1,)"},
      {g.tuple({g.i(1), g.i(2)}), "(1, 2)", "(1, 2)"},
      {g.tuple({g.l("1"), g.b("a")}), "(1L, 'a')", "(1L, 'a')"},
      {g.tuple({g.u("\xc5\xbc"), g.b("b")}), "(u'\\u017c', 'b')", "(u'\\u017c', 'b')"},
      {g.tuple({g.b("it's")}), "(\"it's\",)", "(\"it's\",)"},
      {g.tuple({g.u("it's")}), "(u\"it's\",)", "(u\"it's\",)"},
      {g.tuple({g.b("\"")}), "('\"',)", "('\"',)"},
      {g.tuple({g.b("'\"")}), "('\\'\"',)", "('\\'\"',)"},
      {g.tuple({g.b("\\")}), "('\\\\',)", "('\\\\',)"},
      {g.tuple({g.b("\n\t\r\0\x7f\x80"sv)}), "('\\n\\t\\r\\x00\\x7f\\x80',)", "('\\n\\t\\r\\x00\\x7f\\x80',)"},
      {g.tuple({g.u("\x7f\xc2\x80")}), "(u'\\x7f\\x80',)", "(u'\\x7f\\x80',)"},
      {g.tuple({g.u("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")}), "(u'\\xe9\\u20ac\\U0001f600',)",
       "(u'\\xe9\\u20ac\\U0001f600',)"},
      {g.tuple({g.u("\xed\xa0\xbd\xed\xb8\x80")}), "(u'\\ud83d\\ude00',)", "(u'\\ud83d\\ude00',)"},
      {g.tuple({g.tuple({g.i(1)}), g.tuple({g.i(2), g.tuple({g.i(3)})})}), "((1,), (2, (3,)))", "((1,), (2, (3,)))"},
      {g.frozen({}), "frozenset([])", "frozenset([])"},
      {g.frozen({g.i(8), g.i(0)}), "frozenset([8, 0])", "frozenset([8, 0])"},
      {g.frozen({g.i(3), g.i(2)}), "frozenset([2, 3])", "frozenset([2, 3])"},
      {g.tuple({Value::none(), Value::boolean(true)}), "(None, True)", "(None, True)"},
      {g.graph.make_global("__builtin__", "int"), "<type 'int'>", "<type 'int'>"},
      {ascii_class, "<class 'gnr.x.C'>", "<class 'gnr.x.C'>"},
      {g.b("plain"), "'plain'", "plain"},
      {g.u("\xc5\xbc"), "u'\\u017c'", "\xc5\xbc"},
  };
  for (const Row& row : rows) {
    CHECK(python2_repr(g.graph, row.key) == row.repr);
    CHECK(python2_sort_text(g.graph, row.key) == row.sort_text);
  }
}

TEST_CASE("keys that have no form in the JSON of 2016 are refused") {
  Builder g;
  const auto bytes = error_of([&] { python2_sort_text(g.graph, g.b("za\xbf")); });
  CHECK(code_of(bytes) == "graph.key");
  CHECK(text_of(bytes) ==
        "the key 'za\\xbf' is a byte string with bytes outside ASCII, for which the JSON of 2016 has no form");
  const Value instance = g.graph.make_instance(g.graph.make_global("m", "C"));
  const auto address = error_of([&] { python2_repr(g.graph, g.tuple({instance})); });
  CHECK(code_of(address) == "graph.key");
  CHECK(text_of(address) ==
        "an instance of m.C is a dict key, and its name in JSON would be a memory address of the program that saved it");
}

// Known bug: the name of a class goes into this message as it stands in the file.
TEST_CASE("a message about a key has no control characters") {
  Builder g;
  const Value instance = g.graph.make_instance(g.graph.make_global("m", "\x1b[2J"));
  CHECK(text_of(error_of([&] { python2_repr(g.graph, instance); })).find('\x1b') == std::string::npos);
}

}  // namespace
}  // namespace gt::object
