#include <doctest/doctest.h>
#include <sys/resource.h>

#include <string>

#include "lib/pickle/decode.h"
#include "tests/unit/base/support.h"
#include "tests/unit/pickle/support.h"

namespace gt::pickle {
namespace {

using namespace std::literals;
using testing::code_of;
using testing::error_of;
using testing::text_of;

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
    CHECK(text_of(error_of([&] { decode(pickle); })) == "no error");
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
  CHECK(text_of(error) == "the data is nested deeper than 1000 levels, or a dict contains itself");
}

TEST_CASE("a key nested 100,000 levels deep is refused") {
  std::string pickle = "}" + std::string(100'000, '(') + "N" + std::string(100'000, 't') + "Ns.";
  CHECK(code_of(error_of([&] { decode(pickle); })) == "limit.depth");
}

TEST_CASE("the budget of opcodes ends a pickle") {
  const auto at_limit = error_of([] { decode("NNN.", {.opcodes_per_byte = 0, .extra_opcodes = 4, .integer_digits = 10}); });
  CHECK(code_of(at_limit) == "no error");
  const auto over = error_of([] { decode("NNN.", {.opcodes_per_byte = 0, .extra_opcodes = 3, .integer_digits = 10}); });
  CHECK(code_of(over) == "limit.opcodes");
  CHECK(text_of(over) == "byte 3: the pickle has more than 3 opcodes");
}

TEST_CASE("an integer with too many digits is refused before it is read") {
  const Limits limits{.opcodes_per_byte = 8, .extra_opcodes = 10, .integer_digits = 100};
  const std::string good(100, '9');
  const std::string many(101, '9');
  CHECK(code_of(error_of([&] { decode("I" + good + "\n.", limits); })) == "no error");
  CHECK(code_of(error_of([&] { decode("L" + good + "\n.", limits); })) == "no error");
  const auto text_int = error_of([&] { decode("I" + many + "\n.", limits); });
  CHECK(code_of(text_int) == "limit.size");
  CHECK(text_of(text_int) == "byte 0: opcode INT has an integer of about 101 digits, more than the limit of 100");
  CHECK(code_of(error_of([&] { decode("L" + many + "\n.", limits); })) == "limit.size");
  CHECK(code_of(error_of([&] { decode("\x8b\x29\0\0\0"sv, limits); })) == "pickle.truncated");
  const std::string long4 = std::string("\x8b\x2b\0\0\0"sv) + std::string(43, '\x7f') + ".";
  CHECK(text_of(error_of([&] { decode(long4, limits); })) ==
        "byte 0: opcode LONG4 has an integer of about 103 digits, more than the limit of 100");
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

}  // namespace
}  // namespace gt::pickle
