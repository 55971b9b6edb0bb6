// The text of Python 2.7's json.dump(value, file, indent=2, separators=(',', ':')), to the byte: pure ASCII, two spaces a
// level, no newline at the end. Source: Lib/json/encoder.py of 2.7; docs/formats.md a.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/error.h"
#include "lib/base/sink.h"

namespace gt::json {

// "text" with Python's escapes. `utf8` is valid UTF-8; encoded surrogates are written as they are.
void append_string(std::string& out, std::string_view utf8);

// True if a JSON string has these bytes as they are: printable ASCII without quotes and backslashes.
bool is_plain(std::string_view text);

// A float as repr() has it, and NaN, Infinity, -Infinity, which are not JSON but what Python wrote.
std::string float_text(double value);

// Buffers, indents and counts. The caller says where containers begin and end and writes scalars as text.
class TextWriter {
 public:
  // Throws LimitOutput when more than `max_bytes` would be written.
  TextWriter(Sink& sink, std::uint64_t max_bytes);

  void open(char bracket);                                                         // '[' or '{'
  void close(char bracket);                                                        // ']' or '}'
  void item() { begin_item({}); }                                                  // before each item of a list
  void key(std::string_view quoted_with_colon) { begin_item(quoted_with_colon); }  // before each value of an object: "key":
  void scalar(std::string_view text) { put(text); }
  void integer(std::int64_t number);
  void real(double number);
  void string(std::string_view utf8);
  void plain_string(std::string_view text);  // one that is_plain()
  void finish();                             // hands the rest to the sink

 private:
  void begin_item(std::string_view key);
  void put(std::string_view text);
  void put_large(std::string_view text);
  void new_line(std::uint64_t levels);
  // Blanks at `out`, which has room for k_usual_indent at least: of a size that is known there is no call, and what follows
  // lies over what is too much. Gives where they end.
  static char* write_indent(char* out, std::size_t blanks) {
    std::memset(out, ' ', k_usual_indent);
    if (blanks > k_usual_indent) std::memset(out, ' ', blanks);
    return out + blanks;
  }
  // Room for that many bytes, at most k_largest_piece.
  void reserve(std::size_t bytes) {
    if (k_buffer_bytes - used_ < bytes) flush();
  }
  void flush();

  static constexpr std::size_t k_buffer_bytes = 256 << 10;
  static constexpr std::size_t k_largest_piece = 4096;
  static constexpr std::size_t k_usual_indent = 32;
  Sink& sink_;
  std::uint64_t max_bytes_;
  std::uint64_t flushed_ = 0;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  std::uint64_t depth_ = 0;
  bool empty_ = false;  // the container that was opened last has nothing in it yet
  std::string escaped_;
};

inline void TextWriter::put(std::string_view text) {
  if (text.size() > k_largest_piece) return put_large(text);
  reserve(text.size());
  std::copy_n(text.data(), text.size(), buffer_.get() + used_);
  used_ += text.size();
}

inline void TextWriter::plain_string(std::string_view text) {
  if (text.size() + 2 > k_largest_piece) return string(text);
  reserve(text.size() + 2);
  char* const out = buffer_.get() + used_;
  out[0] = '"';
  std::copy_n(text.data(), text.size(), out + 1);
  out[text.size() + 1] = '"';
  used_ += text.size() + 2;
}

// Comma, new line, indent and key, in one go for all but very deep levels and very long keys.
inline void TextWriter::begin_item(std::string_view key) {
  const std::size_t indent = 2 * depth_;
  if (indent + key.size() + 2 > k_largest_piece) {
    if (!empty_) put(",");
    new_line(depth_);
    put(key);
  } else {
    reserve(indent + key.size() + 2 + k_usual_indent);
    char* out = buffer_.get() + used_;
    *out = ',';
    out += empty_ ? 0 : 1;
    *out++ = '\n';
    out = std::copy_n(key.data(), key.size(), write_indent(out, indent));
    used_ = static_cast<std::size_t>(out - buffer_.get());
  }
  empty_ = false;
}

}  // namespace gt::json
