#include "lib/run/html.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::run {
namespace {

std::string_view escape_of(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    const std::string_view escape = escape_of(c);
    if (escape.empty()) {
      out += c;
    } else {
      out += escape;
    }
  }
}

// U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows: a name could look like another.
bool turns_text(std::string_view text) {
  if (text.size() < 3 || text[0] != '\xe2') return false;
  const auto last = static_cast<unsigned char>(text[2]);
  return (text[1] == '\x80' && last >= 0xaa && last <= 0xae) || (text[1] == '\x81' && last >= 0xa6 && last <= 0xa9);
}

std::string show_turns(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = turns_text(text) ? 3 : 1;
    for (const char byte : text.substr(0, length)) {
      if (length == 1) {
        out += byte;
      } else {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
      }
    }
    text.remove_prefix(length);
  }
  return out;
}

bool is_plain_in_path(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' || c == '.' || c == '-' || c == '_' || c == '~';
}

}  // namespace

std::string html(std::string_view bytes, std::size_t max_bytes) {
  const bool is_cut = bytes.size() > max_bytes;
  bytes = bytes.substr(0, max_bytes);
  std::string out;
  for (;;) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    append_escaped(out, show_turns(printable(line, line.size())));
    if (line.size() == bytes.size()) break;
    out += '\n';
    bytes.remove_prefix(line.size() + 1);
  }
  return is_cut ? out + "..." : out;
}

std::string href(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (is_plain_in_path(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string data_uri(std::string_view png) {
  std::string out = "data:image/png;base64,";
  const std::size_t begin = out.size();
  out.resize(begin + (png.size() + 2) / 3 * 4 + 1);  // with the zero that OpenSSL adds
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + begin), reinterpret_cast<const unsigned char*>(png.data()),
                  static_cast<int>(png.size()));
  out.pop_back();
  return out;
}

std::string fill(std::string_view text, const std::map<std::string_view, std::string>& values) {
  std::string out;
  for (;;) {
    const std::size_t at = text.find("{{");
    const std::size_t end = at == std::string_view::npos ? at : text.find("}}", at);
    if (end == std::string_view::npos) return out.append(text);
    const auto value = values.find(text.substr(at + 2, end - at - 2));
    if (value == values.end()) throw Error(ErrorCode::Bug, "a template has a place without a value");
    out.append(text.substr(0, at)).append(value->second);
    text.remove_prefix(end + 2);
  }
}

std::string size_text(std::uint64_t bytes) {
  constexpr const char* k_units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} byte{}", bytes, bytes == 1 ? "" : "s");
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.95 would be shown as 1024.0.
  for (; value >= 1023.95 && unit + 1 < std::size(k_units); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, k_units[unit]);
}

std::string duration_text(std::int64_t ms) {
  ms = std::max<std::int64_t>(ms, 0);
  if (ms < 9'995) return fmt::format("{:.2f} s", static_cast<double>(ms) / 1000);
  if (ms < 59'950) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000);
  const std::int64_t seconds = (ms + 500) / 1000;
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60)
    return seconds % 60 == 0 ? fmt::format("{} min", minutes) : fmt::format("{} min {} s", minutes, seconds % 60);
  return minutes % 60 == 0 ? fmt::format("{} h", minutes / 60) : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string utc_text(std::int64_t ms) {
  constexpr std::int64_t k_last = 253'402'300'799;  // of the year 9999
  const std::int64_t seconds = std::clamp<std::int64_t>(ms / 1000, 0, k_last);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string count_text(std::int64_t count) {
  std::string out = std::to_string(count);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(out.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
    out.insert(static_cast<std::size_t>(at), ",");
  return out;
}

}  // namespace gt::run
