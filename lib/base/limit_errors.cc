#include "lib/base/limit_errors.h"

#include <string>

#include "lib/base/raised_by.h"

namespace gt {

Error depth_limit_error(std::uint64_t levels, std::string_view other_reason) {
  std::string message = "the data is nested deeper than " + std::to_string(levels) + " levels";
  if (!other_reason.empty()) message.append(", or ").append(other_reason);
  return Error(ErrorCode::LimitDepth, std::move(message), {}, raised_by("--max-depth"));
}

Error containers_limit_error(std::uint64_t lists_and_objects) {
  return Error(ErrorCode::LimitNodes,
               "the JSON would have more than " + std::to_string(lists_and_objects) +
                   " lists and objects: the file refers to the same parts over and over",
               {}, raised_by("--max-nodes"));
}

Error output_limit_error(std::uint64_t bytes) {
  return Error(ErrorCode::LimitOutput,
               "the JSON would have more than " + std::to_string(bytes) +
                   " bytes: the file is deep, or refers to the same parts over and over",
               {}, raised_by("--max-json-bytes"));
}

}  // namespace gt
