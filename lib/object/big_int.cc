#include "lib/object/big_int.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace gt::object {

BigInt::BigInt(std::int64_t value) : negative_(value < 0) {
  const auto magnitude = negative_ ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  limbs_ = {static_cast<std::uint32_t>(magnitude), static_cast<std::uint32_t>(magnitude >> 32)};
  trim(limbs_);
}

void BigInt::trim(Limbs& limbs) {
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
}

const std::vector<std::uint32_t>& BigInt::magnitude() const {
  if (digit_count_ > 0) {
    limbs_ = *limbs_of(kept_digits(), 10);
    digit_count_ = 0;
  }
  return limbs_;
}

bool BigInt::operator==(const BigInt& other) const {
  if (negative_ != other.negative_) return false;
  if (digit_count_ > 0 && other.digit_count_ > 0) return kept_digits() == other.kept_digits();
  return magnitude() == other.magnitude();
}

BigInt BigInt::from_twos_complement(std::string_view bytes) {
  BigInt out;
  if (bytes.empty()) return out;
  out.negative_ = (static_cast<unsigned char>(bytes.back()) & 0x80) != 0;
  out.limbs_.assign((bytes.size() + 3) / 4, 0);
  std::uint32_t carry = out.negative_ ? 1 : 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::uint32_t byte = static_cast<unsigned char>(bytes[i]);
    if (out.negative_) {
      byte = (~byte & 0xFF) + carry;
      carry = byte >> 8;
      byte &= 0xFF;
    }
    out.limbs_[i / 4] |= byte << (8 * (i % 4));
  }
  // -2^(8n) cannot be said in n bytes, so the carry never runs out of the top.
  trim(out.limbs_);
  return out;
}

std::string BigInt::to_twos_complement() const {
  const Limbs& limbs = magnitude();
  std::string out;
  std::uint32_t carry = negative_ ? 1 : 0;
  for (std::size_t i = 0; i < limbs.size() * 4; ++i) {
    std::uint32_t byte = limbs[i / 4] >> (8 * (i % 4)) & 0xFF;
    if (negative_) {
      byte = (~byte & 0xFF) + carry;
      carry = byte >> 8;
    }
    out += static_cast<char>(byte);
  }
  // One more byte if the sign would be wrong without it, and none that only repeats the sign.
  const char sign = negative_ ? '\xFF' : '\0';
  if (!out.empty()) out += sign;
  const auto says_sign = [&](char byte) { return (byte & 0x80) == (sign & 0x80); };
  while (out.size() > 1 && out.back() == sign && says_sign(out[out.size() - 2])) out.pop_back();
  return out;
}

void BigInt::multiply_add(Limbs& limbs, std::uint32_t factor, std::uint32_t addend) {
  std::uint64_t carry = addend;
  for (std::uint32_t& limb : limbs) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
}

std::optional<BigInt::Limbs> BigInt::limbs_of(std::string_view digits, unsigned base) {
  Limbs out;
  // As many digits at a time as fit a limb.
  std::uint32_t scale = 1;
  std::uint32_t group = 0;
  for (const char c : digits) {
    unsigned digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A' + 10);
    if (digit >= base) return std::nullopt;
    group = group * base + digit;
    scale *= base;
    if (scale > 0xFFFFFFFF / base) {
      multiply_add(out, scale, group);
      scale = 1;
      group = 0;
    }
  }
  multiply_add(out, scale, group);
  trim(out);
  return out;
}

std::optional<BigInt> BigInt::from_digits(std::string_view digits, unsigned base, bool negative) {
  constexpr std::size_t k_few = 19;  // which to_int64() may fit
  if (digits.empty()) return std::nullopt;
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  BigInt out;
  if (base == 10 && digits.size() > k_few && digits.size() <= std::numeric_limits<std::uint32_t>::max()) {
    if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
    out.limbs_.resize((digits.size() + 3) / 4);
    std::memcpy(out.limbs_.data(), digits.data(), digits.size());
    out.digit_count_ = static_cast<std::uint32_t>(digits.size());
  } else {
    auto limbs = limbs_of(digits, base);
    if (!limbs) return std::nullopt;
    out.limbs_ = std::move(*limbs);
  }
  out.negative_ = negative && !out.limbs_.empty();
  return out;
}

std::string BigInt::to_decimal() const {
  if (limbs_.empty()) return "0";
  if (digit_count_ > 0) return std::string(negative_ ? "-" : "").append(kept_digits());
  std::vector<std::uint32_t> rest = limbs_;
  std::string out;
  while (!rest.empty()) {
    std::uint64_t remainder = 0;
    for (std::size_t i = rest.size(); i-- > 0;) {
      remainder = remainder << 32 | rest[i];
      rest[i] = static_cast<std::uint32_t>(remainder / 1000000000);
      remainder %= 1000000000;
    }
    while (!rest.empty() && rest.back() == 0) rest.pop_back();
    for (int digit = 0; digit < 9 && (remainder != 0 || !rest.empty()); ++digit) {
      out.push_back(static_cast<char>('0' + remainder % 10));
      remainder /= 10;
    }
  }
  if (negative_) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return out;
}

std::optional<std::int64_t> BigInt::to_int64() const {
  if (digit_count_ > 0 || limbs_.size() > 2) return std::nullopt;
  std::uint64_t magnitude = 0;
  for (std::size_t i = limbs_.size(); i-- > 0;) magnitude = magnitude << 32 | limbs_[i];
  if (negative_) {
    if (magnitude > std::uint64_t{1} << 63) return std::nullopt;
    return static_cast<std::int64_t>(~magnitude + 1);
  }
  if (magnitude >> 63 != 0) return std::nullopt;
  return static_cast<std::int64_t>(magnitude);
}

}  // namespace gt::object
