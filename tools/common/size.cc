#include "tools/common/size.h"

#include <cctype>
#include <charconv>
#include <string>

#include "lib/base/error.h"
#include "lib/base/text.h"

namespace gt::tools {

std::uint64_t to_size(std::string_view option, std::string_view text) {
  constexpr std::string_view k_units = "KMGT";
  const auto wrong = [&] {
    return Error(ErrorCode::Usage,
                 std::string(option) + " " + printable(text) + " is not of the form SIZE, such as 512M or 2G");
  };
  if (text.empty()) throw wrong();
  const std::size_t unit = k_units.find(static_cast<char>(std::toupper(static_cast<unsigned char>(text.back()))));
  const bool has_unit = unit != std::string_view::npos;
  const std::string_view digits = text.substr(0, text.size() - (has_unit ? 1 : 0));
  const std::size_t shift = has_unit ? 10 * (unit + 1) : 0;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
  if (!whole || number > std::uint64_t{INT64_MAX} >> shift) throw wrong();  // the container engine's numbers are signed
  return number << shift;
}

}  // namespace gt::tools
