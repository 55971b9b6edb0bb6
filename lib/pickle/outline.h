// What a pickle does to Python's stack and memo, without making its values: for what looks at a pickle rather than reads it
// (the disassembler, the audit, repairs). One table says what each opcode does: effects.def.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/pickle/reader.h"
#include "lib/pickle/shape.h"

namespace gt::pickle {

struct Effect;

struct Item {
  static constexpr unsigned k_tag_bits = 48;
  static constexpr Item make(Shape shape, std::uint64_t tag) {
    return {shape, false, tag & ((std::uint64_t{1} << k_tag_bits) - 1)};
  }

  Shape shape : 8;
  bool is_settled : 8;  // items or a state were put into it, or it came out of the memo
  // The offset of the opcode that pushed it, until the user of the outline sets something else. Goes with the value into the
  // memo and comes back.
  std::uint64_t tag : k_tag_bits;
};

struct Mark {
  std::uint64_t depth;   // how many values lay below it
  std::uint64_t offset;  // of the MARK
};

class Outline {
 public:
  // Throws PickleStackUnderflow, PickleNoMark and PickleMemoUnset, as Python would stop.
  void apply(const Instruction& at);

  std::span<const Item> stack() const { return stack_; }
  std::span<const Mark> marks() const { return marks_; }
  // The values above the topmost mark.
  std::span<const Item> above_mark() const { return stack().subspan(fence()); }
  void tag_top(std::uint64_t tag) { stack_.back().tag = Item::make({}, tag).tag; }

  // What lies under the memo key of an instruction that stores or fetches; nullopt for nothing, and for other instructions.
  std::optional<Item> find_stored(const Instruction& at) const;
  // Its memo key as a number; nullopt for one in a spelling of its own, and for other instructions.
  std::optional<std::uint64_t> memo_number(const Instruction& at) const;
  // The mark that applying an instruction takes away; nullopt for none.
  std::optional<Mark> mark_taken_by(const Instruction& at) const;
  std::uint64_t stored() const { return stored_; }  // how many memo keys are in use

 private:
  std::uint64_t fence() const { return marks_.empty() ? 0 : marks_.back().depth; }
  void require(const Instruction& at, std::uint64_t count) const;
  void take(const Instruction& at, const Effect& effect);
  void push(const Instruction& at, const Effect& effect);
  std::optional<std::string> key_of(const Instruction& at) const;
  void store(const std::string& key, std::uint64_t most_dense);
  std::optional<Item> find(const std::string& key) const;

  std::vector<Item> stack_;
  std::vector<Mark> marks_;
  std::vector<std::optional<Item>> memo_;           // small numbers, dense
  std::unordered_map<std::string, Item> memo_odd_;  // everything else: a gap costs nothing
  std::uint64_t stored_ = 0;
};

}  // namespace gt::pickle
