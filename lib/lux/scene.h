// The statements of an .lxs scene, told to a visitor one parameter at a time:
//
//   Film "fleximage" "integer xresolution" [800] "string filename" ["out"]
//   ^ statement      ^ parameter: type, name, value
//
// Bounded: nothing is kept of a mesh but its place and its first four values, and nothing nests.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/lux/tokens.h"

namespace gt::lux {

struct Statement {
  Token keyword;               // Film, Texture, WorldBegin, or one that no LuxRender known to us has
  std::string type;            // "fleximage": the string that decides what the parameters mean; the last of several
  std::uint64_t end = 0;       // offset behind its last token so far, comments not counted
  std::uint64_t includes = 0;  // number of Includes between its keyword and its end
};

enum class Brackets : std::uint8_t { Absent, Present };

struct Parameter {
  Position at;             // of its declaration
  std::string_view type;   // "integer", "float", "bool", "string", ...; empty for a type that LuxRender does not know
  std::string name;        // "xresolution"
  Position value_at;       // the value, brackets included
  std::string_view value;  // as written
  Brackets brackets = Brackets::Absent;
  std::array<Token, 4> head;  // the first values
  std::uint64_t count = 0;    // of values
};

class SceneVisitor {
 public:
  virtual ~SceneVisitor() = default;
  // A keyword with what follows it up to its first parameter.
  virtual void on_statement(const Statement& /*statement*/) {}
  virtual void on_parameter(const Statement& /*statement*/, const Parameter& /*parameter*/) {}
  virtual void on_statement_end(const Statement& /*statement*/) {}
  // Where LuxRender reads another file: between statements, or even between the parameters of one.
  virtual void on_include(const Token& /*name*/) {}
  virtual void on_foreign(const Token& /*byte*/) {}
};

// Throws LuxSyntax, with line and column, for what cannot be told apart into statements: unclosed or nested brackets, values
// where no statement is, a parameter without a value, numbers and strings in one list. Order, names and types of statements
// are not checked: LuxRender's versions differ in them.
void parse_scene(std::string_view text, SceneVisitor& visitor);

}  // namespace gt::lux
