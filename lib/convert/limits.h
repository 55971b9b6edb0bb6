// What a file may cost before it is refused, where a user says so. What is absent is as the modules have it: most of that grows
// with the input.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/json/encode.h"
#include "lib/json/profile.h"
#include "lib/json/read.h"
#include "lib/pickle/limits.h"

namespace gt::convert {

struct Limits {
  std::optional<std::uint64_t> depth = {};  // of JSON that is read or written
  std::optional<std::uint64_t> opcodes = {};
  std::optional<std::uint64_t> nodes = {};  // lists and objects that are written, and values that opcodes copy
  std::optional<std::uint64_t> stack = {};
  std::optional<std::uint64_t> marks = {};
  std::optional<std::uint64_t> memo = {};  // entries, also those with odd numbers
  std::optional<std::uint64_t> string_bytes = {};
  std::optional<std::uint64_t> integer_digits = {};
  std::optional<std::uint64_t> json_bytes = {};  // that are written

  // That become JSON of the profile; what becomes something else has no such limits.
  pickle::Limits for_pickles(std::uint64_t input_bytes, std::optional<json::Profile> profile) const;
  json::ReadLimits for_reading_json() const;
  json::EncodeLimits for_writing_json(std::uint64_t input_bytes) const;
};

}  // namespace gt::convert
