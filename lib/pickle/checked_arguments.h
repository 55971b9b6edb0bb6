// Arguments of opcodes that can be wrong although they are whole: what they stand for, or an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/text.h"
#include "lib/object/big_int.h"
#include "lib/object/graph.h"
#include "lib/pickle/limits.h"
#include "lib/pickle/literals.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

// Throws PickleBadArgument, with the text, and what is said of each. Errors are those of the opcode that `reader` took last.
class CheckedArguments {
 public:
  CheckedArguments(const Reader& reader, const Limits& limits) : reader_(reader), limits_(limits) {}

  // Throws PickleProtocol for one that is not known.
  void check_protocol(std::int64_t version) const;
  // As the C unpickler: all of a frame has to be there, but opcodes may cross its end. Throws PickleTruncated.
  void check_frame(std::int64_t bytes) const;

  // Numbers. Throw LimitSize for too many digits, before they are read.
  IntLiteral integer(std::string_view text) const;
  object::BigInt long_integer(std::string_view text) const;
  void check_binary_integer(std::string_view bytes) const;
  double real(std::string_view text) const;

  // Throws LimitSize for a string that is too large.
  [[gnu::always_inline]] void check_size(std::string_view content) const {
    if (content.size() > limits_.string_bytes) throw_size(content.size());
  }
  [[gnu::always_inline]] void check_utf8(std::string_view text) const {
    if (!is_short_ascii(text) && !is_utf8(text, Surrogates::Accept)) throw_no_utf8(text);
  }
  // The bytes of a STRING whose quotes do not match, or that has escapes; valid until the next call.
  std::string_view unescaped(std::string_view text, const std::optional<StringLiteral>& literal);
  // A UNICODE that may have escapes, as UTF-8; the same.
  std::string_view unescaped_text(std::string_view text);

  // Names are written as JSON and shown to people, so they have to be there, and text. A global of the graph.
  object::Value named_class(object::Graph& graph, Names names) const;
  void check_names(Names names) const;
  void check_name(std::string_view name) const;

 private:
  void check_digits(std::size_t count) const;
  [[noreturn]] void throw_no_utf8(std::string_view text) const;
  [[noreturn]] void throw_size(std::size_t bytes) const;
  Error bad(std::string message, std::string hint = {}) const {
    return reader_.error(ErrorCode::PickleBadArgument, std::move(message), std::move(hint));
  }

  const Reader& reader_;
  const Limits& limits_;
  std::string unescaped_;
};

}  // namespace gt::pickle
