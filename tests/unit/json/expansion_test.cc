#include "lib/json/expansion.h"

#include <doctest/doctest.h>

#include <string>

#include "lib/base/text.h"
#include "lib/json/profile.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::json {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;

bool is_list(object::Value v) { return v.is(object::Kind::List); }

TEST_CASE("the JSON of a graph has at least as many containers and bytes as was said") {
  struct Row {
    std::string_view pickle;
    std::uint64_t containers;
  };
  const Row rows[] = {
      {"N."sv, 0},
      {"]."sv, 1},
      {"](]]]e."sv, 4},
      {"}(K\1]K\2)u."sv, 3},
      // A list is written once and referred to; a tuple or a dict is written each time.
      {"](]q\0h\0h\0e."sv, 4},
      {"]()q\0h\0h\0e."sv, 4},
      {"](}q\0K\1]sh\0h\0e."sv, 7},  // the list in the dict counts where it is referred to, too
      {"]q\0h\0a."sv, 2},
      {")2\x86q\0h\0\x86."sv, 7},
      {"X\x05\0\0\0hello."sv, 0},
  };
  for (const Row& row : rows) {
    const auto decoded = pickle::decode(row.pickle);
    const Expansion least = least_expansion(decoded.graph, decoded.graph.root(), is_list);
    CHECK(least.containers == row.containers);
    StringSink sink;
    encode_2016(decoded.graph, sink, EncodeLimits());
    CHECK(least.bytes <= sink.text().size() + 1);
  }
}

TEST_CASE("no profile begins to write what would be endless") {
  const auto doubled = [](std::string_view first, std::string_view before, std::string_view after) {
    std::string pickle(first);
    for (char level = 0; level < 40; ++level) {
      const std::string get = std::string("h") + level;
      pickle.append(before).append("U\1a").append(get).append("U\1b").append(get).append(after) +=
          {'q', static_cast<char>(level + 1)};
    }
    return pickle + ".";
  };
  struct Row {
    std::string pickle;
    Profile profile;
  };
  const std::string dicts = doubled("}q\0"sv, "}(", "u");
  const std::string lists = doubled("]q\0"sv, "](", "e");
  const std::string tuples = doubled(")q\0"sv, "(", "t");
  const Row rows[] = {{dicts, Profile::Compat2016},
                      {tuples, Profile::Compat2016},
                      {tuples, Profile::Modern},
                      {dicts, Profile::Plain},
                      {lists, Profile::Plain}};
  for (const Row& row : rows) {
    CAPTURE(printable(row.pickle.substr(0, 20)));
    const auto decoded = pickle::decode(row.pickle);
    StringSink sink;
    CHECK(code_of(error_of([&] { encode(decoded.graph, sink, row.profile, EncodeLimits()); })) == "limit.nodes");
    CHECK(sink.text().empty());
  }
}

TEST_CASE("no profile begins to write a large text everywhere") {
  constexpr std::size_t k_bytes = 1'000'000;
  const std::string text = "X\x40\x42\x0f\0"s + std::string(k_bytes, 'a') + "q\0"s;
  std::string values = "(" + text;
  std::string keys = "(]" + text + "0";
  for (int i = 0; i < 100; ++i) {
    values += "h\0"s;
    keys += "}h\0Ns"s;
  }
  for (const std::string& pickle : {values + "l.", keys + "l."}) {
    const auto decoded = pickle::decode(pickle);
    for (const Profile profile : {Profile::Compat2016, Profile::Modern, Profile::Plain, Profile::Lossless}) {
      StringSink sink;
      CHECK(code_of(error_of([&] { encode(decoded.graph, sink, profile, EncodeLimits()); })) == "limit.output");
      CHECK(sink.text().empty());
    }
  }
}

TEST_CASE("2^100 is not overflowed into something small") {
  std::string pickle = ")";
  for (int level = 0; level < 100; ++level) pickle += "2\x86";
  const auto decoded = pickle::decode(pickle + ".");
  CHECK(least_expansion(decoded.graph, decoded.graph.root(), is_list).containers == ~std::uint64_t{0});
}

TEST_CASE("a text that is in many places is counted in each") {
  const auto decoded = pickle::decode("(X\x05\0\0\0helloq\0h\0h\0h\0l."sv);
  CHECK(least_expansion(decoded.graph, decoded.graph.root(), is_list).bytes >= 20);
  CHECK(decoded.graph.repeated_bytes() == 15);
}

TEST_CASE("what is in one place only is known to be a tree") {
  CHECK(pickle::decode("](]}K\1]se."sv).graph.is_tree());
  CHECK(pickle::decode("(U\1aq\0h\0h\0l."sv).graph.is_tree());  // strings are written each time
  CHECK_FALSE(pickle::decode("](]q\0h\0e."sv).graph.is_tree());
  CHECK_FALSE(pickle::decode("]2a."sv).graph.is_tree());
  auto changed = pickle::decode("]."sv);
  changed.graph.append(changed.graph.root(), changed.graph.root());
  CHECK_FALSE(changed.graph.is_tree());
}

}  // namespace
}  // namespace gt::json
