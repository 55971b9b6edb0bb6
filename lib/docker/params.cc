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

void append_text(std::string& out, const std::string& text) {
  if (!is_utf8(text, Surrogates::Accept))
    throw Error(ErrorCode::PlanInvalid, "the parameter text " + printable(text) + " is not UTF-8");
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

void append_bytes(std::string& out, const ordered_json::binary_t& bytes) {
  out += "b'";
  for (const std::uint8_t byte : bytes) out += fmt::format("\\x{:02x}", byte);
  out += '\'';
}

void append_float(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "(1e999 - 1e999)";
  } else if (std::isinf(value)) {
    out += value > 0 ? "1e999" : "-1e999";
  } else {
    const std::string digits = fmt::format("{}", value);
    out += digits;
    if (digits.find_first_of(".e") == std::string::npos) out += ".0";
  }
}

void append_value(std::string& out, const ordered_json& value, int depth);

void append_list(std::string& out, const ordered_json& list, int depth) {
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ", ";
    append_value(out, list[i], depth);
  }
  out += ']';
}

void append_dict(std::string& out, const ordered_json& dict, int depth) {
  out += '{';
  std::string_view separator;
  for (const auto& [key, value] : dict.items()) {
    out += separator;
    append_text(out, key);
    out += ": ";
    append_value(out, value, depth);
    separator = ", ";
  }
  out += '}';
}

void append_value(std::string& out, const ordered_json& value, int depth) {
  if (depth > k_max_depth)
    throw Error(ErrorCode::PlanInvalid, "a parameter is nested deeper than " + std::to_string(k_max_depth) + " levels");
  switch (value.type()) {
    case ordered_json::value_t::null: out += "None"; return;
    case ordered_json::value_t::boolean: out += value.get<bool>() ? "True" : "False"; return;
    case ordered_json::value_t::number_integer: out += std::to_string(value.get<std::int64_t>()); return;
    case ordered_json::value_t::number_unsigned: out += std::to_string(value.get<std::uint64_t>()); return;
    case ordered_json::value_t::number_float: append_float(out, value.get<double>()); return;
    case ordered_json::value_t::string: append_text(out, value.get_ref<const std::string&>()); return;
    case ordered_json::value_t::binary: append_bytes(out, value.get_binary()); return;
    case ordered_json::value_t::array: append_list(out, value, depth + 1); return;
    case ordered_json::value_t::object: append_dict(out, value, depth + 1); return;
    case ordered_json::value_t::discarded: break;
  }
  throw Error(ErrorCode::PlanInvalid, "a parameter's value is no JSON");
}

}  // namespace

bool is_parameter_name(std::string_view name) {
  return !name.empty() && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); }) &&
         std::find(std::begin(k_keywords), std::end(k_keywords), name) == std::end(k_keywords);
}

void append_literal(std::string& out, const ordered_json& value) { append_value(out, value, 0); }

std::string to_params_py(const ordered_json& params) {
  if (params.is_null()) return {};
  if (!params.is_object()) throw Error(ErrorCode::PlanInvalid, "the parameters are no JSON object");
  std::string out;
  for (const auto& [name, value] : params.items()) {
    if (!is_parameter_name(name))
      throw Error(ErrorCode::ParameterName, "'" + printable(name) + "' cannot be the name of a parameter", {},
                  "use a Python identifier that is no keyword");
    out += name + " = ";
    append_literal(out, value);
    out += '\n';
  }
  return out;
}

}  // namespace gt::docker
