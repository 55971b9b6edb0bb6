#include "lib/lux/tokens.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace gt::lux;

namespace {

std::string kinds_and_texts(std::string_view text) {
  constexpr const char* k_names[] = {"word", "number", "string", "include", "open", "close", "foreign", "end"};
  std::string out;
  Tokenizer tokens(text);
  for (Token token = tokens.next(); token.kind != TokenKind::End; token = tokens.next())
    out += std::string(out.empty() ? "" : " | ") + k_names[static_cast<int>(token.kind)] + " " + std::string(token.text);
  return out;
}

struct Fault {
  gt::ErrorCode code = gt::ErrorCode::Bug;
  std::string text = "no error";
};

Fault fault_of(std::string_view text) {
  try {
    kinds_and_texts(text);
  } catch (const gt::Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

std::string decoded(std::string_view text) { return decode(Tokenizer(text).next()); }

}  // namespace

TEST_CASE("a text comes apart as in LuxRender's scanner") {
  const struct {
    std::string_view text;
    std::string_view tokens;
  } rows[] = {
      {"", ""},
      {" \t\r\n", ""},
      {"# Film \"x\" [", ""},
      {"#a\n#b\nFilm", "word Film"},
      {"Film \"fleximage\"", "word Film | string \"fleximage\""},
      {"[1 2]", "open [ | number 1 | number 2 | close ]"},
      {"-1 +2 .5 5. -.5e-3 1E5 1e+5",
       "number -1 | number +2 | number .5 | number 5. | number -.5e-3 | number 1E5 | number 1e+5"},
      {"1e 1e+ 2x", "number 1 | word e | number 1 | word e | foreign + | number 2 | word x"},
      {"1.2.3 - . ;", "number 1.2 | number .3 | foreign - | foreign . | foreign ;"},
      {"A_1b", "word A_1b"},
      {"\"a # b [ ] c\" # d", "string \"a # b [ ] c\""},
      {R"("a\"b" "c\\" "d")", R"(string "a\"b" | string "c\\" | string "d")"},
      {"\"a\\\nb\" c", "string \"a\\\nb\" | word c"},
      {"Include \"a.lxm\" Includes", "include \"a.lxm\" | word Includes"},
      {"Include\n\t\"a\"", "include \"a\""},
      {R"(Include "C:\maps\" Film)", R"(include "C:\maps\" | word Film)"},
      {"\xef\xbb\xbf"
       "Film",
       "foreign \xef | foreign \xbb | foreign \xbf | word Film"},
  };
  for (const auto& row : rows) CHECK_MESSAGE(kinds_and_texts(row.text) == row.tokens, row.text);
}

TEST_CASE("strings are decoded as LuxRender decodes them") {
  const struct {
    std::string_view text;
    std::string decoded;
  } rows[] = {
      {R"("")", ""},
      {R"("integer xresolution")", "integer xresolution"},
      {R"("\n\t\r\b\f\"\\")", "\n\t\r\b\f\"\\"},
      {R"("\q\'")", "q'"},
      {R"("\065\066x")", "ABx"},
      {R"("\321")", "A"},                                // 321 modulo 256
      {R"("\06" "\6")", "06"},                           // fewer than three digits are no number
      {"\"a\\\nb\"", "ab"},                              // a string goes on behind a backslash at the end of its line
      {R"(Include "C:\new\t.lxm")", R"(C:\new\t.lxm)"},  // no string: a backslash is a backslash
  };
  for (const auto& row : rows) CHECK_MESSAGE(decoded(row.text) == row.decoded, row.text);
  CHECK(decoded('"' + std::string(5000, 'a') + '"') == std::string(1023, 'a'));
}

TEST_CASE("places are lines and columns in bytes") {
  Tokenizer tokens("Film # x\n  \"a\\\nb\"\n[");
  CHECK(tokens.next().at == Position{0, 1, 1});
  CHECK(tokens.next().at == Position{11, 2, 3});
  CHECK(tokens.next().at == Position{18, 4, 1});
  CHECK(tokens.next().at == Position{19, 4, 2});
  CHECK(tokens.next().kind == TokenKind::End);
}

TEST_CASE("what is not closed is an error at the place where it begins") {
  const struct {
    std::string_view text;
    const char* message;
  } rows[] = {
      {"Film \"fleximage", "line 1, column 6: a string begins here and is not closed in its line"},
      {"\n \"a\nb\"", "line 2, column 2: a string begins here and is not closed in its line"},
      {"\"a\\", "line 1, column 1: a string begins here and is not closed in its line"},
      {"\"a\\\"", "line 1, column 1: a string begins here and is not closed in its line"},
      {"a Include", "line 1, column 3: Include is not followed by a file name in quotes"},
      {"Include # a\n\"b\"", "line 1, column 1: Include is not followed by a file name in quotes"},
      {"Include \"a\nb\"", "line 1, column 1: Include is not followed by a file name in quotes"},
      {"Include \"a", "line 1, column 1: Include is not followed by a file name in quotes"},
  };
  for (const auto& row : rows) {
    const Fault fault = fault_of(row.text);
    CHECK_MESSAGE(fault.code == gt::ErrorCode::LuxSyntax, row.text);
    CHECK(fault.text == row.message);
  }
}

TEST_CASE("a NUL byte is an error wherever it stands, also in a comment") {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"a\nb \0"sv, "#\n  \0"sv, "\"\n\"\0"sv}) {
    const Fault fault = fault_of(text);
    CHECK(fault.code == gt::ErrorCode::LuxSyntax);
    CHECK(fault.text.find("line 2, column ") == 0);
    CHECK(fault.text.find("there is a NUL byte, which no scene of LuxRender has") != std::string::npos);
  }
}
