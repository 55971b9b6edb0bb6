// Python's long: an integer of any size, only converted and hashed, never computed with. Not for two threads at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gt::object {

class BigInt {
 public:
  BigInt() = default;
  explicit BigInt(std::int64_t value);

  // Two's complement, little-endian: the form of pickle's LONG1 and LONG4. Empty is 0.
  static BigInt from_twos_complement(std::string_view bytes);
  // Digits of `base` (2 to 16) only, at least one; nullopt for anything else. What is more than written in decimal again is
  // quadratic in the number of digits: the caller limits it.
  static std::optional<BigInt> from_digits(std::string_view digits, unsigned base, bool negative);

  std::string to_decimal() const;
  std::string to_twos_complement() const;  // the shortest; empty for 0
  std::optional<std::int64_t> to_int64() const;
  bool negative() const { return negative_; }
  const std::vector<std::uint32_t>& magnitude() const;
  bool operator==(const BigInt& other) const;

 private:
  using Limbs = std::vector<std::uint32_t>;

  static void multiply_add(Limbs& limbs, std::uint32_t factor, std::uint32_t addend);
  static std::optional<Limbs> limbs_of(std::string_view digits, unsigned base);
  static void trim(Limbs& limbs);
  std::string_view kept_digits() const { return {reinterpret_cast<const char*>(limbs_.data()), digit_count_}; }

  // Little-endian, no leading zeros, empty is 0. Or many decimal digits, without leading zeros either, until they are needed
  // as a number: most are only written again.
  mutable Limbs limbs_;
  mutable std::uint32_t digit_count_ = 0;  // 0: limbs_ are limbs
  bool negative_ = false;
};

}  // namespace gt::object
