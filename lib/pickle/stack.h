// The stack of the machine: values in one piece of memory, with the marks that lie between them.
#pragma once

#include <cstdint>
#include <span>

#include "lib/object/arena.h"
#include "lib/object/value.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

// In Python a mark is a value on the stack; here it is the index of the value above it. What lies below the last mark is out
// of reach until the mark is gone.
class Stack {
 public:
  // For `most` values. Errors are those of the opcode that `reader` took last.
  Stack(const Reader& reader, std::uint64_t most) : reader_(reader), most_(most) {}

  // Throws LimitStack.
  [[gnu::always_inline]] void push(object::Value value) {
    if (top_ == end_) grow();
    *top_++ = value;
  }
  // How many values can be reached.
  std::size_t reachable() const { return static_cast<std::size_t>(top_ - fence_); }
  bool is_empty() const { return top_ == fence_; }  // of what can be reached
  std::size_t size() const { return static_cast<std::size_t>(top_ - begin_); }
  object::Value operator[](std::size_t index) const { return begin_[index]; }
  // The last value or one that lies `below` it; reachable() > below.
  object::Value top(std::size_t below = 0) const { return *(top_ - 1 - below); }
  std::span<const object::Value> from(std::size_t index) const { return {begin_ + index, top_}; }
  void truncate(std::size_t size) { top_ = begin_ + size; }
  void pop(std::size_t count = 1) { top_ -= count; }  // reachable() >= count

  void mark() {
    marks_.push_back(size());
    fence_ = top_;
  }
  bool has_mark() const { return marks_.size() != 0; }
  bool mark_is_on_top() const { return has_mark() && is_empty(); }
  // Takes the last mark away and gives the index of the first value above it; has_mark().
  std::size_t pop_mark() {
    const std::size_t first = fence();
    marks_.pop_back();
    fence_ = begin_ + (has_mark() ? marks_.back() : 0);
    return first;
  }
  std::size_t fence() const { return static_cast<std::size_t>(fence_ - begin_); }
  std::span<const std::size_t> marks() const { return {marks_.begin(), marks_.size()}; }

 private:
  void grow();

  // Pointers, not indices: what is stored as a value cannot be one of these, so that it need not be read again.
  object::Value* top_ = nullptr;    // behind the last value
  object::Value* end_ = nullptr;    // of the room that there is
  object::Value* fence_ = nullptr;  // the last mark, begin_ without one
  object::Value* begin_ = nullptr;
  object::Table<std::size_t> marks_;
  object::Region region_;
  const Reader& reader_;
  std::uint64_t most_;
};

}  // namespace gt::pickle
