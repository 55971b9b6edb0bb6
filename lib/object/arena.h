// Memory that grows and is given back all at once: what the containers of one graph live in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace gt::object {

// Hands out memory that stays where it is until the arena dies. Nothing is ever destroyed: for trivial types only.
//
// Behind a small first piece it takes address space, of which the system gives memory only as it is used. So what is
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
    if (bytes > static_cast<std::size_t>(end_ - next_) && !open_more(bytes)) add_piece(bytes);
    std::byte* out = next_;
    next_ += bytes;
    return out;
  }

  // Behind the start of its last piece, of which there is one unless address space is short.
  std::size_t bytes() const { return pieces_.empty() ? 0 : static_cast<std::size_t>(next_ - pieces_.back().data); }

  // Makes the newest allocation longer where it is; false if there is no room or something came after it.
  bool extend(const void* block, std::size_t old_bytes, std::size_t new_bytes) {
    old_bytes = (old_bytes + 7) & ~std::size_t{7};
    new_bytes = (new_bytes + 7) & ~std::size_t{7};
    const auto* start = static_cast<const std::byte*>(block);
    if (start == nullptr || start + old_bytes != next_) return false;
    const std::size_t more = new_bytes - old_bytes;
    if (more > static_cast<std::size_t>(end_ - next_) && !open_more(more)) return false;
    next_ += more;
    return true;
  }

 private:
  struct Piece {
    std::byte* data;
    std::size_t mapped_bytes;  // 0: from the heap
  };
  void add_piece(std::size_t at_least);
  // Moves end_ to where `bytes` have room behind next_; false if the piece does not have them.
  bool open_more(std::size_t bytes);
  void swap(Arena& other) noexcept;

  std::vector<Piece> pieces_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;  // of the memory that the last piece has, behind which there may be more address space
};

// The memory of one array that grows, zero where nothing was written. Above a hundred kilobytes it moves once, to address space
// that has room for all that may come.
class Region {
 public:
  // Whether what is asked for will be written to soon.
  enum class Expect : std::uint8_t { Use, Zeros };

  Region() = default;
  Region(Region&& other) noexcept { swap(other); }
  Region& operator=(Region&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Region();

  void* data() const { return data_; }
  // Makes room for `needed` bytes at least, keeps the first `used` and gives how many there is room for.
  std::size_t grow(std::size_t used, std::size_t needed, Expect expect = Expect::Use);

 private:
  void release();
  void swap(Region& other) noexcept;

  void* data_ = nullptr;
  std::size_t bytes_ = 0;         // that it has room for now
  std::size_t mapped_bytes_ = 0;  // 0: from the heap
};

// A vector of trivial values.
template <typename T>
class Table {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  [[gnu::always_inline]] void push_back(const T& value) {
    if (size_ == capacity_) grow();
    data_[size_++] = value;
  }
  // A value of zero bytes. It takes memory only when it is written to. Not for a table that is truncated.
  [[gnu::always_inline]] void push_back_zero() {
    if (size_ == capacity_) grow_by_zeros();
    ++size_;
  }
  void pop_back() { --size_; }
  void truncate(std::size_t size) { size_ = size; }

 private:
  [[gnu::noinline]] void grow(Region::Expect expect = Region::Expect::Use) {
    capacity_ = region_.grow(size_ * sizeof(T), (size_ + 16) * sizeof(T), expect) / sizeof(T);
    data_ = static_cast<T*>(region_.data());
  }
  // Where not one of the last values was written to, the next ones hardly will be: a forged file.
  [[gnu::noinline]] void grow_by_zeros() {
    constexpr std::size_t k_last = 64;
    const auto* const bytes = reinterpret_cast<const std::byte*>(data_);
    const std::size_t first = size_ - std::min(size_, k_last);
    const bool is_used = size_ < k_last || std::any_of(bytes + first * sizeof(T), bytes + size_ * sizeof(T),
                                                       [](std::byte byte) { return byte != std::byte{0}; });
    grow(is_used ? Region::Expect::Use : Region::Expect::Zeros);
  }

  Region region_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace gt::object
