// Memory that grows and is given back all at once: what the containers of one graph live in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace gt::object {

// Hands out memory that stays where it is until the arena dies. Nothing is ever destroyed: for trivial types only.
//
// Behind a small first piece it takes address space, of which the system gives memory only as it is touched. So what is
// newest, such as the list that a file consists of, grows where it is, and nothing is copied.
class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { swap(other); }
  Arena& operator=(Arena&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Arena();

  void* allocate(std::size_t bytes) {
    bytes = (bytes + 7) & ~std::size_t{7};
    if (bytes > static_cast<std::size_t>(end_ - next_)) add_piece(bytes);
    std::byte* out = next_;
    next_ += bytes;
    return out;
  }

  // Makes the newest allocation longer where it is; false if there is no room or something came after it.
  bool extend(const void* block, std::size_t old_bytes, std::size_t new_bytes) {
    old_bytes = (old_bytes + 7) & ~std::size_t{7};
    new_bytes = (new_bytes + 7) & ~std::size_t{7};
    const auto* start = static_cast<const std::byte*>(block);
    if (start == nullptr || start + old_bytes != next_) return false;
    if (new_bytes - old_bytes > static_cast<std::size_t>(end_ - next_)) return false;
    next_ += new_bytes - old_bytes;
    return true;
  }

 private:
  struct Piece {
    std::byte* data;
    std::size_t mapped_bytes;  // 0: from the heap
  };
  void add_piece(std::size_t at_least);
  void swap(Arena& other) noexcept;

  std::vector<Piece> pieces_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
};

// A vector of trivial values: realloc() moves large ones by their pages, without copying or having them twice.
template <typename T>
class Table {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  T& back() { return data_.get()[size_ - 1]; }
  const T* begin() const { return data_.get(); }
  const T* end() const { return data_.get() + size_; }
  void push_back(const T& value) {
    if (size_ == capacity_) grow();
    data_.get()[size_++] = value;
  }

 private:
  struct Free {
    void operator()(T* data) const { std::free(static_cast<void*>(data)); }
  };
  [[gnu::noinline]] void grow() {
    const std::size_t capacity = capacity_ == 0 ? 16 : capacity_ * 2;
    auto* const grown = static_cast<T*>(std::realloc(static_cast<void*>(data_.get()), capacity * sizeof(T)));
    if (grown == nullptr) throw std::bad_alloc();
    static_cast<void>(data_.release());
    data_.reset(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace gt::object
