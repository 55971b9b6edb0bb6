#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "lib/object/python2.h"
#include "tests/unit/base/support.h"
#include "tests/unit/object/support.h"

// The numbers are what CPython 2.7.18 (x86-64 Linux, UCS4) printed for hash().
namespace gt::object {
namespace {

using namespace std::literals;
using gt::testing::code_of;
using gt::testing::error_of;
using gt::testing::text_of;
using testing::Builder;

constexpr double k_inf = std::numeric_limits<double>::infinity();
constexpr double k_nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t k_min = std::numeric_limits<std::int64_t>::min();

TEST_CASE("hashes of strings") {
  struct Row {
    std::string_view utf8;
    Kind kind;
    std::int64_t hash;
  };
  const Row rows[] = {
      {"", Kind::Bytes, 0LL},
      {"a", Kind::Bytes, 12416037344LL},
      {"b", Kind::Bytes, 12544037731LL},
      {"ab", Kind::Bytes, 12416074593111939LL},
      {"task_id", Kind::Bytes, 3874137858532901094LL},
      {"py/object", Kind::Bytes, 587842422405828896LL},
      {"renderer_options", Kind::Bytes, -6266562422318159550LL},
      {"\x00"sv, Kind::Bytes, 1LL},
      {"\xff", Kind::Bytes, 32640097918LL},
      {"\xc3\xa9", Kind::Bytes, 24960149699224354LL},
      {"/home/golem/blendertask.py", Kind::Bytes, -2855321269857063166LL},
      {"", Kind::Text, 0LL},
      {"a", Kind::Text, 12416037344LL},
      {"py/object", Kind::Text, 587842422405828896LL},
      {"\xc3\xa9", Kind::Text, 29824089448LL},
      {"\xc5\xbc\xc3\xb3\xc5\x82w", Kind::Text, -7685601745949484170LL},
      {"\xf0\x9f\x98\x80", Kind::Text, 16449585346049LL},
      {"\xed\xa0\x80", Kind::Text, 7077909288961LL},
  };
  for (const Row& row : rows) {
    CAPTURE(row.utf8);
    CHECK(python2_hash(row.utf8, row.kind) == row.hash);
  }
  CHECK(python2_hash(std::string(100, 'x'), Kind::Bytes) == -5622435189161604924LL);
  // Text counts code points, a byte string bytes.
  CHECK(python2_hash("\xc3\xa9", Kind::Bytes) != python2_hash("\xc3\xa9", Kind::Text));
}

TEST_CASE("hashes of integers") {
  struct Row {
    std::int64_t value;
    std::int64_t hash;
  };
  const Row rows[] = {
      {0, 0LL},
      {1, 1LL},
      {-1, -2LL},
      {-2, -2LL},
      {2147483648, 2147483648LL},
      {4611686018427387904, 4611686018427387904LL},
      {9223372036854775807, 9223372036854775807LL},
      {k_min, k_min},
      {-9223372036854775807, -9223372036854775807LL},
  };
  Builder g;
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CHECK(python2_hash(g.graph, g.i(row.value)) == row.hash);
    CHECK(python2_hash(g.graph, g.l(std::to_string(row.value))) == row.hash);  // 5 and 5L are one key
  }
  CHECK(python2_hash(g.graph, Value::boolean(true)) == 1);
  CHECK(python2_hash(g.graph, Value::boolean(false)) == 0);
}

TEST_CASE("hashes of longs") {
  struct Row {
    std::string_view decimal;
    std::int64_t hash;
  };
  const Row rows[] = {
      {"0", 0LL},
      {"1", 1LL},
      {"-1", -2LL},
      {"-2", -2LL},
      {"9223372036854775808", k_min},
      {"18446744073709551615", -2LL},
      {"18446744073709551616", 1LL},
      {"-18446744073709551616", -2LL},
      {"-9223372036854775809", 9223372036854775807LL},
      {"1000000000000000000000000000000", 5076944324515372240LL},
      {"-1000000000000000000000000000000", -5076944324515372240LL},
      {"1606938044258990275541962092341162602522202993782792835301383", 263LL},
      {"3458764513820540927", 3458764513820540927LL},
      {"10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
       7510328918325866170LL},
      {"55340232221128654845", -2LL},
  };
  Builder g;
  for (const Row& row : rows) {
    CAPTURE(row.decimal);
    CHECK(python2_hash(g.graph, g.l(row.decimal)) == row.hash);
  }
}

TEST_CASE("hashes of floats") {
  struct Row {
    double value;
    std::int64_t hash;
  };
  const Row rows[] = {
      {0.0, 0LL},
      {-0.0, 0LL},
      {1.0, 1LL},
      {-1.0, -2LL},
      {0.5, 1073741824LL},
      {-0.5, -1073741824LL},
      {0.1, 2576882278LL},
      {1.5, 1610645504LL},
      {3.141592653589793, 1826823505LL},
      {1e+16, 10000000000000000LL},
      {1e+22, 1864712049423024670LL},
      {-1e+22, -1864712049423024670LL},
      {1e+300, 8474648701417850880LL},
      {5e-324, 1038581760LL},
      {1.7976931348623157e+308, -2048LL},
      {k_inf, 314159LL},
      {-k_inf, -271828LL},
      {k_nan, 0LL},
      {9.223372036854776e+18, k_min},
      {4.611686018427388e+18, 4611686018427387904LL},
      {-9.223372036854776e+18, k_min},
      {1e+19, -8446744073709551616LL},
      {0.01, 2920381214LL},
      {123456.789, 4119217278LL},
      {-2.0, -2LL},
      {-1.5, -1610579968LL},
  };
  Builder g;
  for (const Row& row : rows) {
    CAPTURE(row.value);
    CHECK(python2_hash(g.graph, g.f(row.value)) == row.hash);
  }
}

TEST_CASE("hashes of tuples and frozensets") {
  Builder g;
  const auto hash = [&](Value v) { return python2_hash(g.graph, v); };
  CHECK(hash(g.tuple({})) == 3527539LL);
  CHECK(hash(g.tuple({g.i(1)})) == 3430019387558LL);
  CHECK(hash(g.tuple({Value::boolean(true)})) == 3430019387558LL);
  CHECK(hash(g.tuple({g.i(1), g.i(2)})) == 3713081631934410656LL);
  CHECK(hash(g.tuple({g.i(2), g.i(1)})) == 3713082714465905806LL);
  CHECK(hash(g.tuple({g.b("a")})) == 12418971936901571LL);
  CHECK(hash(g.tuple({g.b("a"), g.u("b")})) == -3816799034373630758LL);
  CHECK(hash(g.tuple({g.tuple({})})) == 99595396316LL);
  CHECK(hash(g.tuple({g.tuple({g.i(1), g.i(2)}), g.tuple({g.i(3), g.i(4)})})) == 5879964472677921951LL);
  CHECK(hash(g.tuple({g.f(0.1), g.b("x"), g.i(-1)})) == -1946874846832573018LL);
  CHECK(hash(g.tuple({g.i(1), g.i(2), g.i(3), g.i(4), g.i(5)})) == 8315274433719620810LL);
  CHECK(hash(g.frozen({})) == 133156838395276LL);
  CHECK(hash(g.frozen({g.i(1)})) == -8166288242918962057LL);
  CHECK(hash(g.frozen({g.i(1), g.i(2), g.i(3)})) == -7699079583225461316LL);
  CHECK(hash(g.frozen({g.i(3), g.i(1), g.i(2)})) == -7699079583225461316LL);
  CHECK(hash(g.frozen({g.b("a"), g.b("b")})) == 3138257626259684061LL);
  CHECK(hash(g.frozen({g.frozen({})})) == 2859596684176112890LL);
}

TEST_CASE("what Python cannot hash is refused, however deep it lies in a key") {
  Builder g;
  const Value set = g.sequence(Kind::Set, {});
  struct Row {
    Value key;
    std::string text;
  };
  const Row rows[] = {
      {g.list({}), "a list is used as a dict key or set element, which Python cannot hash"},
      {g.graph.make_dict(), "a dict is used as a dict key or set element, which Python cannot hash"},
      {set, "a set is used as a dict key or set element, which Python cannot hash"},
      {g.tuple({g.i(1), g.tuple({g.list({})})}), "a list is used as a dict key or set element, which Python cannot hash"},
      {g.frozen({g.tuple({set})}), "a set is used as a dict key or set element, which Python cannot hash"},
  };
  for (const Row& row : rows) {
    const auto error = error_of([&] { python2_hash(g.graph, row.key); });
    CHECK(code_of(error) == "graph.unhashable");
    CHECK(text_of(error) == row.text);
  }
}

TEST_CASE("a key may be 64 levels deep and has 10,000 parts at most") {
  Builder g;
  Value deep = g.tuple({});
  for (int level = 0; level < 64; ++level) deep = g.tuple({deep});
  CHECK(code_of(error_of([&] { python2_hash(g.graph, deep); })) == "no error");
  const auto too_deep = error_of([&] { python2_hash(g.graph, g.tuple({deep})); });
  CHECK(code_of(too_deep) == "limit.depth");
  CHECK(text_of(too_deep) == "a key is nested deeper than 64 levels");

  // Each level holds the one below twice: 2^30 parts in thirty tuples.
  Value wide = g.i(1);
  for (int level = 0; level < 30; ++level) wide = g.tuple({wide, wide});
  const auto too_wide = error_of([&] { python2_hash(g.graph, wide); });
  CHECK(code_of(too_wide) == "limit.nodes");
  CHECK(text_of(too_wide) == "a key has more than 10000 parts");
}

TEST_CASE("equal keys are those that a Python dict takes for one") {
  Builder g;
  const Value shared_nan = g.f(k_nan);
  struct Row {
    Value a;
    Value b;
    bool equal;
  };
  const Row rows[] = {
      {g.i(1), g.i(1), true},
      {g.i(1), g.l("1"), true},
      {g.i(1), g.f(1.0), true},
      {g.i(1), Value::boolean(true), true},
      {g.l("1"), Value::boolean(true), true},
      {g.f(1.0), Value::boolean(true), true},
      {g.i(0), Value::boolean(false), true},
      {g.i(0), g.f(-0.0), true},
      {g.i(2), Value::boolean(true), false},
      {g.i(1), g.i(2), false},
      {g.i(1), g.f(1.5), false},
      {g.i(1), g.b("1"), false},
      {g.i(0), Value::none(), false},
      {Value::none(), Value::none(), true},
      {Value::none(), Value::boolean(false), false},
      {g.f(1e22), g.l("10000000000000000000000"), true},
      {g.f(9007199254740992.0), g.i(9007199254740993), false},  // as doubles they would be one
      {g.f(k_inf), g.f(k_inf), true},
      {g.f(k_inf), g.l("99999999999999999999"), false},
      {shared_nan, shared_nan, true},  // identity first, as PyObject_RichCompareBool
      {g.f(k_nan), g.f(k_nan), false},
      {g.f(k_nan), g.i(0), false},
      {g.b("a"), g.u("a"), true},
      {g.b("a"), g.b("a"), true},
      {g.u("\xc3\xa9"), g.u("\xc3\xa9"), true},
      {g.b("\xc3\xa9"), g.b("\xc3\xa9"), true},
      {g.b("\xc3\xa9"), g.u("\xc3\xa9"), false},  // Python warns and says no
      {g.b("a"), g.b("b"), false},
      {g.b(""), g.u(""), true},
      {g.tuple({g.i(1), g.b("a")}), g.tuple({g.f(1.0), g.u("a")}), true},
      {g.tuple({g.i(1)}), g.tuple({g.i(1), g.i(1)}), false},
      {g.tuple({}), g.frozen({}), false},
      {g.frozen({g.i(1), g.i(2)}), g.frozen({g.i(2), g.i(1)}), true},
      {g.frozen({g.i(1), g.i(2)}), g.frozen({g.i(1), g.i(3)}), false},
      {g.frozen({g.i(1)}), g.frozen({g.i(1), g.i(2)}), false},
      {g.graph.make_global("m", "C"), g.graph.make_global("m", "C"), true},
      {g.graph.make_global("m", "C"), g.graph.make_global("m", "D"), false},
      {g.list({}), g.list({}), false},
  };
  for (std::size_t n = 0; n < std::size(rows); ++n) {
    CAPTURE(n);
    CHECK(python2_equal(g.graph, rows[n].a, rows[n].b) == rows[n].equal);
    CHECK(python2_equal(g.graph, rows[n].b, rows[n].a) == rows[n].equal);
  }
}

}  // namespace
}  // namespace gt::object
