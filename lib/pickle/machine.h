// The pickle machine: applies opcodes to a stack, a memo and a graph. One handler per opcode.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "lib/object/duplicate_keys.h"
#include "lib/object/graph.h"
#include "lib/pickle/budget.h"
#include "lib/pickle/calls.h"
#include "lib/pickle/checked_arguments.h"
#include "lib/pickle/limits.h"
#include "lib/pickle/memo.h"
#include "lib/pickle/reader.h"
#include "lib/pickle/stack.h"

namespace gt::pickle {

class Machine {
 public:
  // Where the keys of dicts come from: by dict handle, the offset of the opcode that pushed each key, in the order in which
  // the entries were added. Kept only when asked for, for messages.
  using KeyOffsets = std::unordered_map<std::uint64_t, std::vector<std::uint64_t>>;

  // Runs the pickle that begins at `start` of the file.
  Machine(std::string_view file, std::uint64_t start, const Limits& limits, UnknownCalls unknown_calls);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  void trace_keys(KeyOffsets& offsets) { key_offsets_ = &offsets; }

  // To STOP. Errors say the line, if the pickle has lines, and the way to what was under construction.
  void run();
  object::Graph& graph() { return graph_; }
  // To be asked for after run(), before the graph is taken.
  std::vector<object::DuplicateKey> merge_duplicate_keys() { return object::merge_duplicate_keys(graph_, shapes_); }
  // True if nothing that has parts was put on the stack a second time.
  bool made_a_tree() const { return !repeated_; }
  std::uint64_t end_offset() const { return reader_.position(); }

 private:
  // Dicts whose keys are not told apart at a glance cost time each time that they are tried.
  static constexpr unsigned k_most_odd_dicts = 1000;
  // What is dense: this many bytes of memory for each that was read. Picklers come to five, for small integers.
  static constexpr std::uint64_t k_dense = 6;
  // After this many bytes it is looked at whether a pickle is dense.
  static constexpr std::uint64_t k_bytes_at_a_time = 16'384;

#define GT_OPCODE(name, byte, argument, protocol) void on_##name(ArgumentOf<Argument::argument>);
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE

  void loop();
  Reader::Cursor look_up();
  void watch();
  bool is_dense() const;
  Error with_place(const Error& error) const;
  void push(object::Value value);
  object::Value pop();
  object::Value top() const;
  std::size_t pop_mark();  // the stack index where the marked items begin
  std::size_t pop_mark_above();
  void require(std::size_t count) const;

  void push_odd_int(std::string_view text);
  void push_odd_string(std::string_view text, const std::optional<StringLiteral>& literal);
  void push_again(object::Value value);
  void memo_get(std::uint64_t key);
  void memo_get(std::string_view key);
  void push_text(std::string_view utf8);
  void push_sequence(object::Kind kind, std::size_t first);
  void push_tuple_of_top(std::size_t count);
  void append_to_other(object::Value target, object::Value item);
  void set_in(object::Value target, std::size_t key_index, object::Value value);
  void set_pairs(object::Value target, std::size_t first);
  void note_keys(object::Value value);
  void set_in_other(object::Value target, object::Value key, object::Value value);
  void set_list_item(object::Value list, object::Value index, object::Value value);
  void require_hashable(object::Value key);
  void require_hashable_other(object::Value key);
  void build(object::Value target, object::Value state);
  void add_state(object::Value target, object::Value state);
  void add_slots(object::Value target, object::Value slots);
  object::Value named_class(Names names);
  [[noreturn]] void throw_missing() const;
  Error wrong_type() const;
  object::Value make_string_view(object::Kind kind, std::string_view text);
  [[noreturn]] void throw_memo_unset(std::uint64_t key) const;
  [[noreturn]] void fail_extension(std::int64_t code) const;
  Error fail(ErrorCode code, std::string message, std::string hint = {}) const;

  std::string_view file_;
  std::uint64_t start_;
  object::Graph graph_;
  Reader reader_;
  Limits limits_;
  CheckedArguments arguments_;
  CopyBudget copies_;
  Calls calls_;
  Stack stack_;
  Memo memo_;
  std::uint64_t max_opcodes_ = 0;
  std::uint64_t opcodes_left_ = 0;  // while they are counted
  Reader::Cursor pause_ = nullptr;  // where the loop looks up next
  bool is_surveyed_ = false;
  std::string_view recent_names_;  // of the class that was named last by lines
  object::Value recent_class_;
  bool repeated_ = false;
  std::uint64_t repeated_bytes_ = 0;
  object::KeyShapes shapes_{graph_};
  unsigned odd_dicts_left_ = k_most_odd_dicts;
  KeyOffsets* key_offsets_ = nullptr;
  // While keys are traced: the opcode that was taken last, and the offsets of those that pushed what is on the stack.
  Opcode traced_opcode_ = Opcode::MARK;
  std::uint64_t traced_offset_ = 0;
  std::vector<std::uint64_t> stack_offsets_;
};

}  // namespace gt::pickle
