#include "lib/object/big_int.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

namespace gt::object {
namespace {

using namespace std::literals;

constexpr std::int64_t k_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t k_max = std::numeric_limits<std::int64_t>::max();

TEST_CASE("two's complement of any width is the number that Python's LONG1 means") {
  struct Row {
    std::string_view bytes;
    std::string_view decimal;
  };
  const Row rows[] = {
      {""sv, "0"},
      {"\0"sv, "0"},
      {"\0\0\0\0\0"sv, "0"},
      {"\x01"sv, "1"},
      {"\x7f"sv, "127"},
      {"\x80"sv, "-128"},
      {"\xff"sv, "-1"},
      {"\xff\0"sv, "255"},
      {"\x80\0"sv, "128"},
      {"\xff\x7f"sv, "32767"},
      {"\0\x80"sv, "-32768"},
      {"\0\xff"sv, "-256"},
      {"\xff\xff\x7f"sv, "8388607"},
      {"\0\0\x80"sv, "-8388608"},
      {"\xff\xff\xff\x7f"sv, "2147483647"},
      {"\0\0\0\x80"sv, "-2147483648"},
      {"\xff\xff\xff\xff"sv, "-1"},
      {"\0\0\0\x80\0"sv, "2147483648"},
      {"\xff\xff\xff\xff\0"sv, "4294967295"},
      {"\0\0\0\0\xff"sv, "-4294967296"},
      {"\0\0\0\0\x01"sv, "4294967296"},
      {"\xff\xff\xff\xff\xff\xff\xff\x7f"sv, "9223372036854775807"},
      {"\0\0\0\0\0\0\0\x80"sv, "-9223372036854775808"},
      {"\0\0\0\0\0\0\0\x80\0"sv, "9223372036854775808"},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\0"sv, "18446744073709551615"},
      {"\0\0\0\0\0\0\0\0\xff"sv, "-18446744073709551616"},
      {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv, "-1"},
      {"\xd2\x0a\x1f\xeb\x8c\xa9\x54\xab\0"sv, "12345678901234567890"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.decimal);
    CHECK(BigInt::from_twos_complement(row.bytes).to_decimal() == row.decimal);
  }
}

TEST_CASE("decimal digits go in and come out, at every limb boundary") {
  for (const std::string_view digits : {"0"sv, "9"sv, "10"sv, "999999999"sv, "1000000000"sv, "4294967295"sv, "4294967296"sv,
                                        "999999999999999999"sv, "1000000000000000000"sv, "18446744073709551616"sv,
                                        "1000000000000000000000000000"sv, "340282366920938463463374607431768211456"sv}) {
    CAPTURE(digits);
    CHECK(BigInt::from_digits(digits, 10, false)->to_decimal() == digits);
    const std::string negative = digits == "0" ? "0" : "-" + std::string(digits);
    CHECK(BigInt::from_digits(digits, 10, true)->to_decimal() == negative);
    CHECK(BigInt::from_digits("000" + std::string(digits), 10, false)->to_decimal() == digits);
  }
  const std::string many(5000, '7');
  CHECK(BigInt::from_digits(many, 10, false)->to_decimal() == many);
  const std::string zeros = "1" + std::string(4000, '0');
  CHECK(BigInt::from_digits(zeros, 10, true)->to_decimal() == "-" + zeros);
}

TEST_CASE("digits of other bases") {
  struct Row {
    std::string_view digits;
    unsigned base;
    std::string_view decimal;
  };
  const Row rows[] = {
      {"ff", 16, "255"}, {"FF", 16, "255"}, {"10000000000000000", 16, "18446744073709551616"},
      {"777", 8, "511"}, {"0", 8, "0"},     {"1777777777777777777777", 8, "18446744073709551615"},
      {"101", 2, "5"},   {"1", 2, "1"},
  };
  for (const Row& row : rows) CHECK(BigInt::from_digits(row.digits, row.base, false)->to_decimal() == row.decimal);
}

TEST_CASE("what is not a digit of the base is no number") {
  struct Row {
    std::string_view digits;
    unsigned base;
  };
  const Row rows[] = {{"", 10}, {"a", 10}, {"12a", 10}, {"-1", 10},  {"+1", 10}, {" 1", 10},  {"1 ", 10},
                      {"8", 8}, {"2", 2},  {"g", 16},   {"0x1", 16}, {"1L", 10}, {"1.0", 10}, {"\xd9\xa1", 10}};
  for (const Row& row : rows) {
    CAPTURE(row.digits);
    CHECK_FALSE(BigInt::from_digits(row.digits, row.base, false).has_value());
  }
}

TEST_CASE("64 bits and back, and nothing beyond") {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{4294967296}, k_min, k_max, k_min + 1}) {
    CAPTURE(value);
    CHECK(BigInt(value).to_int64() == value);
    CHECK(BigInt(value).to_decimal() == std::to_string(value));
  }
  CHECK_FALSE(BigInt::from_digits("9223372036854775808", 10, false)->to_int64().has_value());
  CHECK(BigInt::from_digits("9223372036854775808", 10, true)->to_int64() == k_min);
  CHECK_FALSE(BigInt::from_digits("9223372036854775809", 10, true)->to_int64().has_value());
  CHECK_FALSE(BigInt::from_digits("18446744073709551616", 10, false)->to_int64().has_value());
}

TEST_CASE("many digits are the same number before and after they were needed as one") {
  for (const bool negative : {false, true}) {
    CAPTURE(negative);
    const std::string digits = "12" + std::string(100, '3') + "4";
    const std::string decimal = (negative ? "-" : "") + digits;
    const BigInt kept = *BigInt::from_digits("00" + digits, 10, negative);
    const BigInt number = BigInt::from_twos_complement(kept.to_twos_complement());
    CHECK(kept.to_decimal() == decimal);
    CHECK(number.to_decimal() == decimal);
    CHECK(kept == number);
    CHECK(kept.negative() == negative);
    CHECK(*BigInt::from_digits(digits, 10, negative) == kept);
    CHECK(*BigInt::from_digits(digits, 10, negative) == *BigInt::from_digits(digits, 10, negative));
    CHECK_FALSE(*BigInt::from_digits(digits, 10, negative) == *BigInt::from_digits(digits, 10, !negative));
    CHECK_FALSE(*BigInt::from_digits(digits, 10, negative) == *BigInt::from_digits(digits + "0", 10, negative));
    CHECK_FALSE(*BigInt::from_digits(digits + "0", 10, negative) == number);
    CHECK_FALSE(BigInt::from_digits(digits, 10, negative)->to_int64().has_value());
    CHECK_FALSE(BigInt::from_digits(digits + "x", 10, negative).has_value());
  }
}

TEST_CASE("equal numbers are equal, whatever they came from; there is no minus zero") {
  CHECK(BigInt(-1) == BigInt::from_twos_complement("\xff\xff\xff\xff\xff"));
  CHECK(BigInt(255) == *BigInt::from_digits("ff", 16, false));
  CHECK(BigInt() == *BigInt::from_digits("000", 10, true));
  CHECK_FALSE(BigInt(1) == BigInt(-1));
}

}  // namespace
}  // namespace gt::object
