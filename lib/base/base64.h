// Base64 as Python's base64 module writes it: the standard alphabet, padded, one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gt {

std::string to_base64(std::string_view bytes);
// Line breaks and blanks are passed over, as Python does; nullopt for what else is not base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace gt
