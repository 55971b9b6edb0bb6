// Memory that grows and is given back all at once: what the containers of one graph live in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gt::object {

// Hands out memory that stays where it is until the arena dies. Nothing is ever destroyed: for trivial types only.
class Arena {
 public:
  void* allocate(std::size_t bytes) {
    bytes = (bytes + 7) & ~std::size_t{7};
    if (bytes > static_cast<std::size_t>(end_ - next_)) add_chunk(bytes);
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
  void add_chunk(std::size_t at_least) {
    const std::size_t size = at_least > chunk_bytes_ ? at_least : chunk_bytes_;
    chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    next_ = chunks_.back().get();
    end_ = next_ + size;
    if (chunk_bytes_ < k_largest_chunk) chunk_bytes_ *= 2;
  }

  static constexpr std::size_t k_largest_chunk = std::size_t{8} << 20;

  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t chunk_bytes_ = 16 << 10;
};

}  // namespace gt::object
