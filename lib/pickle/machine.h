// The pickle machine: applies opcodes to a stack, a memo and a graph. One handler per opcode.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "lib/object/graph.h"
#include "lib/pickle/calls.h"
#include "lib/pickle/limits.h"
#include "lib/pickle/reader.h"

namespace gt::pickle {

class Machine {
 public:
  // Where the keys of dicts come from: by dict handle, the offset of the opcode that pushed each key, in the order in which
  // the entries were added. Kept only when asked for, for messages.
  using KeyOffsets = std::unordered_map<std::uint64_t, std::vector<std::uint64_t>>;

  Machine(std::string_view pickle, const Limits& limits) : graph_(pickle), reader_(pickle), limits_(limits), calls_(graph_) {
    max_opcodes_ = pickle.size() * limits.opcodes_per_byte + limits.extra_opcodes;
  }
  void trace_keys(KeyOffsets& offsets) { key_offsets_ = &offsets; }

  void run();  // to STOP
  object::Graph& graph() { return graph_; }
  std::uint64_t end_offset() const { return reader_.position(); }

 private:
  using Handler = void (Machine::*)();
  static const Handler k_handlers[];

#define GT_OPCODE(name, byte, argument, protocol) void on_##name();
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE

  void push(object::Value value);
  object::Value pop();
  object::Value top() const;
  void truncate(std::size_t size);
  std::size_t fence() const { return marks_.empty() ? 0 : marks_.back(); }
  std::size_t pop_mark();  // the stack index where the marked items begin
  std::span<const object::Value> from(std::size_t index) const { return std::span(stack_).subspan(index); }

  void memo_put(std::string_view key);
  void memo_put(std::int64_t key);
  void memo_get(std::string_view key);
  void memo_get(std::int64_t key);
  void push_sequence_of_top(std::size_t count);
  void push_global_call(object::Value class_value, std::size_t first);
  void append_to(object::Value target, object::Value item);
  void set_in(object::Value target, std::size_t key_index, object::Value value);
  void require_hashable(object::Value key) const;
  void build(object::Value target, object::Value state);
  void add_state(object::Value target, object::Value state);
  object::Value named_class();
  void check_digits(std::size_t count);
  Error fail(ErrorCode code, std::string message, std::string hint = {}) const;

  object::Graph graph_;
  Reader reader_;
  Limits limits_;
  Calls calls_;
  std::vector<object::Value> stack_;
  std::vector<std::size_t> marks_;
  std::vector<object::Value> memo_;                          // small numbers, dense
  std::unordered_map<std::string, object::Value> memo_odd_;  // everything else: a gap costs nothing
  std::uint64_t max_opcodes_ = 0;
  Instruction now_;
  bool stopped_ = false;
  KeyOffsets* key_offsets_ = nullptr;
  std::vector<std::uint64_t> stack_offsets_;  // parallel to stack_ while keys are traced
};

}  // namespace gt::pickle
