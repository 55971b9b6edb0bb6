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
constexpr std::size_t k_heap_bytes = std::size_t{128} << 10;  // of an array: what takes less stays on the heap
constexpr std::size_t k_small_bytes = std::size_t{1} << 20;   // what takes less is better off with small pages
constexpr std::size_t k_reserved_bytes = std::size_t{16} << 30;
constexpr std::size_t k_step_bytes = std::size_t{128} << 10;

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

// How many bytes of address space to hand out, so that `needed` are.
std::size_t next_step(std::size_t reserved, std::size_t needed) {
  return std::min(reserved, (needed + k_step_bytes - 1) / k_step_bytes * k_step_bytes);
}

// Gives memory to address space of which `used` bytes have some, so that `needed` have it, and says how many do now. Many
// pages at a time: the system takes longer to give each when it is touched. Where it cannot do that (before Linux 5.14) it
// does so all the same.
std::size_t populate(std::byte* data, std::size_t reserved, std::size_t used, std::size_t needed) {
  const std::size_t wanted = next_step(reserved, needed);
#ifdef MADV_POPULATE_WRITE
  ::madvise(data + used, wanted - used, MADV_POPULATE_WRITE);
#endif
  return wanted;
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
  end_ = next_ + populate(reserved.data, reserved.bytes, 0, at_least);
}

bool Arena::open_more(std::size_t bytes) {
  if (pieces_.empty()) return false;
  const Piece& piece = pieces_.back();
  const auto needed = static_cast<std::size_t>(next_ - piece.data) + bytes;
  if (needed > piece.mapped_bytes) return false;
  end_ = piece.data + populate(piece.data, piece.mapped_bytes, static_cast<std::size_t>(end_ - piece.data), needed);
  return true;
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

std::size_t Region::grow(std::size_t used, std::size_t needed, Expect expect) {
  const std::size_t twice = 2 * needed;
  if (mapped_bytes_ == 0 && twice < k_heap_bytes) {
    void* const grown = std::realloc(data_, twice);
    if (grown == nullptr) throw std::bad_alloc();
    std::memset(static_cast<std::byte*>(grown) + bytes_, 0, twice - bytes_);
    data_ = grown;
    return bytes_ = twice;
  }
  if (needed <= mapped_bytes_) {
    auto* const data = static_cast<std::byte*>(data_);
    return bytes_ = expect == Expect::Use ? populate(data, mapped_bytes_, bytes_, needed) : next_step(mapped_bytes_, needed);
  }
  const Reserved reserved = reserve(twice);
  bytes_ = populate(reserved.data, reserved.bytes, 0, needed);
  if (used > 0) std::memcpy(reserved.data, data_, used);
  release();
  data_ = reserved.data;
  mapped_bytes_ = reserved.bytes;
  return bytes_;
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
  std::swap(bytes_, other.bytes_);
}

}  // namespace gt::object
