// The bytes of a source.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/files.h"
#include "lib/batch/walk.h"

namespace gt::batch {

// Reads one source after the other into the same memory. Of a large file that begins like no task only the beginning is read.
class Content {
 public:
  // The view lives until the next call. Throws System: it cannot be read, or is no regular file any more.
  std::string_view read(const Source& source);

 private:
  std::string buffer_;
  std::optional<Input> large_;
};

}  // namespace gt::batch
