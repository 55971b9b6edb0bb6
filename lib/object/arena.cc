#include "lib/object/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <utility>

namespace gt::object {
namespace {

constexpr std::size_t k_first_bytes = std::size_t{32} << 10;
constexpr std::size_t k_small_bytes = std::size_t{1} << 20;  // what takes less is better off with small pages
constexpr std::size_t k_reserved_bytes = std::size_t{16} << 30;

}  // namespace

void Arena::add_piece(std::size_t at_least) {
  if (pieces_.empty() && at_least <= k_first_bytes) {
    auto* const data = static_cast<std::byte*>(std::malloc(k_first_bytes));
    if (data == nullptr) throw std::bad_alloc();
    pieces_.push_back({data, 0});
    next_ = data;
    end_ = data + k_first_bytes;
    return;
  }
  // Where address space is limited (ulimit -v, strict overcommit) there is less of it.
  for (std::size_t bytes = std::max(k_reserved_bytes, at_least);; bytes = std::max(bytes / 2, at_least)) {
    void* const data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) {
      if (bytes == at_least) throw std::bad_alloc();
      continue;
    }
    if (bytes > k_small_bytes) ::madvise(static_cast<std::byte*>(data) + k_small_bytes, bytes - k_small_bytes, MADV_HUGEPAGE);
    pieces_.push_back({static_cast<std::byte*>(data), bytes});
    next_ = pieces_.back().data;
    end_ = next_ + bytes;
    return;
  }
}

Arena::~Arena() {
  for (const Piece& piece : pieces_) {
    if (piece.mapped_bytes == 0) {
      std::free(piece.data);
    } else {
      ::munmap(piece.data, piece.mapped_bytes);
    }
  }
}

void Arena::swap(Arena& other) noexcept {
  std::swap(pieces_, other.pieces_);
  std::swap(next_, other.next_);
  std::swap(end_, other.end_);
}

}  // namespace gt::object
