// The stack of the machine: values in one piece of memory, with the marks that lie between them.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "lib/object/value.h"

namespace gt::pickle {

// In Python a mark is a value on the stack; here it is the index of the value above it. What lies below the last mark is out
// of reach until the mark is gone.
class Stack {
 public:
  [[gnu::always_inline]] void push(object::Value value) {
    if (size_ == capacity_) grow();
    values_.get()[size_++] = value;
  }
  // How many values can be reached.
  std::size_t reachable() const { return size_ - fence_; }
  std::size_t size() const { return size_; }
  object::Value operator[](std::size_t index) const { return values_.get()[index]; }
  object::Value& top() { return values_.get()[size_ - 1]; }  // reachable() > 0
  std::span<const object::Value> from(std::size_t index) const { return {values_.get() + index, size_ - index}; }
  void truncate(std::size_t size) { size_ = size; }

  void mark() {
    marks_.push_back(size_);
    fence_ = size_;
  }
  bool has_mark() const { return !marks_.empty(); }
  bool mark_is_on_top() const { return has_mark() && fence_ == size_; }
  // Takes the last mark away and gives the index of the first value above it; has_mark().
  std::size_t pop_mark() {
    const std::size_t first = fence_;
    marks_.pop_back();
    fence_ = marks_.empty() ? 0 : marks_.back();
    return first;
  }
  std::size_t fence() const { return fence_; }
  std::span<const std::size_t> marks() const { return marks_; }

 private:
  struct Free {
    void operator()(object::Value* values) const { std::free(values); }
  };
  // realloc moves large blocks without copying them.
  [[gnu::noinline]] void grow() {
    capacity_ = capacity_ == 0 ? 256 : capacity_ * 2;
    auto* const grown =
        static_cast<object::Value*>(std::realloc(static_cast<void*>(values_.release()), capacity_ * sizeof(object::Value)));
    if (grown == nullptr) throw std::bad_alloc();
    values_.reset(grown);
  }

  std::unique_ptr<object::Value[], Free> values_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t fence_ = 0;  // the last mark, 0 without one
  std::vector<std::size_t> marks_;
};

}  // namespace gt::pickle
