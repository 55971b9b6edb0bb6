// The memo of the machine: what PUT stores and GET reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lib/object/arena.h"
#include "lib/object/value.h"

namespace gt::pickle {

// Keys are numbers; but pickle.py keeps the text of protocol 0, so that there "01" and "1" are two keys.
class Memo {
 public:
  [[gnu::always_inline]] void put(std::uint64_t key, object::Value value) {
    if (key < dense_.size()) {
      if (!dense_[key]) ++count_;
      dense_[key] = value;
    } else if (key == dense_.size() && odd_.empty()) {
      dense_.push_back(value);
      ++count_;
    } else {
      put_beyond(key, value);
    }
  }
  // Absent if the key was never set.
  object::Value get(std::uint64_t key) const { return key < dense_.size() && dense_[key] ? dense_[key] : get_beyond(key); }
  void put(std::string_view key, object::Value value);
  object::Value get(std::string_view key) const;
  // How many keys are set: the next one of MEMOIZE.
  std::uint64_t count() const { return count_; }

 private:
  void put_beyond(std::uint64_t key, object::Value value);
  object::Value get_beyond(std::uint64_t key) const;
  void put_odd(std::string key, object::Value value);
  object::Value get_odd(const std::string& key) const;

  object::Table<object::Value> dense_;                  // the keys that picklers use: 0, 1, 2, ...
  std::unordered_map<std::string, object::Value> odd_;  // all others: a gap costs nothing
  std::uint64_t count_ = 0;
};

}  // namespace gt::pickle
