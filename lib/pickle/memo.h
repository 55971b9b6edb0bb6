// The memo of the machine: what PUT stores and GET reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lib/object/arena.h"
#include "lib/object/value.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

// Keys are numbers; but pickle.py keeps the text of protocol 0, so that there "01" and "1" are two keys.
class Memo {
 public:
  struct Limits {
    std::uint64_t entries;
    std::uint64_t odd;
  };
  // A pickler needs a value and a PUT for each number, so what is far beyond that lies: it cannot make a table large.
  static constexpr bool is_far(std::uint64_t key, std::uint64_t position) { return key > position + 256; }

  // Errors are those of the opcode that `reader` took last.
  Memo(const Reader& reader, Limits limits) : reader_(reader), limits_(limits) {}

  // Throws LimitMemo.
  [[gnu::always_inline]] void put(std::uint64_t key, object::Value value) {
    if (key == dense_.size() && count_ < limits_.entries && odd_.empty()) {  // as in nearly every file
      dense_.push_back(value);
      ++count_;
    } else if (key < dense_.size() && dense_[key]) {
      dense_[key] = value;
    } else {
      put_new(key, value);
    }
  }
  // Absent if the key was never set.
  object::Value get(std::uint64_t key) const {
    const object::Value value = key < dense_.size() ? dense_[key] : object::Value();
    return value ? value : get_beyond(key);
  }
  void put(std::string_view key, object::Value value);
  object::Value get(std::string_view key) const;
  // How many keys are set: the next one of MEMOIZE.
  std::uint64_t count() const { return count_; }

 private:
  void put_new(std::uint64_t key, object::Value value);
  object::Value get_beyond(std::uint64_t key) const;
  void put_odd(std::string key, object::Value value);
  object::Value get_odd(const std::string& key) const;

  const Reader& reader_;
  Limits limits_;
  object::Table<object::Value> dense_;                  // the keys that picklers use
  std::unordered_map<std::string, object::Value> odd_;  // all others: a gap costs nothing
  std::uint64_t count_ = 0;
};

}  // namespace gt::pickle
