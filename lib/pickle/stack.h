// The stack of the machine: values in one piece of memory, with the marks that lie between them.
#pragma once

#include <cstdint>
#include <span>

#include "lib/object/arena.h"
#include "lib/object/value.h"

namespace gt::pickle {

// In Python a mark is a value on the stack; here it is the index of the value above it. What lies below the last mark is out
// of reach until the mark is gone.
class Stack {
 public:
  [[gnu::always_inline]] void push(object::Value value) { values_.push_back(value); }
  // How many values can be reached.
  std::size_t reachable() const { return values_.size() - fence_; }
  std::size_t size() const { return values_.size(); }
  object::Value operator[](std::size_t index) const { return values_[index]; }
  object::Value& top() { return values_.back(); }  // reachable() > 0
  std::span<const object::Value> from(std::size_t index) const { return {values_.begin() + index, values_.size() - index}; }
  void truncate(std::size_t size) { values_.truncate(size); }

  void mark() {
    marks_.push_back(values_.size());
    fence_ = values_.size();
  }
  bool has_mark() const { return marks_.size() != 0; }
  bool mark_is_on_top() const { return has_mark() && fence_ == values_.size(); }
  // Takes the last mark away and gives the index of the first value above it; has_mark().
  std::size_t pop_mark() {
    const std::size_t first = fence_;
    marks_.pop_back();
    fence_ = has_mark() ? marks_.back() : 0;
    return first;
  }
  std::size_t fence() const { return fence_; }
  std::span<const std::size_t> marks() const { return {marks_.begin(), marks_.size()}; }

 private:
  object::Table<object::Value> values_;
  std::size_t fence_ = 0;  // the last mark, 0 without one
  object::Table<std::size_t> marks_;
};

}  // namespace gt::pickle
