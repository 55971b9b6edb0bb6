#include "lib/pickle/nested.h"

#include <array>
#include <cstdint>

namespace gt::pickle {
namespace {

constexpr std::int8_t k_no_digit = -1;

constexpr std::array<std::int8_t, 256> make_digits() {
  std::array<std::int8_t, 256> out{};
  out.fill(k_no_digit);
  constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < k_alphabet.size(); ++i)
    out[static_cast<unsigned char>(k_alphabet[i])] = static_cast<std::int8_t>(i);
  out['-'] = out['+'];
  out['_'] = out['/'];
  return out;
}
constexpr std::array<std::int8_t, 256> k_digits = make_digits();

}  // namespace

bool may_name_something(std::string_view bytes) {
  // GLOBAL and INST have two lines, and the others of these are bytes beyond ASCII.
  constexpr std::string_view k_by_number("\x82\x83\x84\x93", 4);
  if (bytes.find_first_of(k_by_number) != std::string_view::npos) return true;
  const std::size_t line = bytes.find('\n');
  return line != std::string_view::npos && bytes.find('\n', line + 1) != std::string_view::npos &&
         bytes.find_first_of("ci") != std::string_view::npos;
}

std::optional<std::string> from_base64(std::string_view text) {
  constexpr std::size_t k_least = 8;
  if (text.size() < k_least) return std::nullopt;
  std::string out;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n' || c == '\r') continue;
    if (c == '=') return text.find_first_not_of("=\r\n", i) == std::string_view::npos ? std::optional(out) : std::nullopt;
    if (k_digits[c] == k_no_digit) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(k_digits[c]);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(static_cast<unsigned char>(group >> bits));
  }
  return out;
}

}  // namespace gt::pickle
