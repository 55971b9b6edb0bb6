// What a survey knows of a value, in four bytes, and how much JSON there is at least inside of those that are written again
// wherever they are met.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "lib/object/arena.h"
#include "lib/pickle/shape.h"

namespace gt::pickle {

// A shape and a number. Of a list and of what a call makes the number is how deep its parts are nested, itself included, 0 for
// what may have none; of a tuple, a dict and a set, the number of its Extent; of a string, where in the pickle it stands; of a
// class or function, which one it is. Of the last two 0 is what is not known.
class Surveyed {
 public:
  constexpr Surveyed() : bits_(k_unset) {}
  constexpr Surveyed(Shape shape, std::uint32_t number) : bits_(static_cast<std::uint32_t>(shape) | number << k_shape_bits) {}

  static constexpr std::uint32_t k_most = (std::uint32_t{1} << 28) - 1;

  constexpr explicit operator bool() const { return bits_ != k_unset; }
  constexpr Shape shape() const { return static_cast<Shape>(bits_ & k_shape_mask); }
  constexpr std::uint32_t number() const { return bits_ >> k_shape_bits; }
  constexpr bool is(Shape wanted) const { return shape() == wanted; }
  // What a call gives can be anything.
  constexpr bool may_be(Shape wanted) const { return is(wanted) || is(Shape::Instance); }
  // Has an extent.
  constexpr bool is_written_again() const { return shape() >= Shape::Tuple && shape() <= Shape::Set; }

 private:
  static constexpr unsigned k_shape_bits = 4;
  static constexpr std::uint32_t k_shape_mask = (1u << k_shape_bits) - 1;
  static constexpr std::uint32_t k_unset = k_shape_mask;  // in the memo

  std::uint32_t bits_;
};

// Levels, itself included, and what is inside: lists and objects, and bytes of JSON.
struct Extent {
  std::uint32_t depth = 0;
  std::uint64_t containers = 0;
  std::uint64_t bytes = 0;

  bool operator==(const Extent&) const = default;
  void add(std::uint64_t more_containers, std::uint64_t more_bytes) {
    containers += more_containers;
    bytes += more_bytes;
  }
};

// The extents of tuples, dicts and sets, by number. A flat one, with no lists and objects inside, is its number.
class Extents {
 public:
  // What is deeper or larger counts as this: limits from here on are not reached, and sums do not overflow.
  static constexpr std::uint32_t k_deepest = std::numeric_limits<std::uint16_t>::max();
  static constexpr std::uint64_t k_largest = std::numeric_limits<std::uint32_t>::max();

  // What has a flat extent, and how many bytes that says.
  static bool has_flat(Surveyed value) { return value.is_written_again() && is_flat(value.number()); }
  static std::uint32_t bytes_in_flat(Surveyed value) { return value.number() / 2; }

  Extent operator[](std::uint32_t number) const {
    if (is_flat(number)) return {1, 0, number / 2};
    return table_[number / 2].extent();
  }

  // 0 for what is empty.
  std::uint32_t number_of(const Extent& extent) {
    const bool flat = extent.depth <= 1 && extent.containers == 0 && extent.bytes <= k_most_flat;
    return flat ? static_cast<std::uint32_t>(extent.bytes) * 2 : add(extent);
  }
  // Of a tuple, which stays as it is: so those that are alike can share one.
  std::uint32_t number_of_tuple(const Extent& extent) {
    if (extent != last_extent_) {
      last_extent_ = extent;
      last_number_ = number_of(extent);
    }
    return last_number_;
  }
  // For a dict or set that is in several places: what comes into it is seen in all of them.
  [[gnu::always_inline]] std::uint32_t shared(std::uint32_t number) {
    if (!is_flat(number)) return number;
    return number == 0 ? add_empty() : add((*this)[number]);
  }
  // More comes into a dict or set. Gives the number that it has then.
  [[gnu::always_inline]] std::uint32_t grow(std::uint32_t number, const Extent& more) {
    const bool stays_flat = is_flat(number) && more.depth <= 1 && more.containers == 0;
    if (stays_flat && number / 2 + more.bytes <= k_most_flat) return number + static_cast<std::uint32_t>(more.bytes) * 2;
    return grow_in_table(number, more);
  }

 private:
  static constexpr std::uint32_t k_most_flat = Surveyed::k_most / 2;
  static constexpr std::size_t k_most_kept = Surveyed::k_most / 2;

  std::uint32_t grow_in_table(std::uint32_t number, const Extent& more) {
    Extent grown = (*this)[number];
    grown.depth = std::max(grown.depth, more.depth);
    grown.add(more.containers, more.bytes);
    if (is_flat(number)) return number_of(grown);
    table_[number / 2] = Packed(grown);
    return number;
  }

  // Ten bytes: a forged file can have half a million. All zero of what is empty, so that it takes no memory.
  class [[gnu::packed]] Packed {
   public:
    explicit Packed(const Extent& extent)
        : containers_(static_cast<std::uint32_t>(std::min(extent.containers, k_largest))),
          bytes_(static_cast<std::uint32_t>(std::min(extent.bytes, k_largest))),
          more_levels_(static_cast<std::uint16_t>(std::clamp<std::uint32_t>(extent.depth, 1, k_deepest) - 1)) {}
    Extent extent() const { return {more_levels_ + 1u, containers_, bytes_}; }

   private:
    std::uint32_t containers_;
    std::uint32_t bytes_;
    std::uint16_t more_levels_;  // than itself
  };

  static bool is_flat(std::uint32_t number) { return number % 2 == 0; }
  std::uint32_t add(const Extent& extent) {
    if (table_.size() == k_most_kept) return 0;
    table_.push_back(Packed(extent));
    return last();
  }
  [[gnu::always_inline]] std::uint32_t add_empty() {
    if (table_.size() == k_most_kept) return 0;
    table_.push_back_zero();
    return last();
  }
  std::uint32_t last() const { return static_cast<std::uint32_t>(table_.size() - 1) * 2 + 1; }

  object::Table<Packed> table_;
  Extent last_extent_;  // of a tuple
  std::uint32_t last_number_ = 0;
};

}  // namespace gt::pickle
