#include "lib/repair/unwrap.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/repair/gunzip.h"

namespace gt::repair {
namespace {

constexpr std::uint64_t k_least_limit = std::uint64_t{64} << 20;
constexpr std::uint64_t k_limit_factor = 64;
constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

Finding repaired(std::string message, std::uint64_t offset) {
  return {Finding::Severity::Warning, "repaired: " + std::move(message), {.offset = offset}};
}

Unwrapped unwrap(std::string_view file) {
  Unwrapped out;
  if (file.starts_with("\x1f\x8b")) {
    Gunzipped data = gunzip(file, std::max(k_least_limit, file.size() * k_limit_factor));
    out.bytes = std::move(data.bytes);
    out.repairs.push_back(repaired(fmt::format("gzip: {} bytes were decompressed to {}", data.read, out.bytes.size()), 0));
    if (data.read < file.size())
      out.repairs.push_back(
          repaired(fmt::format("{} bytes behind the gzip data were left out", file.size() - data.read), data.read));
  }
  const std::string_view now = out.repairs.empty() ? file : std::string_view(out.bytes);
  if (now.starts_with(k_byte_order_mark)) {
    out.had_byte_order_mark = true;
    out.bytes = std::string(now.substr(k_byte_order_mark.size()));
    out.repairs.push_back(repaired("a UTF-8 byte order mark was left out", 0));
  }
  return out;
}

}  // namespace gt::repair
