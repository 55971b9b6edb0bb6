// What every opcode does with the machine's stack; for machine.cc and machine_classes.cc only.
//
// What is marked always_inline belongs to the loop in run(): for a compiler there is too much of it to inline it by itself.
#pragma once

#include "lib/pickle/machine.h"

namespace gt::pickle {

[[gnu::always_inline]] inline void Machine::push(object::Value value) { stack_.push(value); }

[[gnu::always_inline]] inline object::Value Machine::top() const {
  if (stack_.is_empty()) throw_missing();
  return stack_.top();
}

[[gnu::always_inline]] inline object::Value Machine::pop() {
  const object::Value value = top();
  stack_.pop();
  return value;
}

// Numbers the shape of a dict that is likely to be whole, while it is still near: when all have been read, each would have to
// be fetched from memory again.
[[gnu::always_inline]] inline void Machine::note_keys(object::Value value) {
  if (!value.is(object::Kind::Dict) || graph_.shape(value) != 0 || odd_dicts_left_ == 0) return;
  if (!object::number_key_shape(graph_, value, shapes_)) --odd_dicts_left_;
}

}  // namespace gt::pickle
