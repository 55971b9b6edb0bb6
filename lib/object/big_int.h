// Python's long: an integer of any size, only converted and hashed, never computed with.
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
  // Digits of `base` (2 to 16) only, at least one; nullopt for anything else. Quadratic in the number of digits: the caller
  // limits their number.
  static std::optional<BigInt> from_digits(std::string_view digits, unsigned base, bool negative);

  std::string to_decimal() const;
  std::string to_twos_complement() const;  // the shortest; empty for 0
  std::optional<std::int64_t> to_int64() const;
  bool negative() const { return negative_; }
  const std::vector<std::uint32_t>& magnitude() const { return limbs_; }
  bool operator==(const BigInt&) const = default;

 private:
  void multiply_add(std::uint32_t factor, std::uint32_t addend);
  void trim();

  std::vector<std::uint32_t> limbs_;  // little-endian, no leading zeros; empty is 0
  bool negative_ = false;
};

}  // namespace gt::object
