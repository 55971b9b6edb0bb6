// Gzip data as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gt::repair {

struct Gunzipped {
  std::string bytes;
  std::uint64_t read = 0;  // how much of the input was gzip data; what follows is not
};

// Throws InputCompressed for data that is damaged or ends in the middle, LimitSize when more than `max_bytes` come out.
Gunzipped gunzip(std::string_view compressed, std::uint64_t max_bytes);

}  // namespace gt::repair
