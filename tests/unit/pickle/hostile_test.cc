#include <doctest/doctest.h>
#include <sys/resource.h>

#include <string>

#include "lib/pickle/decode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::bare_text_of;
using testing::code_of;
using testing::error_of;

// A task as each protocol writes it: state, memo, class, set, nested values.
const std::string_view k_whole[] = {
    "(ignr.renderingtaskstate\nRenderingTaskDefinition\np1\n(dp2\nS'task_id'\np3\nVabc\\u017c\np4\nsS'resources'\np5\n"
    "c__builtin__\nset\np6\n((lp7\nVa/b.blend\np8\natp9\nRp10\nsS'resolution'\np11\n(lp12\nI800\naI600\nasS'x'\nF0.5\nsS'y'\n"
    "L7L\nsb."sv,
    "(cgnr.renderingtaskstate\nRenderingTaskDefinition\nq\0oq\x01}q\x02(U\x07task_idq\x03X\x03\0\0\0abcU\x01rK\x05M\x01\x02"
    "J\x01\x02\x03\0U\x02zz]q\x05(K\x01K\x02"
    "eub."sv,
    "\x80\x02"
    "cgnr.renderingtaskstate\nRenderingTaskDefinition\nq\0)\x81q\x01}q\x02(U\x07task_idq\x03X\x03\0\0\0abcU\x01r"
    "\x8a\x02\x01\x02U\x01tK\x01K\x02\x86U\x01"
    "bG\x3f\xf8\0\0\0\0\0\0U\x02zz]q\x05\x88\x61ub."sv,
};

TEST_CASE("a pickle cut at any byte is an error") {
  for (const std::string_view whole : k_whole) {
    CHECK(code_of(error_of([&] { decode(whole); })) == "no error");
    for (std::size_t length = 0; length < whole.size(); ++length) {
      CAPTURE(length);
      const std::string cut(whole.substr(0, length));
      const auto error = error_of([&] { decode(cut); });
      REQUIRE(code_of(error) == (length == 0 ? "input.empty" : "pickle.truncated"));
      if (length > 0) CHECK(error->where().offset.value_or(~0u) <= length);
    }
  }
}

TEST_CASE("a pickle with any byte changed is an error or a graph, never anything else") {
  for (const std::string_view whole : k_whole) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const char byte : {'\0', '\xff', '(', '.', 'R', 'b', '0', '\n', static_cast<char>(whole[at] ^ 1)}) {
        std::string changed(whole);
        changed[at] = byte;
        const auto error = error_of([&] { decode(changed); });
        if (error) REQUIRE(error->exit_code() == ExitCode::ContentRejected);
      }
    }
  }
}

long peak_kilobytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_CASE("nesting of 100,000 levels is decoded and destroyed without recursion") {
  constexpr int k_levels = 100'000;
  struct Row {
    std::string_view open;
    std::string_view close;
  };
  const Row rows[] = {{"]"sv, "a"sv}, {"("sv, "t"sv}, {"("sv, "l"sv}, {"}K\x01"sv, "s"sv}, {"(im\nC\n}K\x01"sv, "sb"sv}};
  for (const Row& row : rows) {
    CAPTURE(row.open);
    std::string pickle;
    for (int n = 0; n < k_levels; ++n) pickle += row.open;
    pickle += "N";
    for (int n = 0; n < k_levels; ++n) pickle += row.close;
    pickle += ".";
    CHECK(bare_text_of(error_of([&] { decode(pickle); })) == "no error");
  }
  std::string marks(k_levels, '(');
  CHECK(code_of(error_of([&] { decode(marks); })) == "pickle.truncated");
  CHECK(code_of(error_of([&] { decode(marks + "."); })) == "pickle.stack-underflow");
}

TEST_CASE("nesting of 100,000 levels is refused by the encoder") {
  std::string pickle(100'000, ']');
  pickle += "N" + std::string(100'000, 'a') + ".";
  const auto error = error_of([&] { testing::json_of_pickle(pickle); });
  CHECK(code_of(error) == "limit.depth");
  CHECK(bare_text_of(error) ==
        "the data is nested deeper than 1000 levels, or a dict contains itself; gt2json --max-depth allows more");
}

TEST_CASE("a key nested 100,000 levels deep is refused") {
  std::string pickle = "}" + std::string(100'000, '(') + "N" + std::string(100'000, 't') + "Ns.";
  CHECK(code_of(error_of([&] { decode(pickle); })) == "limit.depth");
}

// Each is three bytes, and would be as long as the name.
TEST_CASE("a long name is not read again and again") {
  std::string pickle = "(X\xa0\x86\1\0"s + std::string(100'000, 'a') + "q\0"s;
  const auto with = [&](int classes) {
    std::string out = pickle;
    for (int i = 0; i < classes; ++i) out += "h\0h\0\x93"s;
    return out + "l.";
  };
  CHECK(code_of(error_of([&] { decode(with(5)); })) == "no error");
  CHECK(code_of(error_of([&] { decode(with(50)); })) == "limit.nodes");
}

TEST_CASE("a long text may be the key of every dict") {
  std::string pickle = "(X\xa0\x86\1\0"s + std::string(100'000, 'a') + "q\0"s;
  for (int i = 0; i < 10'000; ++i) pickle += "}(h\0K\1h\0K\2K\3Nu"s;
  const Decoded decoded = decode(pickle + "l.");
  const auto last = decoded.graph.items(decoded.graph.root()).back();
  REQUIRE(decoded.graph.entries(last).size() == 2);
  CHECK(decoded.graph.int_of(decoded.graph.entries(last)[0].value) == 2);
}

TEST_CASE("the budget of opcodes ends a pickle") {
  const auto at_limit = error_of([] { decode("NNN.", {.opcodes_per_byte = 0, .extra_opcodes = 4, .integer_digits = 10}); });
  CHECK(code_of(at_limit) == "no error");
  const auto over = error_of([] { decode("NNN.", {.opcodes_per_byte = 0, .extra_opcodes = 3, .integer_digits = 10}); });
  CHECK(code_of(over) == "limit.opcodes");
  CHECK(bare_text_of(over) == "byte 3: the pickle has more than 3 opcodes; gt2json --max-opcodes allows more");
}

TEST_CASE("an integer with too many digits is refused before it is read") {
  const Limits limits{.opcodes_per_byte = 8, .extra_opcodes = 10, .integer_digits = 100};
  const std::string good(100, '9');
  const std::string many(101, '9');
  CHECK(code_of(error_of([&] { decode("I" + good + "\n.", limits); })) == "no error");
  CHECK(code_of(error_of([&] { decode("L" + good + "\n.", limits); })) == "no error");
  const auto text_int = error_of([&] { decode("I" + many + "\n.", limits); });
  CHECK(code_of(text_int) == "limit.size");
  CHECK(bare_text_of(text_int) ==
        "byte 0: opcode INT has an integer of about 101 digits, more than the limit of 100; gt2json --max-integer-digits "
        "allows more");
  CHECK(code_of(error_of([&] { decode("L" + many + "\n.", limits); })) == "limit.size");
  CHECK(code_of(error_of([&] { decode("\x8b\x29\0\0\0"sv, limits); })) == "pickle.truncated");
  const std::string long4 = std::string("\x8b\x2b\0\0\0"sv) + std::string(43, '\x7f') + ".";
  CHECK(bare_text_of(error_of([&] { decode(long4, limits); })) ==
        "byte 0: opcode LONG4 has an integer of about 103 digits, more than the limit of 100; gt2json --max-integer-digits "
        "allows more");
  // The default allows what a task could hold, and refuses what would take minutes.
  CHECK(code_of(error_of([] { decode("L" + std::string(1'000'000, '9') + "\n."); })) == "limit.size");
}

TEST_CASE("a huge memo index costs nothing") {
  const long before = peak_kilobytes();
  std::string pickle;
  for (int n = 0; n < 1000; ++n) pickle += "Nr" + std::string(1, static_cast<char>(n)) + std::string("\xff\xff\x7f"sv) + "0";
  pickle += "]p9223372036854775807\ng9223372036854775807\n\x86.";
  CHECK(testing::json_of_pickle(pickle) == "{\"py/tuple\":[[],{\"py/id\":0}]}");
  CHECK(peak_kilobytes() - before < 16 * 1024);
}

std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int n = 0; n < count; ++n) out += text;
  return out;
}

TEST_CASE("each budget ends a pickle before it is overdrawn") {
  struct Row {
    std::string_view pickle;
    Limits limits;
    std::string_view code;
    std::string_view text;
  };
  const Row rows[] = {
      {"NNN."sv,
       {.stack = 2},
       "limit.stack",
       "byte 2: opcode NONE leaves more than 2 values on the stack; gt2json --max-stack allows more"},
      {"((NN."sv, {.marks = 1}, "limit.stack", "byte 1: opcode MARK makes more than 1 marks; gt2json --max-marks allows more"},
      {"Nq\0q\1q\2."sv,
       {.memo = 2},
       "limit.memo",
       "byte 5: opcode BINPUT makes more than 2 memo entries; gt2json --max-memo allows more"},
      {"N\x94\x94\x94."sv,
       {.memo = 2},
       "limit.memo",
       "byte 3: opcode MEMOIZE makes more than 2 memo entries; gt2json --max-memo allows more"},
      {"Npx\npy\n."sv,
       {.odd_memo = 1},
       "limit.memo",
       "byte 4: opcode PUT makes more than 1 memo entries that no program would number like this; gt2json --max-memo allows "
       "more"},
      {"U\3abc."sv,
       {.string_bytes = 2},
       "limit.size",
       "byte 0: opcode SHORT_BINSTRING has a string of 3 bytes, more than the limit of 2; gt2json --max-string-bytes allows "
       "more"},
      {"V\\u0061b\n."sv,
       {.string_bytes = 2},
       "limit.size",
       "byte 0: opcode UNICODE has a string of 7 bytes, more than the limit of 2; gt2json --max-string-bytes allows more"},
      {"\x96\3\0\0\0\0\0\0\0abc."sv,
       {.string_bytes = 2},
       "limit.size",
       "byte 0: opcode BYTEARRAY8 has a string of 3 bytes, more than the limit of 2; gt2json --max-string-bytes allows more"},
      {"c__builtin__\nset\n(NNNlq\0\x85R."sv,
       {.copies_per_byte = 0, .extra_copies = 5},
       "limit.nodes",
       "byte 25: opcode REDUCE makes more than 5 copies of values: the file refers to the same parts over and over; gt2json "
       "--max-nodes allows more"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto error = error_of([&] { decode(row.pickle, row.limits); });
    CHECK(code_of(error) == row.code);
    CHECK(bare_text_of(error) == row.text);
  }
}

TEST_CASE("what a budget allows to the last is read") {
  CHECK(code_of(error_of([] { decode("NN0N\x86."sv, {.stack = 2}); })) == "no error");
  CHECK(code_of(error_of([] { decode("((NNll."sv, {.marks = 2}); })) == "no error");
  CHECK(code_of(error_of([] { decode("Nq\0q\1q\1."sv, {.memo = 2}); })) == "no error");
}

TEST_CASE("what opcodes copy again and again is refused: a few bytes cannot make gigabytes") {
  const std::string ints = [] {
    std::string out;
    for (int n = 0; n < 60'000; ++n) out += {'M', static_cast<char>(n), static_cast<char>(n >> 8)};
    return out;
  }();
  const std::string pairs = [] {
    std::string out;
    for (int n = 0; n < 60'000; ++n) out += {'M', static_cast<char>(n), static_cast<char>(n >> 8), 'N'};
    return out;
  }();
  const std::string pickles[] = {
      // A state that is given to one instance many times; a set made of one list; arguments; one long key of many dicts.
      "cm\nC\n)\x81}q\1("s + pairs + "ub" + repeated("h\1b"sv, 100'000) + ".",
      "c__builtin__\nset\nq\0]q\1("s + ints + "e0" + repeated("h\0h\1\x85R0"sv, 100'000) + "N.",
      "cdatetime\ntimedelta\nq\0("s + repeated("K\1"sv, 100'000) + "tq\1" + repeated("h\0h\1R0"sv, 100'000) + "N.",
      "("s + repeated("K\1"sv, 9000) + "tq\0]("s + repeated("}h\0Ns"sv, 100'000) + "e.",
      "cgnr.docker_environments\nBlenderDockerEnvironment\nq\0"s + repeated("0h\0)R"sv, 100'000) + ".",
      "cgnr.task.luxrendertask\nLuxRenderOptions\nq\0"s + repeated("0(h\0o"sv, 100'000) + ".",
  };
  const long before = peak_kilobytes();
  for (const std::string& pickle : pickles) {
    CAPTURE(pickle.substr(0, 40));
    CHECK(code_of(error_of([&] { decode(pickle); })) == "limit.nodes");
  }
  CHECK(peak_kilobytes() - before < 64 * 1024);
}

TEST_CASE("JSON that would be endless is refused before a byte is written") {
  std::string dicts = "}q\0"s;
  for (char i = 0; i < 50; ++i) dicts += "}q"s + static_cast<char>(i + 1) + "(U\1ah"s + i + "U\1bh"s + i + "u";
  const std::string text = "X\0\0\1\0"s + std::string(65536, 'x') + "q\0"s + "0(" + repeated("h\0"sv, 100'000) + "l.";
  for (const std::string& pickle : {dicts + ".", ")" + repeated("2\x86"sv, 100) + ".", text}) {
    const auto decoded = decode(pickle);
    StringSink sink;
    const auto error = error_of([&] { json::encode_2016(decoded.graph, sink, json::EncodeLimits::for_input(pickle.size())); });
    CHECK(code_of(error).starts_with("limit."));
    CHECK(sink.text().empty());
  }
}

}  // namespace
}  // namespace gt::pickle
