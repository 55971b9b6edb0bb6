// What is found out once about long strings and integers that are keys or elements: a pickle can name one again with two bytes,
// and it must not be read from end to end each time.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "lib/object/value.h"

namespace gt::object {

class LongKeys {
 public:
  static constexpr std::size_t k_bytes = 256;  // from this size on a string is long
  static constexpr std::size_t k_limbs = 32;   // the same of an integer

  struct Content {
    std::uint32_t number = 0;  // the same for strings that have the same bytes
    bool is_ascii = false;
  };
  // Of a string; `bytes` are its own, and stay where they are.
  Content content(Value string, std::string_view bytes);

  // The hash of a key of Python 2, and that of KeyIndex: `find` is called where it is not known yet.
  template <typename Find>
  std::int64_t python2_hash(Value key, const Find& find) {
    return known(python2_hashes_, key, find);
  }
  template <typename Find>
  std::uint64_t index_hash(Value key, const Find& find) {
    return known(index_hashes_, key, find);
  }

 private:
  template <typename T>
  using ByBits = std::unordered_map<std::uint64_t, T>;  // those of the value

  template <typename Hash, typename Find>
  static Hash known(ByBits<Hash>& hashes, Value key, const Find& find) {
    const auto before = hashes.find(key.bits());
    return before != hashes.end() ? before->second : hashes[key.bits()] = find();
  }

  ByBits<Content> contents_;
  ByBits<std::int64_t> python2_hashes_;
  ByBits<std::uint64_t> index_hashes_;
  std::unordered_map<std::string_view, Content> by_bytes_;
};

}  // namespace gt::object
