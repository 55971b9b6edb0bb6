#include "lib/convert/limits.h"

namespace gt::convert {

pickle::Limits Limits::for_pickles(std::uint64_t input_bytes, std::optional<json::Profile> profile) const {
  pickle::Limits out;
  if (opcodes) {
    out.opcodes_per_byte = 0;
    out.extra_opcodes = *opcodes;
  }
  if (nodes) {
    out.copies_per_byte = 0;
    out.extra_copies = *nodes;
  }
  const json::EncodeLimits written = for_writing_json(input_bytes);
  if (profile) out.depth = written.depth;
  if (profile == json::Profile::Compat2016) {
    out.json_containers = written.containers;
    out.json_bytes = written.output_bytes;
  }
  out.stack = stack.value_or(out.stack);
  out.marks = marks.value_or(out.marks);
  out.memo = memo.value_or(out.memo);
  out.odd_memo = memo.value_or(out.odd_memo);
  out.string_bytes = string_bytes.value_or(out.string_bytes);
  out.integer_digits = integer_digits.value_or(out.integer_digits);
  return out;
}

json::ReadLimits Limits::for_reading_json() const {
  json::ReadLimits out;
  out.depth = depth.value_or(out.depth);
  out.integer_digits = integer_digits.value_or(out.integer_digits);
  return out;
}

json::EncodeLimits Limits::for_writing_json(std::uint64_t input_bytes) const {
  json::EncodeLimits out = json::EncodeLimits::for_input(input_bytes);
  out.depth = depth.value_or(out.depth);
  out.output_bytes = json_bytes.value_or(out.output_bytes);
  out.containers = nodes.value_or(out.containers);
  return out;
}

}  // namespace gt::convert
