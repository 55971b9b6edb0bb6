#include "lib/object/long_keys.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/object/key_index.h"
#include "lib/object/python2.h"
#include "tests/unit/object/support.h"

namespace gt::object {
namespace {

using testing::Builder;

TEST_CASE("long strings are equal where short ones are, and hash alike") {
  for (const std::size_t length : {10, 254, 255, 256, 1000}) {
    CAPTURE(length);
    Builder g;
    const std::string ascii(length, 'k');
    const std::string other_end = std::string(length - 1, 'k') + 'x';
    const std::string umlauts = std::string(length - 2, 'k') + "\xc3\xa9";
    struct Row {
      Value a;
      Value b;
      bool same_bytes;
      bool equal;
    };
    const Row rows[] = {
        {g.b(ascii), g.b(ascii), true, true},
        {g.b(ascii), g.u(ascii), true, true},
        {g.u(ascii), g.b(other_end), false, false},
        {g.b(ascii), g.b(ascii + 'k'), false, false},
        {g.u(umlauts), g.u(umlauts), true, true},
        {g.u(umlauts), g.b(umlauts), true, false},  // Python 2 compares no bytes outside ASCII with a text
        {g.b(ascii), g.graph.make_string(Kind::Binary, ascii), true, false},
    };
    for (const Row& row : rows) {
      for (int again = 0; again < 2; ++again) {
        CHECK(g.graph.have_same_bytes(row.a, row.b) == row.same_bytes);
        CHECK(python2_equal(g.graph, row.a, row.b) == row.equal);
        CHECK(python2_equal(g.graph, row.b, row.a) == row.equal);
        if (row.equal) CHECK(python2_hash(g.graph, row.a) == python2_hash(g.graph, row.b));
        KeyIndex index(g.graph, 2);
        index.find_or_add(row.a, 0);
        CHECK(index.find_or_add(row.b, 1) == (row.equal ? 0 : 1));
        CHECK(index.find_or_add(row.a, 2) == 0);
      }
      CHECK(python2_hash(g.graph, row.a) == python2_hash(g.graph.string_of(row.a), row.a.kind()));
    }
  }
}

TEST_CASE("a long integer hashes as what it equals") {
  Builder g;
  const std::string digits = "1" + std::string(400, '0');
  const Value a = g.l(digits);
  const Value b = g.l(digits);
  const Value c = g.l("-" + digits);
  CHECK(python2_hash(g.graph, a) == python2_hash(g.graph, b));
  CHECK(python2_hash(g.graph, a) != python2_hash(g.graph, c));
  KeyIndex index(g.graph, 3);
  CHECK(index.find_or_add(a, 0) == 0);
  CHECK(index.find_or_add(c, 1) == 1);
  CHECK(index.find_or_add(b, 2) == 0);
  CHECK(index.find_or_add(c, 3) == 1);
}

TEST_CASE("what is known of a key is not found out again") {
  Builder g;
  const Value keys[] = {g.u(std::string(1000, 'a')), g.u(std::string(1000, 'b'))};
  LongKeys long_keys;
  int found = 0;
  for (int again = 0; again < 3; ++again) {
    for (std::int64_t i = 0; i < 2; ++i) {
      CHECK(long_keys.python2_hash(keys[i], [&] { return ++found, i; }) == i);
      CHECK(long_keys.index_hash(keys[i], [&] { return ++found, static_cast<std::uint64_t>(i + 10); }) ==
            static_cast<std::uint64_t>(i + 10));
    }
  }
  CHECK(found == 4);
}

}  // namespace
}  // namespace gt::object
