#include "lib/pickle/literals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>

#include "lib/base/text.h"

namespace gt::pickle {
namespace {

constexpr std::string_view k_blanks = " \t\n\r\v\f";

std::string_view strip(std::string_view text) {
  const std::size_t from = text.find_first_not_of(k_blanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(k_blanks) - from + 1);
}

// Takes a sign off the front; true for minus.
bool take_sign(std::string_view& text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return false;
  const bool negative = text[0] == '-';
  text.remove_prefix(1);
  return negative;
}

bool take_long_suffix(std::string_view& text) {
  if (text.empty() || (text.back() != 'L' && text.back() != 'l')) return false;
  text.remove_suffix(1);
  return true;
}

constexpr unsigned char k_no_digit = 0xFF;
constexpr std::array<unsigned char, 256> k_hex_digits = [] {
  std::array<unsigned char, 256> out;
  out.fill(k_no_digit);
  for (unsigned char i = 0; i < 10; ++i) out['0' + i] = i;
  for (unsigned char i = 0; i < 6; ++i) out['a' + i] = out['A' + i] = static_cast<unsigned char>(10 + i);
  return out;
}();

std::optional<char32_t> hex_number(std::string_view digits, std::size_t count) {
  if (digits.size() < count) return std::nullopt;
  char32_t out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned char digit = k_hex_digits[static_cast<unsigned char>(digits[i])];
    if (digit == k_no_digit) return std::nullopt;
    out = out << 4 | digit;
  }
  return out;
}

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// The one character that a single-letter escape stands for, or 0.
char simple_escape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\':
    case '\'':
    case '"': return c;
    default: return 0;
  }
}

char take_octal(std::string_view content, std::size_t& i) {
  unsigned value = 0;
  for (int digits = 0; digits < 3 && i < content.size() && is_octal(content[i]); ++digits)
    value = value * 8 + static_cast<unsigned>(content[i++] - '0');
  return static_cast<char>(static_cast<unsigned char>(value));
}

// A number of digits with a point in them, such that what it is of a power of ten is exact, and so is the division: most floats
// in files.
std::optional<double> parse_short_float(std::string_view text) {
  static constexpr double k_powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  constexpr std::size_t k_most = std::size(k_powers) - 1;  // digits: below 2^53
  std::uint64_t number = 0;
  std::size_t point = text.size();
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && point == text.size()) {
      point = i + 1;
      continue;
    }
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    if (digit > 9 || ++digits > k_most) return std::nullopt;
    number = number * 10 + digit;
  }
  if (digits == 0) return std::nullopt;
  return static_cast<double>(number) / k_powers[text.size() - point];
}

}  // namespace

std::optional<IntLiteral> parse_int(std::string_view text) {
  text = strip(text);
  const bool negative = take_sign(text);
  text = strip(text);
  const bool is_long = take_long_suffix(text);
  auto big = object::BigInt::from_digits(text, 10, negative);
  if (!big) return std::nullopt;
  IntLiteral out;
  if (!is_long) out.small = big->to_int64();
  if (!out.small) out.big = std::move(*big);
  return out;
}

std::optional<object::BigInt> parse_long(std::string_view text) {
  text = strip(text);
  const bool negative = take_sign(text);
  text = strip(text);
  take_long_suffix(text);
  unsigned base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char kind = static_cast<char>(text[1] | 0x20);
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  return object::BigInt::from_digits(text, base, negative);
}

std::optional<double> parse_float(std::string_view text) {
  if (const auto value = parse_short_float(text)) return value;
  text = strip(text);
  const bool negative = take_sign(text);
  if (text.empty() || text[0] == '+' || text[0] == '-') return std::nullopt;
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (text.find('(') != std::string_view::npos) return std::nullopt;  // C's nan(n-char-sequence)
  if (error == std::errc::result_out_of_range) out = std::strtod(std::string(text).c_str(), nullptr);
  return negative ? -out : out;
}

bool decode_string_escape(std::string_view content, std::string& out) {
  out.clear();
  out.reserve(content.size());
  for (std::size_t i = 0; i < content.size();) {
    const char c = content[i++];
    if (c != '\\') {
      out += c;
      continue;
    }
    if (i == content.size()) return false;
    const char escape = content[i];
    if (is_octal(escape)) {
      out += take_octal(content, i);
      continue;
    }
    ++i;
    if (escape == '\n') continue;
    if (const char plain = simple_escape(escape)) {
      out += plain;
    } else if (escape == 'x') {
      const auto value = hex_number(content.substr(i), 2);
      if (!value) return false;
      out += static_cast<char>(static_cast<unsigned char>(*value));
      i += 2;
    } else {
      out += '\\';
      out += escape;
    }
  }
  return true;
}

bool decode_raw_unicode_escape(std::string_view line, std::string& out) {
  out.clear();
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size();) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if (byte >= 0x80) {
      append_utf8(out, byte);
      ++i;
      continue;
    }
    if (byte != '\\') {
      out += line[i++];
      continue;
    }
    // An even number of backslashes escapes nothing.
    bool escapes = false;
    for (; i < line.size() && line[i] == '\\'; ++i) {
      if (escapes) out += "\\\\";
      escapes = !escapes;
    }
    if (!escapes) continue;
    if (i == line.size() || (line[i] != 'u' && line[i] != 'U')) {
      out += '\\';
      continue;
    }
    const std::size_t count = line[i] == 'u' ? 4 : 8;
    const auto value = hex_number(line.substr(i + 1), count);
    if (!value || *value > 0x10FFFF) return false;
    append_utf8(out, *value);
    i += 1 + count;
  }
  return true;
}

// Besides what would end the line or the escape, what ends a text file on Windows.
std::string encode_raw_unicode_escape(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = next_code_point(utf8, i);
    const bool special = c == '\\' || c == '\n' || c == '\r' || c == 0 || c == 0x1A;
    if (c < 0x100 && !special) {
      out += static_cast<char>(static_cast<unsigned char>(c));
    } else {
      out +=
          c < 0x10000 ? fmt::format("\\u{:04x}", static_cast<unsigned>(c)) : fmt::format("\\U{:08x}", static_cast<unsigned>(c));
    }
  }
  return out;
}

}  // namespace gt::pickle
