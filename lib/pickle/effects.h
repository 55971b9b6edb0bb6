// What each opcode does to the stack and the memo, whatever the values are: the table of effects.def.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lib/pickle/reader.h"
#include "lib/pickle/shape.h"

namespace gt::pickle {

enum class MarkUse : std::uint8_t { Leave, Push, Pop, Either };
// The shapes come first, as they are in Shape.
enum class Pushes : std::uint8_t { Scalar, String, List, Tuple, Dict, Set, Global, Instance, Foreign, Nothing, Copy, Stored };
enum class MemoUse : std::uint8_t { None, PutLine, PutNumber, PutNext, GetLine, GetNumber };

constexpr bool stores(MemoUse use) { return use >= MemoUse::PutLine && use <= MemoUse::PutNext; }

// The columns of effects.def.
struct Effect {
  MarkUse mark = MarkUse::Leave;
  std::uint8_t takes = 0;
  std::uint8_t keeps = 0;
  Pushes pushes = Pushes::Nothing;
  MemoUse memo = MemoUse::None;
};

constexpr std::array<Effect, 256> make_effects() {
  std::array<Effect, 256> out;
#define GT_EFFECT(name, mark, takes, keeps, pushes, memo) \
  out[static_cast<std::uint8_t>(Opcode::name)] = {MarkUse::mark, takes, keeps, Pushes::pushes, MemoUse::memo};
#include "lib/pickle/effects.def"
#undef GT_EFFECT
  return out;
}
inline constexpr std::array<Effect, 256> k_effects = make_effects();

constexpr const Effect& effect_of(Opcode opcode) { return k_effects[static_cast<std::uint8_t>(opcode)]; }

// What is told of an opcode that cannot do what it should: who decodes and who surveys say the same.

constexpr std::string_view k_no_mark = "needs a MARK, but there is none on the stack";
inline constexpr char k_memo_unset[] = "reads memo {}, which was never set";                                  // a format
inline constexpr char k_extension[] = "uses code {} of the extension registry of the program that saved it";  // a format
constexpr std::string_view k_out_of_band = "takes bytes that were saved apart from this file (out-of-band data)";
constexpr std::string_view k_odd_pairs = "has a key without a value";
constexpr std::string_view k_no_callable = "calls a value that is no class or function";
constexpr std::string_view k_no_class = "names a class that is not one";
inline constexpr char k_calls_no_tuple[] = "calls {} with arguments that are no tuple";  // a format, as the next two
inline constexpr char k_makes_no_tuple[] = "makes a {} with arguments that are no tuple";
inline constexpr char k_unknown_call[] = "calls {}, which is not a type that a task file may name; nothing was run";
constexpr std::string_view k_unhashable = "uses a list, dict, set or bytearray as a key, which Python cannot hash";

constexpr std::string_view message_for_missing(Opcode opcode) {
  switch (opcode) {
    case Opcode::SETITEM: return "needs a dict, a key and a value on the stack";
    case Opcode::BINPERSID:
    case Opcode::TUPLE1: return "needs 1 value on the stack";
    case Opcode::TUPLE2: return "needs 2 values on the stack";
    case Opcode::TUPLE3: return "needs 3 values on the stack";
    case Opcode::APPENDS: return "needs a list below its MARK";
    case Opcode::SETITEMS: return "needs a dict below its MARK";
    case Opcode::ADDITEMS: return "needs a set below its MARK";
    case Opcode::OBJ: return "needs a class behind its MARK";
    default: return "needs a value, but the stack is empty";
  }
}

constexpr std::string_view message_for_wrong_type(Opcode opcode) {
  switch (opcode) {
    case Opcode::APPEND:
    case Opcode::APPENDS: return "appends to something that is no list";
    case Opcode::SETITEM:
    case Opcode::SETITEMS: return "sets an item of something that is no dict";
    case Opcode::ADDITEMS: return "adds elements to something that is no set";
    case Opcode::BUILD: return "gives a state to something that is no instance";
    case Opcode::STACK_GLOBAL: return "names a class by something that is no text";
    case Opcode::NEWOBJ_EX: return "has keyword arguments that are no dict";
    default: return "has a value of a type that it cannot use";
  }
}

}  // namespace gt::pickle
