// Pickles within strings of a pickle.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gt::pickle {

// False: these bytes cannot be a pickle that names anything. Cheap, for every string of a file.
bool may_name_something(std::string_view bytes);

// The bytes of a text that is base64 as a whole, of either alphabet, with or without padding and line ends.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace gt::pickle
