// The words of the .lxs scene language, as LuxRender's own scanner (core/luxlex.l, 2009 to 2013) takes a text apart.
//
// A text comes from a stranger: it may be cut, forged or huge. A tokenizer holds one token, never copies the text, and reads it
// once from front to back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/error.h"

namespace gt::lux {

struct Position {
  std::uint64_t offset = 0;  // bytes before it
  std::uint64_t line = 1;    // from 1
  std::uint64_t column = 1;  // from 1, in bytes
  bool operator==(const Position&) const = default;
};
// "line 3, column 7"
std::string to_string(const Position& position);

enum class TokenKind : std::uint8_t {
  Word,     // Film, WorldBegin
  Number,   // 1, -.5e3
  String,   // "integer xresolution", with its quotes and escapes
  Include,  // the quoted name behind the word Include, in which a backslash is a backslash
  Open,     // [
  Close,    // ]
  Foreign,  // a byte that begins no word: LuxRender complains and skips it, as it does with the mark of UTF-8 at the start
  End,
};

struct Token {
  TokenKind kind = TokenKind::End;
  Position at;
  std::string_view text;  // in the scene's text, whole: with quotes

  std::uint64_t end() const { return at.offset + text.size(); }
};

// What LuxRender makes of a String: escapes resolved, cut behind 1023 bytes as it does; of an Include what is between the
// quotes.
std::string decode(const Token& token);

class Tokenizer {
 public:
  // `text` must live as long as the tokenizer and its tokens. Throws LuxSyntax for a NUL byte anywhere: LuxRender reads C
  // strings, so what stands behind one would be seen by us alone.
  explicit Tokenizer(std::string_view text);

  // The next token; End again and again at the end. Blanks, line ends and comments are passed over. Throws LuxSyntax for a
  // string that is not closed in its line and for an Include without a name.
  Token next();

 private:
  void skip_blanks();
  void skip_to(std::size_t offset);
  Token take(TokenKind kind, std::size_t length);
  Token take_string();
  Token take_include();
  Position here() const { return {offset_, line_, offset_ - line_start_ + 1}; }

  std::string_view text_;
  std::size_t offset_ = 0;
  std::size_t line_start_ = 0;
  std::uint64_t line_ = 1;
};

// An error of the scene at a place in it.
Error scene_error(ErrorCode code, const Position& at, std::string message, std::string hint = {});

}  // namespace gt::lux
