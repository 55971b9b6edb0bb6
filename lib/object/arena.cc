#include "lib/object/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace gt::object {
namespace {

constexpr std::size_t k_first_bytes = std::size_t{32} << 10;
constexpr std::size_t k_small_bytes = std::size_t{1} << 20;  // what takes less is better off with small pages
constexpr std::size_t k_reserved_bytes = std::size_t{16} << 30;

struct Reserved {
  std::byte* data;
  std::size_t bytes;
};

// Address space, of which the system gives memory only as it is touched. Where address space is limited (ulimit -v, strict
// overcommit) there is only as much as is needed.
Reserved reserve(std::size_t at_least) {
  for (const std::size_t bytes : {std::max(k_reserved_bytes, at_least), std::max(k_small_bytes, at_least)}) {
    void* const data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) continue;
    auto* const begin = static_cast<std::byte*>(data);
    if (bytes > k_small_bytes) ::madvise(begin + k_small_bytes, bytes - k_small_bytes, MADV_HUGEPAGE);
    return {begin, bytes};
  }
  throw std::bad_alloc();
}

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
  const std::size_t twice_the_last = pieces_.empty() ? 0 : 2 * pieces_.back().mapped_bytes;
  const Reserved reserved = reserve(std::max(at_least, twice_the_last));
  pieces_.push_back({reserved.data, reserved.bytes});
  next_ = reserved.data;
  end_ = next_ + reserved.bytes;
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

std::size_t Region::grow(std::size_t used, std::size_t bytes) {
  if (bytes < k_small_bytes) {
    void* const grown = std::realloc(data_, bytes);
    if (grown == nullptr) throw std::bad_alloc();
    data_ = grown;
    return bytes;
  }
  const Reserved reserved = reserve(bytes);
  if (used > 0) std::memcpy(reserved.data, data_, used);
  release();
  data_ = reserved.data;
  mapped_bytes_ = reserved.bytes;
  return reserved.bytes;
}

void Region::release() {
  if (mapped_bytes_ == 0) {
    std::free(data_);
  } else {
    ::munmap(data_, mapped_bytes_);
  }
}

Region::~Region() { release(); }

void Region::swap(Region& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
}

}  // namespace gt::object
