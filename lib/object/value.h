// A value of the object graph: eight bytes that are compared and copied like an integer. What it refers to lives in a Graph.
#pragma once

#include <cstdint>

namespace gt::object {

// The kinds of Python objects that a saved file can hold. Python 2's str and Python 3's bytes are two kinds: the one is text as
// often as not, the other never.
enum class Kind : std::uint8_t {
  Absent,  // no value at all: an unset memo slot, an attribute that is not there
  None,
  Bool,
  Int,   // fits 64 bits
  Long,  // Python 2's long: any size; prints with L in a repr. Python 3's large integers, too
  Float,
  Global,     // a class or function, by name only
  Bytes,      // Python 2's str
  Text,       // Python 2's unicode, Python 3's str
  Binary,     // Python 3's bytes
  ByteArray,  // a node of its own, as it can change: two with the same bytes are two
  List,
  Tuple,
  Set,
  FrozenSet,
  RawList,       // a list that jsonpickle writes but does not number (py/seq, py/reduce, __reduce__)
  PersistentId,  // an object outside the file; its one item is the name that the file has for it
  Dict,
  Instance,  // an object of a class: name, attributes, and what else its pickle carried
};

// True for what can change or has parts: one in two places is not the same as two that are equal.
constexpr bool has_identity(Kind kind) { return kind >= Kind::ByteArray; }
// True for what has parts, items or entries: the encoder and every walk go into these.
constexpr bool is_container(Kind kind) { return kind >= Kind::List; }
constexpr bool is_sequence(Kind kind) { return kind >= Kind::List && kind <= Kind::PersistentId; }
// True for what has entries.
constexpr bool is_object(Kind kind) { return kind >= Kind::Dict; }
// True for what Graph::string_of() reads.
constexpr bool is_string(Kind kind) { return kind >= Kind::Bytes && kind <= Kind::ByteArray; }

class Value {
 public:
  constexpr Value() = default;

  constexpr Kind kind() const { return static_cast<Kind>(bits_ & k_kind_mask); }
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
  constexpr Value(Kind kind, std::uint64_t payload) : bits_(payload << k_kind_bits | static_cast<std::uint64_t>(kind)) {}
  constexpr std::uint64_t payload() const { return bits_ >> k_kind_bits; }

  static constexpr unsigned k_kind_bits = 5;
  static constexpr std::uint64_t k_kind_mask = (std::uint64_t{1} << k_kind_bits) - 1;
  std::uint64_t bits_ = 0;
};

// One attribute of an instance or one item of a dict.
struct Entry {
  Value key;
  Value value;
};

}  // namespace gt::object
