#include "lib/pickle/stack.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/raised_by.h"

namespace gt::pickle {

using object::Value;

void Stack::grow() {
  const std::size_t used = size();
  const std::size_t below = fence();
  if (used == most_)
    throw reader_.error(ErrorCode::LimitStack, fmt::format("leaves more than {} values on the stack", most_),
                        raised_by("--max-stack"));
  const std::uint64_t room = region_.grow(used * sizeof(Value), (used + 1) * sizeof(Value)) / sizeof(Value);
  begin_ = static_cast<Value*>(region_.data());
  top_ = begin_ + used;
  end_ = begin_ + std::min(room, most_);
  fence_ = begin_ + below;
}

}  // namespace gt::pickle
