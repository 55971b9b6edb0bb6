#include "lib/json/text_writer.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lib/base/error.h"
#include "lib/base/limit_errors.h"
#include "lib/base/text.h"
#include "lib/object/python2.h"

namespace gt::json {
namespace {

void append_unit(std::string& out, unsigned unit) {
  constexpr char k_hex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += k_hex[unit >> shift & 15];
}

void append_escaped(std::string& out, char32_t c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\f': out += "\\f"; return;
    case '\b': out += "\\b"; return;
    default: break;
  }
  if (c < 0x10000) return append_unit(out, c);
  c -= 0x10000;
  append_unit(out, 0xD800 | (c >> 10));
  append_unit(out, 0xDC00 | (c & 0x3FF));
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

// Eight bytes at once: bits of `word` are set where a byte is zero, and perhaps above it.
constexpr std::uint64_t each(unsigned char byte) { return 0x0101010101010101u * byte; }
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - each(1)) & ~word & each(0x80); }
constexpr bool has_special(std::uint64_t word) {
  const std::uint64_t below_space = (word - each(0x20)) & ~word & each(0x80);
  return ((word & each(0x80)) | below_space | zero_bytes(word ^ each(0x7F)) | zero_bytes(word ^ each('"')) |
          zero_bytes(word ^ each('\\'))) != 0;
}

template <typename Word>
Word load(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Sixteen bytes at once, in a register of every 64-bit processor.
using Block [[gnu::vector_size(16)]] = unsigned char;

bool has_special(Block block) {
  const auto special = (block - 0x20 >= 0x7F - 0x20) | (block == '"') | (block == '\\');
  std::uint64_t halves[2];
  static_assert(sizeof halves == sizeof special);
  std::memcpy(halves, &special, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

// The last word lies over the one before it, so that no end takes a loop of bytes.
template <typename Word>
bool has_special(std::string_view text) {
  const char* const last = text.data() + text.size() - sizeof(Word);
  for (const char* p = text.data(); p < last; p += sizeof(Word))
    if (has_special(load<Word>(p))) return true;
  return has_special(load<Word>(last));
}

}  // namespace

bool is_plain(std::string_view text) {
  const char* const begin = text.data();
  const std::size_t size = text.size();
  if (size >= sizeof(Block)) return !has_special<Block>(text);
  if (size >= sizeof(std::uint64_t)) return !has_special<std::uint64_t>(text);
  if (size >= sizeof(std::uint32_t))
    return !has_special(load<std::uint32_t>(begin) | std::uint64_t{load<std::uint32_t>(begin + size - 4)} << 32);
  return std::all_of(text.begin(), text.end(), [](char c) { return is_plain(c); });
}

void append_string(std::string& out, std::string_view utf8) {
  out += '"';
  std::size_t i = 0;
  while (i < utf8.size()) {
    std::size_t end = i;
    while (end < utf8.size() && is_plain(utf8[end])) ++end;
    out.append(utf8.substr(i, end - i));
    i = end;
    if (i < utf8.size()) append_escaped(out, next_code_point(utf8, i));
  }
  out += '"';
}

std::string float_text(double value) { return object::python2_float_repr(value, {"NaN", "Infinity"}); }

TextWriter::TextWriter(Sink& sink, std::uint64_t max_bytes)
    : sink_(sink), max_bytes_(max_bytes), buffer_(std::make_unique_for_overwrite<char[]>(k_buffer_bytes)) {}

void TextWriter::new_line(std::uint64_t levels) {
  const std::uint64_t indent = 2 * levels;
  if (indent <= k_usual_indent) {
    reserve(1 + k_usual_indent);
    char* const out = buffer_.get() + used_;
    *out = '\n';
    used_ = static_cast<std::size_t>(write_indent(out + 1, indent) - buffer_.get());
    return;
  }
  put("\n");
  constexpr std::string_view k_blanks = "                                                                ";
  for (std::uint64_t left = indent; left > 0;) {
    const std::uint64_t now = std::min<std::uint64_t>(left, k_blanks.size());
    put(k_blanks.substr(0, now));
    left -= now;
  }
}

void TextWriter::open(char bracket) {
  put({&bracket, 1});
  ++depth_;
  empty_ = true;
}

void TextWriter::close(char bracket) {
  --depth_;
  if (!empty_) new_line(depth_);
  empty_ = false;
  put({&bracket, 1});
}

void TextWriter::integer(std::int64_t number) {
  constexpr std::size_t k_longest = 20;
  reserve(k_longest);
  char* const out = buffer_.get() + used_;
  used_ += static_cast<std::size_t>(fmt::format_to(out, FMT_COMPILE("{}"), number) - out);
}

void TextWriter::real(double number) {
  // The usual number, which needs no text of its own.
  constexpr std::size_t k_longest = 32;
  reserve(k_longest);
  if (!std::isfinite(number)) return put(float_text(number));
  char* const out = buffer_.get() + used_;
  char* end = fmt::format_to(out, FMT_COMPILE("{}"), number);
  if (std::find_if(out, end, [](char c) { return c == '.' || c == 'e'; }) == end) end = std::copy_n(".0", 2, end);
  used_ += static_cast<std::size_t>(end - out);
}

void TextWriter::string(std::string_view utf8) {
  if (utf8.size() + 2 <= k_largest_piece && is_plain(utf8)) return plain_string(utf8);
  escaped_.clear();
  append_string(escaped_, utf8);
  put(escaped_);
}

void TextWriter::put_large(std::string_view text) {
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, k_largest_piece);
    put(piece);
    text.remove_prefix(piece.size());
  }
}

void TextWriter::flush() {
  flushed_ += used_;
  if (flushed_ > max_bytes_) throw output_limit_error(max_bytes_);
  sink_.write({buffer_.get(), used_});
  used_ = 0;
}

void TextWriter::finish() {
  if (used_ > 0) flush();
}

}  // namespace gt::json
