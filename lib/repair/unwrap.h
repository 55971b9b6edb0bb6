// What lies around a saved task, pickle or JSON: gzip, and the byte order mark of a Windows editor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"

namespace gt::repair {

struct Unwrapped {
  std::string bytes;             // empty while nothing was repaired: the file is as it was
  std::vector<Finding> repairs;  // each with its offset
  bool had_byte_order_mark = false;
};

// Throws InputCompressed, and LimitSize for gzip data that becomes larger than 64 MiB and 64 times the file.
Unwrapped unwrap(std::string_view file);

// One repair, as the tools list it.
Finding repaired(std::string message, std::uint64_t offset);

}  // namespace gt::repair
