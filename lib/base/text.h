// Text helpers without any domain.
#pragma once

#include <cstddef>
#include <cstdint>
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
