// The text of Python 2.7's json.dump(value, file, indent=2, separators=(',', ':')), to the byte: pure ASCII, two spaces a
// level, no newline at the end. Source: Lib/json/encoder.py of 2.7; docs/formats.md a.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/error.h"
#include "lib/base/sink.h"

namespace gt::json {

// "text" with Python's escapes. `utf8` is valid UTF-8; encoded surrogates are written as they are.
void append_string(std::string& out, std::string_view utf8);

// A float as repr() has it, and NaN, Infinity, -Infinity, which are not JSON but what Python wrote.
std::string float_text(double value);

// LimitOutput: more than `max_bytes` of JSON would come out.
Error output_limit_error(std::uint64_t max_bytes);

// Buffers, indents and counts. The caller says where containers begin and end and writes scalars as text.
class TextWriter {
 public:
  // Throws LimitOutput when more than `max_bytes` would be written.
  TextWriter(Sink& sink, std::uint64_t max_bytes) : sink_(sink), max_bytes_(max_bytes) {}

  void open(char bracket);                       // '[' or '{'
  void close(char bracket);                      // ']' or '}'
  void item();                                   // before each item of a list
  void key(std::string_view quoted_with_colon);  // before each value of an object: "key":
  void scalar(std::string_view text);
  void string(std::string_view utf8) { append_string(buffer_, utf8); }
  void finish();  // hands the rest to the sink

 private:
  void new_line();
  void flush();

  static constexpr std::size_t k_flush_bytes = 64 << 10;
  Sink& sink_;
  std::uint64_t max_bytes_;
  std::uint64_t flushed_ = 0;
  std::string buffer_;
  std::uint64_t depth_ = 0;
  bool empty_ = false;  // the container that was opened last has nothing in it yet
};

}  // namespace gt::json
