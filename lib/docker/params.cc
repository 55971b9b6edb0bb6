#include "lib/docker/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::docker {
namespace {

using nlohmann::ordered_json;

constexpr int k_max_depth = 50;  // Python 2.7's parser gives up below 100

// Of Python 2.7 and of Python 3.
constexpr std::string_view k_keywords[] = {"False",  "None",    "True",     "and",  "as",     "assert", "async",  "await",
                                           "break",  "class",   "continue", "def",  "del",    "elif",   "else",   "exec",
                                           "except", "finally", "for",      "from", "global", "if",     "import", "in",
                                           "is",     "lambda",  "nonlocal", "not",  "or",     "pass",   "print",  "raise",
                                           "return", "try",     "while",    "with", "yield"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void require_text(const std::string& text) {
  if (!is_utf8(text, Surrogates::Accept))
    throw Error(ErrorCode::PlanInvalid, "the parameter text " + printable(text) + " is not UTF-8");
}

// Writes the leaves as Python literals.
struct PythonLeaves {
  static constexpr std::string_view k_null = "None", k_true = "True", k_false = "False";
  // A parameter may be called float.
  static constexpr std::string_view k_nan = "(1e999 - 1e999)", k_infinity = "1e999";

  static void append_text(std::string& out, const std::string& text) {
    require_text(text);
    out += "u'";
    for (std::size_t offset = 0; offset < text.size();) {
      const char32_t c = next_code_point(text, offset);
      if (c == U'\n') {
        out += "\\n";
      } else if (c == U'\\' || c == U'\'') {
        out += '\\';
        out += static_cast<char>(c);
      } else if (c >= 0x20 && c < 0x7f) {
        out += static_cast<char>(c);
      } else {
        // A two-digit form would be one byte in Python 2; \u is the same code point in both.
        out += c <= 0xffff ? fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c))
                           : fmt::format("\\U{:08x}", static_cast<std::uint32_t>(c));
      }
    }
    out += '\'';
  }
  static void append_bytes(std::string& out, const ordered_json::binary_t& bytes) {
    out += "b'";
    for (const std::uint8_t byte : bytes) out += fmt::format("\\x{:02x}", byte);
    out += '\'';
  }
};

// Writes the leaves as Python's json module reads them.
struct JsonLeaves {
  static constexpr std::string_view k_null = "null", k_true = "true", k_false = "false";
  static constexpr std::string_view k_nan = "NaN", k_infinity = "Infinity";

  static void append_text(std::string& out, const std::string& text) {
    require_text(text);
    out += '"';
    for (std::size_t offset = 0; offset < text.size();) {
      const auto c = static_cast<std::uint32_t>(next_code_point(text, offset));
      if (c == '"' || c == '\\') {
        out += '\\';
        out += static_cast<char>(c);
      } else if (c >= 0x20 && c < 0x7f) {
        out += static_cast<char>(c);
      } else if (c <= 0xffff) {
        out += fmt::format("\\u{:04x}", c);
      } else {
        out += fmt::format("\\u{:04x}\\u{:04x}", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
      }
    }
    out += '"';
  }
  static void append_bytes(std::string& out, const ordered_json::binary_t& bytes) {
    out += '[';
    for (std::size_t i = 0; i < bytes.size(); ++i) out += (i > 0 ? ", " : "") + std::to_string(bytes[i]);
    out += ']';
  }
};

template <typename Leaves>
class Literals {
 public:
  explicit Literals(std::string& out) : out_(out) {}

  void append(const ordered_json& value, int depth) {
    if (depth > k_max_depth)
      throw Error(ErrorCode::PlanInvalid, "a parameter is nested deeper than " + std::to_string(k_max_depth) + " levels");
    switch (value.type()) {
      case ordered_json::value_t::null: out_ += Leaves::k_null; return;
      case ordered_json::value_t::boolean: out_ += value.get<bool>() ? Leaves::k_true : Leaves::k_false; return;
      case ordered_json::value_t::number_integer: out_ += std::to_string(value.get<std::int64_t>()); return;
      case ordered_json::value_t::number_unsigned: out_ += std::to_string(value.get<std::uint64_t>()); return;
      case ordered_json::value_t::number_float: append_float(value.get<double>()); return;
      case ordered_json::value_t::string: Leaves::append_text(out_, value.get_ref<const std::string&>()); return;
      case ordered_json::value_t::binary: Leaves::append_bytes(out_, value.get_binary()); return;
      case ordered_json::value_t::array: append_list(value, depth + 1); return;
      case ordered_json::value_t::object: append_dict(value, depth + 1); return;
      case ordered_json::value_t::discarded: break;
    }
    throw Error(ErrorCode::PlanInvalid, "a parameter's value is no JSON");
  }

 private:
  void append_float(double value) {
    if (std::isnan(value)) {
      out_ += Leaves::k_nan;
    } else if (std::isinf(value)) {
      out_ += value > 0 ? "" : "-";
      out_ += Leaves::k_infinity;
    } else {
      const std::string digits = fmt::format("{}", value);
      out_ += digits;
      if (digits.find_first_of(".e") == std::string::npos) out_ += ".0";
    }
  }
  void append_list(const ordered_json& list, int depth) {
    out_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += ", ";
      append(list[i], depth);
    }
    out_ += ']';
  }
  void append_dict(const ordered_json& dict, int depth) {
    out_ += '{';
    std::string_view separator;
    for (const auto& [key, value] : dict.items()) {
      out_ += separator;
      Leaves::append_text(out_, key);
      out_ += ": ";
      append(value, depth);
      separator = ", ";
    }
    out_ += '}';
  }

  std::string& out_;
};

void require_parameters(const ordered_json& params) {
  if (!params.is_object()) throw Error(ErrorCode::PlanInvalid, "the parameters are no JSON object");
  for (const auto& [name, value] : params.items()) {
    if (!is_parameter_name(name))
      throw Error(ErrorCode::ParameterName, "'" + printable(name) + "' cannot be the name of a parameter", {},
                  "use a Python identifier that is no keyword");
  }
}

}  // namespace

bool is_parameter_name(std::string_view name) {
  return !name.empty() && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); }) &&
         std::find(std::begin(k_keywords), std::end(k_keywords), name) == std::end(k_keywords);
}

void append_literal(std::string& out, const ordered_json& value) { Literals<PythonLeaves>(out).append(value, 0); }

std::string to_params_py(const ordered_json& params) {
  if (params.is_null()) return {};
  require_parameters(params);
  std::string out;
  for (const auto& [name, value] : params.items()) {
    out += name + " = ";
    append_literal(out, value);
    out += '\n';
  }
  return out;
}

std::string to_params_json(const ordered_json& params) {
  if (params.is_null()) return "{}\n";
  require_parameters(params);
  std::string out = "{";
  std::string_view separator = "\n";
  for (const auto& [name, value] : params.items()) {
    out += separator;
    out += "  \"" + name + "\": ";
    Literals<JsonLeaves>(out).append(value, 0);
    separator = ",\n";
  }
  return out + (params.empty() ? "}\n" : "\n}\n");
}

}  // namespace gt::docker
