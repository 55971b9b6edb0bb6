// Text helpers without any domain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace gt {

// `bytes` made safe for a terminal and a log: control characters, DEL and bytes outside valid UTF-8 become \xNN, and what
// is longer than `max_bytes` is cut with "...". File contents and file names in messages go through this.
std::string printable(std::string_view bytes, std::size_t max_bytes = 80);

// `bytes` as text that JSON can hold: what is not valid UTF-8 becomes \xNN, all else stays, control characters too.
std::string valid_utf8(std::string_view bytes);

// How many bytes at the beginning are ASCII.
std::size_t ascii_prefix(std::string_view text);

// True for at most eight bytes, all of them ASCII: most keys and names, told without a call.
[[gnu::always_inline]] inline bool is_short_ascii(std::string_view text) {
  const auto high_bits = [text](std::size_t at) {
    std::uint32_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word & 0x80808080u;
  };
  const std::size_t size = text.size();
  if (size > 8) return false;
  if (size >= 4) return (high_bits(0) | high_bits(size - 4)) == 0;
  return size == 0 || ((text[0] | text[size / 2] | text[size - 1]) & 0x80) == 0;
}

// Length in bytes of the UTF-8 sequence that starts `text` (1 to 4), or 0 if it is not valid. Overlong forms and values above
// U+10FFFF are invalid; encoded surrogates are accepted only when `Surrogates::Accept` is given, as Python 2.7 does.
enum class Surrogates : std::uint8_t { Reject, Accept };
std::size_t utf8_length(std::string_view text, Surrogates surrogates);
bool is_utf8(std::string_view text, Surrogates surrogates);

// True for text in which a high surrogate stands before a low one: JSON, where it is read, makes one character of them.
bool has_surrogate_pair(std::string_view utf8);

// The code point at `offset` of text that is valid UTF-8 (surrogates accepted); moves `offset` behind it.
char32_t next_code_point(std::string_view text, std::size_t& offset);
void append_utf8(std::string& out, char32_t code_point);

}  // namespace gt
