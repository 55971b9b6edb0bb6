#include "lib/pickle/survey.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "lib/base/text.h"
#include "lib/json/encode.h"
#include "lib/pickle/decode.h"
#include "lib/pickle/encode.h"
#include "tests/fuzz/pickle_streams.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::bare_text_of;
using testing::code_of;
using testing::error_of;

constexpr std::uint64_t k_any_depth = Limits::k_unlimited;

std::optional<Error> survey_error(std::string_view pickle, std::uint64_t max_depth = k_any_depth) {
  return error_of([&] { survey(pickle, 0, {.depth = max_depth}, UnknownCalls::Refuse); });
}

TEST_CASE("a survey says of a broken pickle what decoding says") {
  const std::string_view rows[] = {
      "",
      "N",
      "]N",
      "X\x05\0\0\0ab"sv,
      "S'abc",
      "K",
      "\xff.",
      ".",
      "0.",
      "2.",
      "a.",
      "]a.",
      "\x85.",
      "N\x86.",
      "N\x86",
      "NN\x87.",
      "}Ns.",
      "Q.",
      "Nb.",
      "t.",
      "l.",
      "e.",
      "]Ne.",
      "(Ne.",
      "(Nu.",
      "(N\x90.",
      "}(Nu.",
      "(Nd.",
      "(o.",
      "(0(o.",
      "N(00.",
      "N(a.",
      "]N(a.",
      "g1\n.",
      "h\0."sv,
      "Nq\x02h\x01."sv,
      "Np5\ng4\n.",
      "N\x94h\x01."sv,
      "\x97.",
      "\x98.",
      "\x82\x01.",
      "NNa.",
      "N(Ne.",
      "}Na.",
      ")Na.",
      "\x8fNa.",
      "NNNs.",
      ")NNs.",
      "N(NNu.",
      "\x8f(NNu.",
      "](N\x90.",
      "NNb.",
      "]}b.",
      "NQ}b.",
      "NU\x01"
      "a\x93.",
      "U\x01"
      "aN\x93.",
      "cm\nC\n)N\x92.",
      "}]Ns.",
      "}(N]}Nu.",
      "(]Nd.",
      "(}\x91.",
      "\x8f(N]\x90.",
      "\x80\x06N.",
      "\x95\x09\0\0\0\0\0\0\0N."sv,
      "I1x\n.",
      "L\n.",
      "F1..2\n.",
      "Sabc\n.",
      "S'\\x0'\n.",
      "V\\u12\n.",
      "X\x01\0\0\0\xff."sv,
      "\x8c\x02\xc3(.",
      "P\xff\n.",
      "c\nC\n.",
      "cm\n\xff\n.",
      "(i\nC\n.",
      "i\nC\n.",
      "\x8c\x01m\x8c\0\x93."sv,
      "cos\nsystem\n(S'true'\ntR.",
      "cos\nsystem\n(NtR.",
      "cos\nsystem\nq\x01h\x01(NtR.",
      "\x8c\x02os\x8c\x06system\x93(NtR.",
      "\x8c\x06system\x94\x8c\x02osh\0\x93N\x85R."sv,
      "X\x02\0\0\0osU\x06system\x93N\x85R."sv,
      "cm\nC\nNR.",
      "NNR.",
      ")N\x81.",
      "N)\x81.",
      "cm\nC\nN\x81.",
      "cos\nsystem\n)\x81.",
      "cos\nsystem\n)}\x92.",
      "N)}\x92.",
      "(ios\nsystem\n.",
      "(Nim\nC\n.",
      "(cos\nsystem\no.",
      "(cm\nC\nNo.",
      "(No.",
  };
  for (const std::string_view row : rows) {
    CAPTURE(row);
    const auto surveyed = survey_error(row);
    CHECK(surveyed);
    if (!row.empty()) CHECK(bare_text_of(surveyed) == bare_text_of(error_of([&] { decode(row); })));
  }
}

TEST_CASE("a survey lets pass what decoding takes") {
  const std::string_view rows[] = {
      "N.",
      "(0N.",
      "N(0.",
      "N(1.",
      "](e.",
      "N(e.",  // nothing is put into None, as in the next two
      "N(u.",
      "N(\x90.",
      "](NeN0.",
      "]Na(I0\nNu.",   // an item of a list is set
      "Np01\ng01\n.",  // keys that are text
      "N\x94p01\n\x94h\2.",
      "Nr\xff\xff\xff\x7fj\xff\xff\xff\x7f.",
      "cm\nC\n)\x81}b.",
      "c__builtin__\nset\n(]tRNa}b.",  // nobody knows what a call gives
      "cbuiltins\nValueError\n(NtR.",
      "(im\nC\n.",
      "(cm\nC\no.",
      "V\\x\xe9\n.",  // no escape, and no UTF-8
  };
  for (const std::string_view row : rows) {
    CAPTURE(row);
    CHECK(bare_text_of(survey_error(row)) == "no error");
  }
}

// What survey() promises, of streams made at random, a quarter of them damaged: what it refuses is refused, with the same words
// unless for something earlier; and it refuses no depth that could be written.
TEST_CASE("random pickles: a survey refuses nothing that could be decoded and written") {
  constexpr int k_streams = 30'000;
  constexpr std::uint64_t k_depth = 4;
  std::mt19937_64 random(11);
  int refused = 0;
  int same_words = 0;
  int too_deep = 0;
  for (int i = 0; i < k_streams; ++i) {
    const std::string stream = fuzz::make_stream(
        random, {.protocol = static_cast<int>(random() % 6), .steps = 5 + static_cast<int>(random() % 60), .damage = 25});
    if (stream.empty()) continue;
    INFO(printable(stream));
    const auto decoding = error_of([&] { decode(stream); });
    if (const auto surveyed = survey_error(stream)) {
      ++refused;
      REQUIRE(decoding);
      INFO(std::string(decoding->what()));
      INFO(std::string(surveyed->what()));
      REQUIRE(decoding->where().offset.value() <= surveyed->where().offset.value());
      if (decoding->where().offset != surveyed->where().offset) continue;
      ++same_words;
      REQUIRE(bare_text_of(surveyed) == bare_text_of(decoding));
    }
    const auto shallow = survey_error(stream, k_depth);
    if (decoding || !shallow) continue;
    ++too_deep;
    REQUIRE(code_of(shallow) == "limit.depth");
    const Decoded decoded = decode(stream);
    StringSink sink;
    REQUIRE(error_of([&] { json::encode_2016(decoded.graph, sink, {.depth = k_depth}); }));
  }
  // Else the streams have changed so that they show nothing any more.
  CHECK(refused > k_streams / 10);
  CHECK(same_words > refused / 2);
  CHECK(too_deep > k_streams / 100);
}

// The same streams as a pickler writes them, of which nothing is lost on the way.
TEST_CASE("random pickles: a survey counts no more than is written") {
  constexpr int k_streams = 10'000;
  std::mt19937_64 random(12);
  int written = 0;
  int many_containers = 0;
  int many_bytes = 0;
  for (int i = 0; i < k_streams; ++i) {
    const std::string stream =
        fuzz::make_stream(random, {.protocol = static_cast<int>(random() % 6), .steps = 20 + static_cast<int>(random() % 100)});
    StringSink pickle;
    StringSink json;
    const auto error = error_of([&] {
      encode(decode(stream).graph, pickle, {.protocol = random() % 2 == 0 ? Protocol::Text : Protocol::Binary});
      const Decoded decoded = decode(pickle.text());
      json::encode_2016(decoded.graph, json, json::EncodeLimits());
      // Keys that are set twice are lost.
      if (!decoded.findings.empty()) throw Error(ErrorCode::InputNotATask, "");
    });
    if (error) continue;
    ++written;
    INFO(printable(pickle.text()));
    INFO(json.text());
    const auto refuses = [&](const Limits& limits) {
      return error_of([&] { survey(pickle.text(), 0, limits, UnknownCalls::Refuse); }).has_value();
    };
    // In texts there can be more of them; tuples in keys are written as Python writes them.
    const auto containers = static_cast<std::uint64_t>(
        std::count_if(json.text().begin(), json.text().end(), [](char c) { return c == '[' || c == '{' || c == '('; }));
    const std::uint64_t bytes = json.text().size() + 1;  // a line end
    REQUIRE_FALSE(refuses({.json_containers = containers, .json_bytes = bytes}));
    many_containers += refuses({.json_containers = containers / 2}) ? 1 : 0;
    many_bytes += refuses({.json_bytes = bytes / 8}) ? 1 : 0;
  }
  CHECK(written > k_streams / 2);
  CHECK(many_containers > written / 10);
  CHECK(many_bytes > written / 4);
}

struct Nesting {
  std::string_view open;
  std::string_view close;
};

std::string nested(const Nesting& nesting, int levels) {
  std::string out;
  for (int n = 0; n < levels; ++n) out += nesting.open;
  out += 'N';
  for (int n = 0; n < levels; ++n) out += nesting.close;
  return out + '.';
}

TEST_CASE("levels are counted for everything that has parts") {
  constexpr int k_levels = 50;
  const Nesting rows[] = {{"]"sv, "a"sv},       {"]("sv, "e"sv},
                          {"("sv, "t"sv},       {"("sv, "l"sv},
                          {""sv, "\x85"sv},     {"N"sv, "\x86"sv},
                          {"NN"sv, "\x87"sv},   {"}K\x01"sv, "s"sv},
                          {"}(K\x01"sv, "u"sv}, {"(K\x01"sv, "d"sv},
                          {"("sv, "\x91"sv},    {"\x8f("sv, "\x90"sv},
                          {""sv, "Q"sv},        {"cm\nC\n)\x81}K\x01"sv, "sb"sv}};
  for (const Nesting& row : rows) {
    CAPTURE(printable(row.open));
    CAPTURE(printable(row.close));
    const std::string pickle = nested(row, k_levels);
    CHECK(code_of(survey_error(pickle, k_levels)) == "no error");
    CHECK(code_of(survey_error(pickle, k_levels - 1)) == "limit.depth");
  }
}

TEST_CASE("what is in two places may be written where it is less deep") {
  // Six levels; the list in the middle is put into the tuple once more, or not.
  const std::string deep = "(]]]q\x01]]aaaa";
  CHECK(code_of(survey_error(deep + "h\x01t.", 5)) == "no error");
  CHECK(code_of(survey_error(deep + "Nt.", 5)) == "limit.depth");
}

// Twenty thousand empty tuples that each take 24 bytes of memory.
std::string dense(std::string_view behind) { return "(" + std::string(20'000, ')') + std::string(behind); }

TEST_CASE("a dense pickle is refused as any other, without a path") {
  const auto error = error_of([&] { decode(dense("K")); });
  REQUIRE(error);
  CHECK(bare_text_of(error) ==
        "byte 20001: opcode BININT1 needs 1 bytes, but the file ends after 0: it was cut, or the length lies");
  CHECK(error->where().path.empty());
  CHECK(code_of(error_of([&] { decode(dense("t.")); })) == "no error");
}

TEST_CASE("a dense pickle is not decoded for what is too much to be written") {
  // Forty levels, each of which has the one before it twice.
  const auto doubled = [](std::string_view first, std::string_view before, std::string_view after) {
    std::string out(first);
    for (int level = 0; level < 40; ++level) {
      const char number = static_cast<char>(level);
      out.append(before)
          .append({'K', '\1', 'h', number, 'K', '\2', 'h', number})
          .append(after)
          .append({'q', static_cast<char>(number + 1)});
    }
    return out;
  };
  struct Row {
    std::string pickle;
    std::string_view code;
  };
  std::string of_large_text = "(X\xff\xff\0\0"s + std::string(65'535, 'a') + 't';
  for (int level = 0; level < 12; ++level) of_large_text += "2\x86";
  // As a pickler has it: memoized before anything is put in.
  std::string filled_later = "}q\0"s;
  for (char level = 0; level < 40; ++level)
    filled_later.append({'}', 'q', static_cast<char>(level + 1), '(', 'K', '\1', 'h', level, 'K', '\2', 'h', level, 'u'});
  const Row rows[] = {
      {dense("tN" + doubled(")q\0"sv, "(", "t") + "\x87."), "limit.nodes"},
      {dense("t" + doubled("}q\0"sv, "}(", "u") + "\x86."), "limit.nodes"},
      {dense("t" + doubled("(dq\0"sv, "(", "d") + "\x86."), "limit.nodes"},
      {dense("t" + doubled("]q\0"sv, "](", "e") + "\x86."), "no error"},  // a list is written once
      {dense("t" + filled_later + "\x86."), "limit.nodes"},
      {dense("t" + of_large_text + "\x86."), "limit.output"},
  };
  for (const Row& row : rows) {
    CAPTURE(printable(row.pickle.substr(20'000, 100)));
    const Limits limits{.json_containers = 1'000'000, .json_bytes = std::uint64_t{64} << 20};
    CHECK(code_of(error_of([&] { decode(row.pickle, limits); })) == row.code);
    CHECK(code_of(error_of([&] { decode(row.pickle); })) == "no error");
    const Decoded decoded = decode(row.pickle);
    StringSink sink;
    CHECK(code_of(error_of([&] { json::encode_2016(decoded.graph, sink, json::EncodeLimits()); })) == row.code);
  }
}

TEST_CASE("a dense pickle is not decoded for what is too deep to be written") {
  const std::string deep = nested({"N"sv, "\x86"sv}, 50'000);
  Limits limits;
  limits.depth = 1000;
  CHECK(code_of(error_of([&] { decode(deep, limits); })) == "limit.depth");
  CHECK(code_of(error_of([&] { decode(deep); })) == "no error");
}

}  // namespace
}  // namespace gt::pickle
