#include "lib/lux/tokens.h"

#include <algorithm>

namespace gt::lux {
namespace {

constexpr std::size_t k_max_string = 1023;  // of LuxRender's scanner, which cuts longer ones

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::size_t digits_at(std::string_view text, std::size_t offset) {
  std::size_t end = offset;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - offset;
}

std::size_t word_length(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && (begins_word(text[end]) || is_digit(text[end]))) ++end;
  return end;
}

// Length of the number that `text` begins with, 0 if it begins with none.
std::size_t number_length(std::string_view text) {
  std::size_t end = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t whole = digits_at(text, end);
  end += whole;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = digits_at(text, end + 1);
    if (whole + fraction == 0) return 0;
    end += 1 + fraction;
  } else if (whole == 0) {
    return 0;
  }
  if (end >= text.size() || (text[end] != 'e' && text[end] != 'E')) return end;
  const std::size_t sign = end + 1 < text.size() && (text[end + 1] == '-' || text[end + 1] == '+') ? 1 : 0;
  const std::size_t exponent = digits_at(text, end + 1 + sign);
  return exponent == 0 ? end : end + 1 + sign + exponent;
}

char escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'b': return '\b';
    case 'f': return '\f';
    default: return c;
  }
}

// Adds what the escape at the start of `rest` stands for, and returns its length. `rest` begins with a backslash and has more.
std::size_t append_escape(std::string& out, std::string_view rest) {
  if (digits_at(rest.substr(0, 4), 1) == 3) {
    const int value = (rest[1] - '0') * 100 + (rest[2] - '0') * 10 + (rest[3] - '0');
    out += static_cast<char>(value & 0xff);
    return 4;
  }
  if (rest[1] != '\n') out += escaped(rest[1]);
  return 2;
}

}  // namespace

std::string to_string(const Position& position) {
  return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
}

Error scene_error(ErrorCode code, const Position& at, std::string message, std::string hint) {
  return Error(code, std::move(message), {.path = to_string(at)}, std::move(hint));
}

std::string decode(const Token& token) {
  const std::string_view inside = token.text.substr(1, token.text.size() - 2);
  if (token.kind == TokenKind::Include) return std::string(inside);
  std::string out;
  for (std::size_t i = 0; i < inside.size() && out.size() < k_max_string;) {
    if (inside[i] == '\\' && i + 1 < inside.size())
      i += append_escape(out, inside.substr(i));
    else
      out += inside[i++];
  }
  return out;
}

Tokenizer::Tokenizer(std::string_view text) : text_(text) {
  const std::size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return;
  skip_to(nul);
  throw scene_error(ErrorCode::LuxSyntax, here(), "there is a NUL byte, which no scene of LuxRender has");
}

void Tokenizer::skip_to(std::size_t offset) {
  // Not past `offset`: a line can be as long as the text, and hold millions of tokens.
  const std::string_view passed = text_.substr(0, offset);
  for (std::size_t at = passed.find('\n', offset_); at != std::string_view::npos; at = passed.find('\n', at)) {
    line_start_ = ++at;
    ++line_;
  }
  offset_ = offset;
}

void Tokenizer::skip_blanks() {
  while (offset_ < text_.size()) {
    if (text_[offset_] == '#') {
      skip_to(std::min(text_.find('\n', offset_), text_.size()));
    } else if (is_blank(text_[offset_])) {
      skip_to(offset_ + 1);
    } else {
      return;
    }
  }
}

Token Tokenizer::take(TokenKind kind, std::size_t length) {
  const Token token{kind, here(), text_.substr(offset_, length)};
  skip_to(offset_ + length);
  return token;
}

Token Tokenizer::take_string() {
  std::size_t end = offset_ + 1;
  while (end < text_.size() && text_[end] != '"' && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size() || text_[end] != '"')
    throw scene_error(ErrorCode::LuxSyntax, here(), "a string begins here and is not closed in its line");
  return take(TokenKind::String, end + 1 - offset_);
}

// The name is not a string: LuxRender takes each byte up to the next quote as it is.
Token Tokenizer::take_include() {
  const Position word = here();
  skip_to(offset_ + std::string_view("Include").size());
  while (offset_ < text_.size() && is_blank(text_[offset_])) skip_to(offset_ + 1);
  const std::size_t end =
      offset_ < text_.size() && text_[offset_] == '"' ? text_.find_first_of("\"\n", offset_ + 1) : text_.size();
  if (end >= text_.size() || text_[end] != '"')
    throw scene_error(ErrorCode::LuxSyntax, word, "Include is not followed by a file name in quotes");
  return take(TokenKind::Include, end + 1 - offset_);
}

Token Tokenizer::next() {
  skip_blanks();
  if (offset_ >= text_.size()) return {TokenKind::End, here(), {}};
  const char c = text_[offset_];
  if (c == '"') return take_string();
  if (c == '[') return take(TokenKind::Open, 1);
  if (c == ']') return take(TokenKind::Close, 1);
  const std::string_view rest = text_.substr(offset_);
  if (begins_word(c)) {
    const std::size_t length = word_length(rest);
    return rest.substr(0, length) == "Include" ? take_include() : take(TokenKind::Word, length);
  }
  if (const std::size_t length = number_length(rest)) return take(TokenKind::Number, length);
  return take(TokenKind::Foreign, 1);
}

}  // namespace gt::lux
