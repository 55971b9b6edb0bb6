#include "lib/pickle/memo.h"

#include <fmt/format.h>

#include "lib/base/raised_by.h"
#include "lib/pickle/literals.h"

namespace gt::pickle {

using object::Value;

void Memo::put_new(std::uint64_t key, Value value) {
  if (key >= dense_.size() && is_far(key, reader_.position())) return put_odd(std::to_string(key), value);
  // What was put there once stays there, or it would be two keys, and MEMOIZE count another one than in Python.
  if (!odd_.empty() && odd_.contains(std::to_string(key))) return put_odd(std::to_string(key), value);
  if (count_ == limits_.entries)
    throw reader_.error(ErrorCode::LimitMemo, fmt::format("makes more than {} memo entries", limits_.entries),
                        raised_by("--max-memo"));
  while (dense_.size() <= key) dense_.push_back({});
  dense_[key] = value;
  ++count_;
}

Value Memo::get_beyond(std::uint64_t key) const { return odd_.empty() ? Value() : get_odd(std::to_string(key)); }

void Memo::put_odd(std::string key, Value value) {
  if (odd_.size() >= limits_.odd)
    throw reader_.error(ErrorCode::LimitMemo,
                        fmt::format("makes more than {} memo entries that no program would number like this", limits_.odd),
                        raised_by("--max-memo"));
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
