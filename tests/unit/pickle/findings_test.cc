#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;

std::vector<std::string> findings_of(std::string_view pickle) {
  std::vector<std::string> out;
  for (const Finding& finding : decode(pickle).findings) out.push_back(to_string(finding));
  return out;
}
using Texts = std::vector<std::string>;

TEST_CASE("a key that is set twice with different values is told with both offsets") {
  // 0 }  1 S'a'\n  6 I1\n  9 s  10 S'a'\n  15 I2\n  18 s
  CHECK(findings_of("}S'a'\nI1\nsS'a'\nI2\ns."sv) ==
        Texts{"warning: byte 10: the key 'a' is set a second time with another value; what was set at byte 1 is lost, as it "
              "was in Python"});
  CHECK(testing::json_of_pickle("}S'a'\nI1\nsS'a'\nI2\ns."sv) == "{\"a\":2}");
}

TEST_CASE("a key that is set twice with the same value is not worth a word") {
  CHECK(findings_of("}S'a'\nI1\nsS'a'\nI1\ns."sv).empty());
  CHECK(findings_of("}(S'a'\n]S'a'\n]u."sv).empty());
  CHECK(findings_of("}(S'a'\n]S'a'\n]Nau."sv).size() == 1);
}

TEST_CASE("a large value that is set again is no other value; what would take long to compare is told") {
  std::string list = "](";
  for (int i = 0; i < 20'000; ++i) list += "K\1";
  list += "e";
  CHECK(findings_of(list + "q\0\x30}U\1ah\0sU\1ah\0s."s).empty());
  CHECK(findings_of(list + "q\0\x30"s + list + "q\1\x30}U\1ah\0sU\1ah\1s."s).empty());
  std::string many = list + "q\0\x30"s + list + "q\1\x30}"s;
  for (int i = 0; i < 1000; ++i) many += "U\1ah\0sU\1ah\1s"s;
  CHECK(findings_of(many + ".").size() == 100);
}

TEST_CASE("a key that comes again after the dict was taken for whole is told, too") {
  const std::string_view whole_before[] = {
      "](}q\0(S'a'\nI1\nS'b'\nI2\nuh\0S'a'\nI3\nse."sv,  // filled by SETITEMS
      "]}q\0S'a'\nI1\nsah\0S'a'\nI3\nsa."sv,             // put into a list
      "}S'd'\n}q\0S'a'\nI1\nss0h\0S'a'\nI3\ns."sv,       // put into a dict
      "(im\nC\n}q\0S'a'\nI1\nsb0h\0S'a'\nI3\ns."sv,      // the state of an instance
  };
  for (const std::string_view pickle : whole_before) {
    CAPTURE(pickle);
    const Texts found = findings_of(pickle);
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("the key 'a' is set a second time with another value") != std::string::npos);
  }
}

TEST_CASE("thousands of dicts with doubtful keys are merged like the first") {
  std::string pickle = "](";
  for (int i = 0; i < 3000; ++i) pickle += "}(S'a'\nI1\nI5\nI6\nL5L\nI7\nu";
  const auto decoded = decode(pickle += "e.");
  for (const object::Value dict : decoded.graph.items(decoded.graph.root())) CHECK(decoded.graph.entries(dict).size() == 2);
}

TEST_CASE("each further setting is told, against the one before") {
  // 2 S'a'\n  7 K\x01  9 V a\n  12 K\x02  14 S'a'\n  19 K\x03
  CHECK(findings_of("}(S'a'\nK\x01Va\nK\x02S'a'\nK\x03u."sv) ==
        Texts{"warning: byte 9: the key 'a' is set a second time with another value; what was set at byte 2 is lost, as it was "
              "in Python",
              "warning: byte 14: the key 'a' is set a second time with another value; what was set at byte 9 is lost, as it "
              "was in Python"});
}

TEST_CASE("keys that Python takes for one are one: 1, 1L, 1.0 and True") {
  CHECK(findings_of("}(K\x01NL1L\nNF1\nNI01\nK\x05u."sv).size() == 1);
  CHECK(testing::json_of_pickle("}(K\x01NL1L\nNF1\nNI01\nK\x05u."sv) == "{\"1\":5}");
}

TEST_CASE("in the state of an instance a key is told once, with the offsets of the memo's reads") {
  // 0 ( 1 im\nC\n 6 ( 7 d 8 S'a'\n 13 p0\n 16 I1\n 19 s 20 g0\n 23 I2\n 26 s 27 b
  CHECK(findings_of("(im\nC\n(dS'a'\np0\nI1\nsg0\nI2\nsb."sv) ==
        Texts{"warning: byte 20: the key 'a' is set a second time with another value; what was set at byte 8 is lost, as it "
              "was in Python"});
}

TEST_CASE("a key in a message is printable") {
  const Texts found = findings_of("}(S'\\x1b'\nK\x01S'\\x1b'\nK\x02u."sv);
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("the key '\\x1b' is set") != std::string::npos);
}

TEST_CASE("bytes behind the pickle are ignored with a note") {
  CHECK(findings_of("N."sv).empty());
  CHECK(findings_of("N.x"sv) == Texts{"note: byte 2: 1 bytes after the end of the pickle were ignored"});
  CHECK(findings_of("N.(garbage"sv) == Texts{"note: byte 2: 8 bytes after the end of the pickle were ignored"});
  CHECK(testing::json_of_pickle("K\x01.K\x02."sv) == "1");
}

}  // namespace
}  // namespace gt::pickle
