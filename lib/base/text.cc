#include "lib/base/text.h"

#include <algorithm>
#include <cstring>

namespace gt {
namespace {

unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool continues(std::string_view text, std::size_t from, std::size_t to) {
  if (to > text.size()) return false;
  for (std::size_t i = from; i < to; ++i)
    if ((byte_at(text, i) & 0xC0) != 0x80) return false;
  return true;
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr char k_hex[] = "0123456789abcdef";
  out += "\\x";
  out += k_hex[byte >> 4];
  out += k_hex[byte & 15];
}

}  // namespace

std::size_t utf8_length(std::string_view text, Surrogates surrogates) {
  if (text.empty()) return 0;
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return continues(text, 1, 2) ? 2 : 0;
  if (lead < 0xF0) {
    if (!continues(text, 1, 3)) return 0;
    if (lead == 0xE0 && byte_at(text, 1) < 0xA0) return 0;
    if (lead == 0xED && byte_at(text, 1) >= 0xA0 && surrogates == Surrogates::Reject) return 0;
    return 3;
  }
  if (lead > 0xF4 || !continues(text, 1, 4)) return 0;
  if (lead == 0xF0 && byte_at(text, 1) < 0x90) return 0;
  if (lead == 0xF4 && byte_at(text, 1) >= 0x90) return 0;
  return 4;
}

std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t k_high_bits = 0x8080808080808080u;
  std::size_t i = 0;
  std::uint64_t word = 0;
  for (; i + sizeof word <= text.size(); i += sizeof word) {
    std::memcpy(&word, text.data() + i, sizeof word);
    if ((word & k_high_bits) != 0) break;
  }
  if (i > 0 && text.size() - i < sizeof word) {  // the last word, which lies over the one before it
    std::memcpy(&word, text.data() + text.size() - sizeof word, sizeof word);
    if ((word & k_high_bits) == 0) return text.size();
  }
  while (i < text.size() && byte_at(text, i) < 0x80) ++i;
  return i;
}

bool is_utf8(std::string_view text, Surrogates surrogates) {
  for (text.remove_prefix(ascii_prefix(text)); !text.empty(); text.remove_prefix(ascii_prefix(text))) {
    const std::size_t n = utf8_length(text, surrogates);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

bool has_surrogate_pair(std::string_view utf8) {
  // U+D800 to U+DBFF begin with ED A0 to ED AF, U+DC00 to U+DFFF with ED B0 to ED BF.
  for (std::size_t i = utf8.find('\xED'); i != std::string_view::npos; i = utf8.find('\xED', i + 1)) {
    const auto second = [&](std::size_t at) { return static_cast<unsigned char>(at < utf8.size() ? utf8[at] : 0); };
    if (second(i + 1) >= 0xA0 && second(i + 1) < 0xB0 && second(i + 3) == 0xED && second(i + 4) >= 0xB0) return true;
  }
  return false;
}

char32_t next_code_point(std::string_view text, std::size_t& offset) {
  const unsigned lead = byte_at(text, offset);
  const std::size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t value = n == 1 ? lead : lead & (0x7Fu >> n);
  for (std::size_t i = 1; i < n; ++i) value = (value << 6) | (byte_at(text, offset + i) & 0x3Fu);
  offset += n;
  return value;
}

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [](char32_t bits) { return static_cast<char>(static_cast<unsigned char>(bits)); };
  const auto follow = [&](char32_t bits) { return byte(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    out += byte(c);
  } else if (c < 0x800) {
    out.append({byte(0xC0 | c >> 6), follow(c)});
  } else if (c < 0x10000) {
    out.append({byte(0xE0 | c >> 12), follow(c >> 6), follow(c)});
  } else {
    out.append({byte(0xF0 | c >> 18), follow(c >> 12), follow(c >> 6), follow(c)});
  }
}

std::string valid_utf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const std::size_t n = utf8_length(bytes, Surrogates::Reject);
    if (n == 0) append_escaped(out, byte_at(bytes, 0));
    out += bytes.substr(0, n);
    bytes.remove_prefix(n == 0 ? 1 : n);
  }
  return out;
}

std::string printable(std::string_view bytes, std::size_t max_bytes) {
  std::string out;
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (i >= max_bytes) return out + "...";
    const auto rest = bytes.substr(i, max_bytes - i);
    const auto* const odd = std::find_if(rest.begin(), rest.end(), [](char c) { return c < ' ' || c > '~'; });
    if (odd != rest.begin()) {
      out.append(rest.begin(), odd);
      i += static_cast<std::size_t>(odd - rest.begin());
      continue;
    }
    const std::size_t n = utf8_length(bytes.substr(i), Surrogates::Reject);
    const unsigned char first = byte_at(bytes, i);
    // C1 controls are two bytes in UTF-8 and still move a terminal's cursor.
    const bool c1_control = n == 2 && first == 0xC2 && byte_at(bytes, i + 1) < 0xA0;
    if (n == 0 || first < 0x20 || first == 0x7F || c1_control) {
      append_escaped(out, first);
      ++i;
    } else {
      out += bytes.substr(i, n);
      i += n;
    }
  }
  return out;
}

}  // namespace gt
