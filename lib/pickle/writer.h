// Pickle opcodes with their arguments, as protocol 0 or 2 writes them; knows nothing of graphs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lib/base/sink.h"
#include "lib/object/big_int.h"
#include "lib/pickle/encode.h"

namespace gt::pickle {

// What the two protocols write differently around the parts of a container. Where `each_item` and `each_entry` add parts one
// by one, nothing stands around all of them.
struct Form {
  std::string_view start;
  std::string_view list;
  std::string_view dict;
  std::string_view empty_tuple;
  std::string_view batch;
  std::string_view each_item;
  std::string_view items_end;
  std::string_view each_entry;
  std::string_view entries_end;
};

// Buffers and counts. Throws LimitOutput when more than options.output_bytes would be written.
class Writer {
 public:
  Writer(Sink& sink, const EncodeOptions& options);

  bool binary() const { return options_.protocol == Protocol::Binary; }
  const Form& form() const { return form_; }

  void write(std::string_view opcodes);
  void boolean(bool truth);
  void integer(std::int64_t number);
  void long_integer(const object::BigInt& number);
  void real(double number);
  void bytes(std::string_view text);  // str of Python 2
  void text(std::string_view utf8);   // unicode
  // Python 3's bytes: to Python 2 they are text in Latin-1, one character for each byte, which both can encode again.
  void binary_bytes(std::string_view text);
  void byte_array(std::string_view text);

  // GLOBAL, or GET when the name was written before. Throws GraphNoForm for a name with a line end.
  void name(std::string_view module, std::string_view name);
  // INST of protocol 0.
  void classic_instance(std::string_view module, std::string_view name);

  // PUT under the next number, which is returned.
  std::uint32_t put();
  void get(std::uint32_t number);
  std::uint32_t memoized() const { return memoized_; }
  void finish();  // hands the rest to the sink

 private:
  template <typename Number>
  void number(char opcode, Number value);
  void counted(char short_opcode, char long_opcode, std::string_view text);
  void memo(char text_opcode, char short_opcode, char long_opcode, std::uint32_t number);
  void latin1_arguments(std::string_view text);
  std::string lines(std::string_view module, std::string_view name) const;
  void flush();

  static constexpr std::size_t k_flush_bytes = 64 << 10;

  Sink& sink_;
  const EncodeOptions& options_;
  const Form& form_;
  std::string buffer_;
  std::uint64_t flushed_ = 0;
  std::uint32_t memoized_ = 0;
  std::unordered_map<std::string, std::uint32_t> names_;
};

}  // namespace gt::pickle
