#include "lib/pickle/memo.h"

#include "lib/pickle/literals.h"

namespace gt::pickle {

using object::Value;

void Memo::put_beyond(std::uint64_t key, Value value) {
  // The table grows with what is in it: a number that lies cannot make it large.
  if (key >= 2 * (dense_.size() + 8)) return put_odd(std::to_string(key), value);
  // While there are odd keys to look through, by leaps.
  const std::uint64_t size = odd_.empty() ? key + 1 : 2 * (dense_.size() + 8);
  while (dense_.size() < size) dense_.push_back({});
  std::erase_if(odd_, [&](const auto& entry) {
    const auto number = parse_canonical(entry.first);
    const bool fits = number && *number < dense_.size();
    if (fits) dense_[*number] = entry.second;
    return fits;
  });
  put(key, value);
}

Value Memo::get_beyond(std::uint64_t key) const { return odd_.empty() ? Value() : get_odd(std::to_string(key)); }

void Memo::put_odd(std::string key, Value value) {
  Value& slot = odd_[std::move(key)];
  if (!slot) ++count_;
  slot = value;
}

Value Memo::get_odd(const std::string& key) const {
  const auto found = odd_.find(key);
  return found == odd_.end() ? Value() : found->second;
}

void Memo::put(std::string_view key, Value value) {
  if (const auto number = parse_canonical(key)) return put(*number, value);
  put_odd(std::string(key), value);
}

Value Memo::get(std::string_view key) const {
  if (const auto number = parse_canonical(key)) return get(*number);
  return get_odd(std::string(key));
}

}  // namespace gt::pickle
