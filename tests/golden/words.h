// A command line as a shell splits it: quotes and backslashes, nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gt::golden {

// Throws Error (Usage) for a quote that is not closed.
std::vector<std::string> split_words(std::string_view line);

}  // namespace gt::golden
