// A value of the object graph: eight bytes that are compared and copied like an integer. What it refers to lives in a Graph.
#pragma once

#include <cstdint>

namespace gt::object {

// The kinds of Python 2 objects that a task file can hold. Bytes is Python 2's str, Text its unicode.
enum class Kind : std::uint8_t {
  Absent,  // no value at all: an unset memo slot, an attribute that is not there
  None,
  Bool,
  Int,   // Python 2 int: fits 64 bits
  Long,  // Python 2 long: any size; prints with L in a repr
  Float,
  Bytes,
  Text,
  List,
  Tuple,
  Dict,
  Set,
  FrozenSet,
  Instance,  // an object of a class: name, attributes, and what else its pickle carried
  Global,    // a class or function, by name only
  RawList,   // a list that jsonpickle writes but does not number (py/seq, py/reduce, __reduce__)
};

// True for what has parts: the encoder and every walk go into these.
constexpr bool is_container(Kind kind) { return kind >= Kind::List && kind != Kind::Global; }
constexpr bool is_sequence(Kind kind) {
  return kind == Kind::List || kind == Kind::Tuple || kind == Kind::Set || kind == Kind::FrozenSet || kind == Kind::RawList;
}

class Value {
 public:
  constexpr Value() = default;

  constexpr Kind kind() const { return static_cast<Kind>(bits_ & 0xF); }
  constexpr bool is(Kind kind_to_test) const { return kind() == kind_to_test; }
  constexpr explicit operator bool() const { return bits_ != 0; }

  // Identity: equal values are the same object (or the same small scalar), not merely equal ones.
  constexpr bool operator==(const Value&) const = default;
  constexpr std::uint64_t bits() const { return bits_; }

  static constexpr Value none() { return Value(Kind::None, 0); }
  static constexpr Value boolean(bool b) { return Value(Kind::Bool, b ? 1 : 0); }
  constexpr bool as_bool() const { return payload() != 0; }

 private:
  friend class Graph;
  constexpr Value(Kind kind, std::uint64_t payload) : bits_(payload << 4 | static_cast<std::uint64_t>(kind)) {}
  constexpr std::uint64_t payload() const { return bits_ >> 4; }

  std::uint64_t bits_ = 0;
};

// One attribute of an instance or one item of a dict.
struct Entry {
  Value key;
  Value value;
};

}  // namespace gt::object
