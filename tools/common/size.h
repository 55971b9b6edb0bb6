// Sizes on the command line.
#pragma once

#include <cstdint>
#include <string_view>

namespace gt::tools {

// "512": bytes, or with K, M, G or T behind it so many of their powers of 1024. Throws Usage, naming the option.
std::uint64_t to_size(std::string_view option, std::string_view text);

}  // namespace gt::tools
