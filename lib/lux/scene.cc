#include "lib/lux/scene.h"

#include <algorithm>

#include "lib/base/text.h"

namespace gt::lux {
namespace {

// Statements with other than one string before their parameters (core/luxparse.y).
struct Leading {
  std::string_view keyword;
  int strings;
};
constexpr Leading k_leading[] = {{"Texture", 3}, {"MakeNamedVolume", 2}};

int leading_strings(std::string_view keyword) {
  for (const Leading& leading : k_leading)
    if (leading.keyword == keyword) return leading.strings;
  return 1;
}

// In the order in which LuxRender tries them; it looks at the beginning only, so "integerxresolution" is an integer, too.
constexpr std::string_view k_types[] = {"float", "integer", "bool", "point", "vector", "normal", "string", "texture", "color"};
constexpr std::string_view k_blanks = " \t\n\v\f\r";

void declare(Parameter& parameter, const Token& declaration) {
  const std::string text = decode(declaration);
  const std::size_t start = std::min(text.find_first_not_of(k_blanks), text.size());
  const std::string_view rest = std::string_view(text).substr(start);
  for (const std::string_view type : k_types) {
    if (rest.substr(0, type.size()) != type) continue;
    const std::string_view name = rest.substr(type.size());
    parameter.type = type;
    parameter.name = name.substr(std::min(name.find_first_not_of(k_blanks), name.size()));
    return;
  }
  parameter.name = rest;
}

class Parser {
 public:
  Parser(std::string_view text, SceneVisitor& visitor) : text_(text), tokens_(text), visitor_(visitor) {}

  void run() {
    for (advance(); token_.kind != TokenKind::End;) {
      switch (token_.kind) {
        case TokenKind::Word: begin_statement(); break;
        case TokenKind::String: take_string(); break;
        case TokenKind::Number:
        case TokenKind::Open: take_plain_value(); break;
        default: throw unexpected("is not the beginning of anything");
      }
    }
    end_statement();
  }

 private:
  Error unexpected(const std::string& what) const {
    return scene_error(ErrorCode::LuxSyntax, token_.at, printable(token_.text, 40) + " " + what);
  }

  // The next token that belongs to the grammar. LuxRender's scanner handles the others itself, wherever they stand.
  void advance() {
    includes_before_ = includes_;
    for (token_ = tokens_.next();; token_ = tokens_.next()) {
      if (token_.kind == TokenKind::Include) {
        ++includes_;
        visitor_.on_include(token_);
      } else if (token_.kind == TokenKind::Foreign) {
        visitor_.on_foreign(token_);
      } else {
        return;
      }
    }
  }

  void begin_statement() {
    end_statement();
    statement_ = Statement{.keyword = token_, .type = {}, .end = token_.end()};
    in_statement_ = true;
    includes_at_keyword_ = includes_;
    strings_left_ = leading_strings(token_.text);
    told_ = false;
    advance();
  }

  void end_statement() {
    if (!in_statement_) return;
    tell();
    visitor_.on_statement_end(statement_);
    in_statement_ = false;
  }

  void tell() {
    if (!told_) visitor_.on_statement(statement_);
    told_ = true;
  }

  void take_string() {
    if (!in_statement_) throw unexpected("stands outside of a statement");
    if (strings_left_ == 0) return take_parameter();
    --strings_left_;
    statement_.type = decode(token_);
    const std::uint64_t end = token_.end();
    advance();
    extend_statement(end);
  }

  // The numbers of LookAt, the matrix of Transform: values without a declaration. No string can follow but MotionInstance's,
  // which is no declaration either.
  void take_plain_value() {
    if (!in_statement_) throw unexpected("stands outside of a statement");
    Parameter ignored;
    take_value(ignored);
    strings_left_ = std::max(strings_left_, statement_.keyword.text == "MotionInstance" ? 1 : 0);
  }

  void take_parameter() {
    tell();
    Parameter parameter;
    parameter.at = token_.at;
    declare(parameter, token_);
    const Token declaration = token_;
    advance();
    if (token_.kind != TokenKind::String && token_.kind != TokenKind::Number && token_.kind != TokenKind::Open)
      throw scene_error(ErrorCode::LuxSyntax, declaration.at, printable(declaration.text, 80) + " has no value");
    take_value(parameter);
    visitor_.on_parameter(statement_, parameter);
  }

  void take_value(Parameter& parameter) {
    parameter.value_at = token_.at;
    std::uint64_t end = token_.end();
    if (token_.kind == TokenKind::Open) {
      parameter.brackets = Brackets::Present;
      end = take_list(parameter);
    } else {
      take_item(parameter);
    }
    parameter.value = text_.substr(parameter.value_at.offset, end - parameter.value_at.offset);
    extend_statement(end);
  }

  // To be called right behind the advance() that passed the token which ends at `end`.
  void extend_statement(std::uint64_t end) {
    statement_.end = end;
    statement_.includes = includes_before_ - includes_at_keyword_;
  }

  void take_item(Parameter& parameter) {
    if (parameter.count > 0 && token_.kind != parameter.head[0].kind) throw unexpected("stands among values of another kind");
    if (parameter.count < parameter.head.size()) parameter.head[parameter.count] = token_;
    ++parameter.count;
    advance();
  }

  std::uint64_t take_list(Parameter& parameter) {
    const Position open = token_.at;
    advance();
    while (token_.kind == TokenKind::String || token_.kind == TokenKind::Number) take_item(parameter);
    if (token_.kind == TokenKind::Open) throw unexpected("stands within brackets");
    if (token_.kind != TokenKind::Close)
      throw scene_error(ErrorCode::LuxSyntax, open, "a bracket is opened here and not closed");
    const std::uint64_t end = token_.end();
    advance();
    return end;
  }

  std::string_view text_;
  Tokenizer tokens_;
  SceneVisitor& visitor_;
  Token token_;
  Statement statement_;
  bool in_statement_ = false;
  std::uint64_t includes_ = 0;             // so far
  std::uint64_t includes_before_ = 0;      // before the last token that was passed
  std::uint64_t includes_at_keyword_ = 0;  // before the statement
  int strings_left_ = 0;
  bool told_ = false;
};

}  // namespace

void parse_scene(std::string_view text, SceneVisitor& visitor) { Parser(text, visitor).run(); }

}  // namespace gt::lux
