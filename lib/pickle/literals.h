// The text forms of protocol 0: numbers and escaped strings, as pickle.py of Python 2.7 reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "lib/object/big_int.h"

namespace gt::pickle {

// INT: int(text) or, when that fails, long(text): blanks around, a sign, decimal digits, perhaps an L, which makes a long,
// as does a value beyond 64 bits. nullopt: Python raises ValueError.
struct IntLiteral {
  std::optional<std::int64_t> small;  // a Python 2 int
  object::BigInt big;                 // else a long
};
std::optional<IntLiteral> parse_int(std::string_view text);

// A number below 10^18 in its usual form, without sign or leading zeros; nullopt for anything else. What protocol 0 is full of.
inline std::optional<std::uint64_t> parse_canonical(std::string_view digits) {
  if (digits.empty() || digits.size() > 18 || (digits[0] == '0' && digits.size() > 1)) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : digits) {
    const auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) return std::nullopt;
    out = out * 10 + digit;
  }
  return out;
}

// LONG: long(text, 0): also 0x, 0o, 0b and a leading 0 for octal.
std::optional<object::BigInt> parse_long(std::string_view text);

// FLOAT: float(text): blanks around, inf and nan in any case, overflow gives infinity.
std::optional<double> parse_float(std::string_view text);

// STRING: the content between matching quotes, or why not. `escaped` says that decode_string_escape has to see it.
struct StringLiteral {
  std::string_view content;
  bool escaped = false;
};
inline std::optional<StringLiteral> parse_quoted(std::string_view line) {
  if (line.size() < 2 || (line.front() != '\'' && line.front() != '"') || line.back() != line.front()) return std::nullopt;
  const std::string_view content = line.substr(1, line.size() - 2);
  return StringLiteral{content, content.find('\\') != std::string_view::npos};
}

// str.decode('string-escape'), in place of what is in `out`; false for a bad \x or a trailing backslash.
bool decode_string_escape(std::string_view content, std::string& out);

// UNICODE: raw-unicode-escape with Latin-1 bytes, as UTF-8 (surrogates encoded as such), in place of what is in `out`; false
// for a cut \u.
bool decode_raw_unicode_escape(std::string_view line, std::string& out);
// The line that reads back as this text, backslashes and line ends escaped, as pickle writes it.
std::string encode_raw_unicode_escape(std::string_view utf8);

}  // namespace gt::pickle
