#include "lib/json/read.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/raised_by.h"
#include "lib/base/text.h"
#include "lib/object/duplicate_keys.h"

namespace gt::json {
namespace {

using object::Graph;
using object::Kind;
using object::Value;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  Parser(std::string_view text, const ReadLimits& limits) : text_(text), limits_(limits), graph_(text) {}

  Graph run() {
    if (text_.starts_with("\xEF\xBB\xBF")) throw fail("a byte order mark stands before the JSON");
    skip_blanks();
    begin_value();
    while (!open_.empty()) step();
    skip_blanks();
    if (at_ != text_.size()) throw fail("something stands after the end of the JSON value");
    graph_.set_root(root_);
    object::merge_duplicate_keys(graph_);
    return std::move(graph_);
  }

 private:
  struct Level {
    Value container;
    Value key;  // of the value that comes next, in an object
    bool first = true;
  };

  Error fail(std::string message) const { return Error(ErrorCode::JsonSyntax, std::move(message), {.offset = at_}); }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }

  char peek() const {
    if (at_ >= text_.size()) throw fail("the JSON ends in the middle: the file was cut");
    return text_[at_];
  }

  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  // One step of the innermost open container: its end, or its next value.
  void step() {
    Level& level = open_.back();
    const bool object = level.container.is(Kind::Dict);
    skip_blanks();
    if (peek() == (object ? '}' : ']')) {
      ++at_;
      open_.pop_back();
      return;
    }
    if (!level.first) {
      if (peek() != ',') throw fail(object ? "expected ',' or '}' in an object" : "expected ',' or ']' in a list");
      ++at_;
      skip_blanks();
    } else if (peek() == ',') {
      throw fail("expected a value before ','");
    }
    level.first = false;
    if (object) {
      if (peek() != '"') throw fail("expected the name of a member in double quotes");
      level.key = string();
      skip_blanks();
      if (peek() != ':') throw fail("expected ':' after the name of a member");
      ++at_;
      skip_blanks();
    }
    begin_value();
  }

  void begin_value() {
    const char c = peek();
    if (c == '{' || c == '[') {
      const Value container = c == '{' ? graph_.make_dict() : graph_.make_sequence(Kind::List);
      if (open_.size() >= limits_.depth)
        throw Error(ErrorCode::LimitDepth, fmt::format("the JSON is nested deeper than {} levels", limits_.depth),
                    {.offset = at_}, raised_by("--max-depth"));
      ++at_;
      add(container);
      open_.push_back({container, {}, true});
      return;
    }
    add(scalar(c));
  }

  void add(Value value) {
    if (open_.empty()) {
      root_ = value;
    } else if (open_.back().container.is(Kind::Dict)) {
      graph_.add_entry(open_.back().container, open_.back().key, value);
    } else {
      graph_.append(open_.back().container, value);
    }
  }

  Value scalar(char c) {
    if (c == '"') return string();
    if (take("null")) return Value::none();
    if (take("true")) return Value::boolean(true);
    if (take("false")) return Value::boolean(false);
    if (take("NaN")) return graph_.make_float(std::numeric_limits<double>::quiet_NaN());
    if (take("Infinity")) return graph_.make_float(std::numeric_limits<double>::infinity());
    if (take("-Infinity")) return graph_.make_float(-std::numeric_limits<double>::infinity());
    if (c == '-' || is_digit(c)) return number();
    throw fail(fmt::format("expected a value, found '{}'", printable(text_.substr(at_, 1))));
  }

  Value number() {
    const std::size_t start = at_;
    if (text_[at_] == '-') ++at_;
    if (!is_digit(peek())) throw fail("expected a digit after '-'");
    const auto digits = [&] {
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    };
    if (text_[at_] == '0') {
      ++at_;
    } else {
      digits();
    }
    bool real = false;
    if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
      real = true;
      ++at_;
      digits();
    }
    const std::size_t exponent = at_;
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (at_ < text_.size() && is_digit(text_[at_])) {
        real = true;
        digits();
      } else {
        at_ = exponent;
      }
    }
    const std::string_view token = text_.substr(start, at_ - start);
    return real ? real_number(token) : integer(token);
  }

  Value real_number(std::string_view token) {
    double value = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error == std::errc::result_out_of_range) value = std::strtod(std::string(token).c_str(), nullptr);
    return graph_.make_float(value);
  }

  Value integer(std::string_view token) {
    std::int64_t small = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), small);
    if (error == std::errc()) return graph_.make_int(small);
    if (token.size() > limits_.integer_digits) throw digits_limit_error(token.size(), limits_, at_);
    const bool negative = token[0] == '-';
    return graph_.make_long(*object::BigInt::from_digits(token.substr(negative ? 1 : 0), 10, negative));
  }

  Value string() {
    const std::size_t start = ++at_;
    bool escaped = false;
    while (peek() != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) throw fail("a control character stands in a string");
      if (text_[at_] == '\\') {
        escaped = true;
        ++at_;
        peek();
      }
      ++at_;
    }
    const std::string_view raw = text_.substr(start, at_ - start);
    ++at_;
    if (!is_utf8(raw, Surrogates::Accept)) {
      at_ = start;
      throw fail("a string is not UTF-8: " + printable(raw));
    }
    if (!escaped) return graph_.make_string_view(Kind::Text, raw);
    return graph_.make_string(Kind::Text, unescape(raw, start));
  }

  unsigned hex4(std::string_view raw, std::size_t i, std::size_t start) {
    unsigned unit = 0;
    const auto [end, error] = std::from_chars(raw.data() + i, raw.data() + std::min(raw.size(), i + 4), unit, 16);
    if (error != std::errc() || end != raw.data() + i + 4) {
      at_ = start + i;
      throw fail("\\u is not followed by four hexadecimal digits");
    }
    return unit;
  }

  std::string unescape(std::string_view raw, std::size_t start) {
    constexpr std::string_view k_letters = "\"\\/bfnrt";
    constexpr std::string_view k_meaning = "\"\\/\b\f\n\r\t";
    std::string out;
    for (std::size_t i = 0; i < raw.size();) {
      if (raw[i] != '\\') {
        out += raw[i++];
        continue;
      }
      const std::size_t letter = k_letters.find(raw[i + 1]);
      if (letter != std::string_view::npos) {
        out += k_meaning[letter];
        i += 2;
        continue;
      }
      if (raw[i + 1] != 'u') {
        at_ = start + i;
        throw fail(fmt::format("'\\{}' is no escape of JSON", printable(raw.substr(i + 1, 1))));
      }
      const unsigned unit = hex4(raw, i + 2, start);
      i += 6;
      const bool pair = unit >= 0xD800 && unit < 0xDC00 && raw.substr(i, 2) == "\\u";
      const unsigned low = pair ? hex4(raw, i + 2, start) : 0;
      if (low >= 0xDC00 && low < 0xE000) {
        append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
        i += 6;
      } else {
        append_utf8(out, unit);
      }
    }
    return out;
  }

  std::string_view text_;
  ReadLimits limits_;
  Graph graph_;
  std::size_t at_ = 0;
  std::vector<Level> open_;
  Value root_;
};

}  // namespace

Error digits_limit_error(std::uint64_t digits, const ReadLimits& limits, std::optional<std::uint64_t> offset) {
  return Error(ErrorCode::LimitSize,
               fmt::format("an integer has {} digits, more than the limit of {}", digits, limits.integer_digits),
               {.offset = offset}, raised_by("--max-integer-digits"));
}

object::Graph read(std::string_view text, const ReadLimits& limits) { return Parser(text, limits).run(); }

}  // namespace gt::json
