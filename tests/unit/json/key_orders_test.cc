#include "lib/json/key_orders.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "lib/json/encode.h"
#include "lib/json/members.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;

struct Written {
  std::string json;
  std::vector<std::string> findings;
  bool operator==(const Written&) const = default;
};

Written write(std::string_view pickle, KeyOrders* orders) {
  StringSink sink;
  Written out;
  const auto decoded = pickle::decode(pickle);
  for (const Finding& finding : encode_2016(decoded.graph, sink, {}, orders)) out.findings.push_back(to_string(finding));
  out.json = sink.text();
  return out;
}

// Alike but for what must not be taken for the same.
constexpr std::string_view k_pickles[] = {
    "}(S'a'\nK\x01S'b'\nK\x02S'c'\nK\x03u."sv,                // a dict
    "}(S'b'\nK\x01S'a'\nK\x02S'c'\nK\x03u."sv,                // in another order
    "}(V\\u0061\nK\x01S'b'\nK\x02S'c'\nK\x03u."sv,            // a key is unicode
    "}(S'ab'\nK\x01S''\nK\x02S'c'\nK\x03u."sv,                // the texts end elsewhere
    "(im\nC\n}(S'a'\nK\x01S'b'\nK\x02S'c'\nK\x03ub."sv,       // attributes
    "(im\nLonger\n}(S'a'\nK\x01S'b'\nK\x02S'c'\nK\x03ub."sv,  // of another class
    "}(K\x01K\x01S'1'\nK\x02u."sv,                            // names from numbers, two of which are one
    "}(L1L\nK\x01S'1'\nK\x02u."sv,
    "}(S'py/id'\nK\x01S'b'\nK\x02u."sv,  // something to tell
    "}(S'py/id'\nK\x03S'b'\nK\x04u."sv,
    "}(S'a'\nc__builtin__\nlen\nS'b'\nK\x02S'c'\nK\x03u."sv,  // a value that is dropped
    "}."sv,
};

TEST_CASE("remembered key orders change nothing that is written or told, whatever came before") {
  KeyOrders orders;
  for (int round = 0; round < 2; ++round) {
    for (const std::string_view pickle : k_pickles) {
      CAPTURE(pickle);
      const Written written = write(pickle, &orders);
      const Written alone = write(pickle, nullptr);
      CHECK(written.json == alone.json);
      CHECK(written.findings == alone.findings);
    }
  }
}

TEST_CASE("the second graph with the same keys is not asked again, and what has findings is") {
  KeyOrders orders;
  const auto members_of = [&orders](std::string_view pickle) {
    const auto decoded = pickle::decode(pickle);
    MemberTable table(decoded.graph, &orders);
    table.find(decoded.graph.root());
    return orders.find(decoded.graph, decoded.graph.root(), 0);
  };
  const auto first = members_of("}(S'a'\nK\x01S'b'\nK\x02u."sv);
  CHECK(first != nullptr);
  CHECK(members_of("}(S'a'\nK\x05S'b'\nNu."sv) == first);
  CHECK(members_of("}(S'a'\nK\x05S'x'\nNu."sv) != first);
  CHECK(members_of("}(S'py/id'\nK\x01S'b'\nK\x02u."sv) == nullptr);
  CHECK(members_of("}K\x01K\x02s."sv) == nullptr);
}

TEST_CASE("what is remembered is bounded") {
  KeyOrders orders;
  const std::string long_key(1000, 'k');
  std::size_t known = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string pickle = "}S'" + std::to_string(i) + long_key + "'\nNs.";
    const auto decoded = pickle::decode(pickle);
    MemberTable(decoded.graph, &orders).find(decoded.graph.root());
    if (orders.find(decoded.graph, decoded.graph.root(), 0) != nullptr) ++known;
  }
  CHECK(known > 900);
  CHECK(known < 1100);
}

}  // namespace
}  // namespace gt::json
