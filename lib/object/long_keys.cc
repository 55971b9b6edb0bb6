#include "lib/object/long_keys.h"

#include "lib/base/text.h"

namespace gt::object {

LongKeys::Content LongKeys::content(Value string, std::string_view bytes) {
  const auto [known, is_new] = contents_.try_emplace(string.bits());
  if (!is_new) return known->second;
  const auto [same, is_first] = by_bytes_.try_emplace(bytes);
  if (is_first) same->second = {static_cast<std::uint32_t>(by_bytes_.size()), ascii_prefix(bytes) == bytes.size()};
  return known->second = same->second;
}

}  // namespace gt::object
