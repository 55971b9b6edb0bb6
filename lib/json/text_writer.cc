#include "lib/json/text_writer.h"

#include <fmt/format.h>

#include "lib/base/error.h"
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

}  // namespace

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

Error output_limit_error(std::uint64_t max_bytes) {
  return Error(
      ErrorCode::LimitOutput,
      fmt::format("the JSON would have more than {} bytes: the file refers to the same parts over and over", max_bytes));
}

void TextWriter::new_line() {
  buffer_ += '\n';
  buffer_.append(2 * depth_, ' ');
}

void TextWriter::open(char bracket) {
  buffer_ += bracket;
  ++depth_;
  empty_ = true;
}

void TextWriter::close(char bracket) {
  --depth_;
  if (!empty_) new_line();
  empty_ = false;
  buffer_ += bracket;
  if (buffer_.size() > k_flush_bytes) flush();
}

void TextWriter::item() {
  if (!empty_) buffer_ += ',';
  empty_ = false;
  new_line();
  if (buffer_.size() > k_flush_bytes) flush();
}

void TextWriter::key(std::string_view quoted_with_colon) {
  item();
  buffer_ += quoted_with_colon;
}

void TextWriter::scalar(std::string_view text) { buffer_ += text; }

void TextWriter::flush() {
  flushed_ += buffer_.size();
  if (flushed_ > max_bytes_) throw output_limit_error(max_bytes_);
  sink_.write(buffer_);
  buffer_.clear();
}

void TextWriter::finish() {
  if (!buffer_.empty()) flush();
}

}  // namespace gt::json
