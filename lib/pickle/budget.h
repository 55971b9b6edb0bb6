// What the opcodes that copy may still copy.
#pragma once

#include <cstdint>

#include "lib/base/raised_by.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

class CopyBudget {
 public:
  // Errors are those of the opcode that `reader` took last.
  CopyBudget(const Reader& reader, std::uint64_t most) : reader_(reader), most_(most), left_(most) {}

  // To be called before `values` are copied. Throws LimitNodes.
  void take(std::uint64_t values) {
    if (values > left_) refuse();
    left_ -= values;
  }
  void take_bytes(std::uint64_t bytes) { take(bytes / 8); }

 private:
  [[noreturn]] void refuse() const {
    throw reader_.error(
        ErrorCode::LimitNodes,
        "makes more than " + std::to_string(most_) + " copies of values: the file refers to the same parts over and over",
        raised_by("--max-nodes"));
  }

  const Reader& reader_;
  std::uint64_t most_;
  std::uint64_t left_;
};

}  // namespace gt::pickle
