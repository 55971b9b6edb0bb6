#include "lib/json/quoted_printable.h"

#include <cstdint>

namespace gt::json {
namespace {

constexpr char k_hex[] = "0123456789ABCDEF";
constexpr std::size_t k_line = 76;

void append_hex(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '=';
  out += k_hex[byte >> 4];
  out += k_hex[byte & 15];
}

// Whether the byte at `i` has to be written as =XX at column `column`.
bool must_escape(std::string_view bytes, std::size_t i, std::size_t column) {
  const auto byte = static_cast<unsigned char>(bytes[i]);
  const bool last = i + 1 == bytes.size();
  if (byte > 126 || byte == '=') return true;
  if (byte == '.' && column == 0) return last || bytes[i + 1] == '\n' || bytes[i + 1] == '\r' || bytes[i + 1] == 0;
  if (byte == '\t' || byte == ' ') return last;
  return byte < 33 && byte != '\r' && byte != '\n';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string encode_quoted_printable(std::string_view bytes) {
  const std::size_t first_newline = bytes.find('\n');
  const bool crlf = first_newline != std::string_view::npos && first_newline > 0 && bytes[first_newline - 1] == '\r';
  const std::string_view eol = crlf ? "\r\n" : "\n";
  std::string out;
  std::size_t column = 0;
  const auto soft_break = [&] {
    out += '=';
    out += eol;
    column = 0;
  };
  for (std::size_t i = 0; i < bytes.size();) {
    const char c = bytes[i];
    const bool last = i + 1 == bytes.size();
    if (must_escape(bytes, i, column)) {
      if (column + 3 >= k_line) soft_break();
      append_hex(out, c);
      column += 3;
      ++i;
    } else if (c == '\n' || (c == '\r' && !last && bytes[i + 1] == '\n')) {
      column = 0;
      if (!out.empty() && (out.back() == ' ' || out.back() == '\t')) {
        const char blank = out.back();
        out.pop_back();
        append_hex(out, blank);
      }
      out += eol;
      i += c == '\r' ? 2 : 1;
    } else {
      if (!last && bytes[i + 1] != '\n' && column + 1 >= k_line) soft_break();
      ++column;
      out += c;
      ++i;
    }
  }
  return out;
}

std::string decode_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '=') {
      out += text[i++];
      continue;
    }
    ++i;
    if (i >= text.size()) break;
    if (text[i] == '\n' || text[i] == '\r') {  // a soft line break
      while (i < text.size() && text[i] != '\n') ++i;
      if (i < text.size()) ++i;
    } else if (text[i] == '=') {  // a broken case that binascii lets pass
      out += '=';
      ++i;
    } else if (i + 1 < text.size() && hex_value(text[i]) >= 0 && hex_value(text[i + 1]) >= 0) {
      out += static_cast<char>(static_cast<unsigned char>(hex_value(text[i]) << 4 | hex_value(text[i + 1])));
      i += 2;
    } else {
      out += '=';
    }
  }
  return out;
}

}  // namespace gt::json
