#include "lib/repair/complete.h"

#include <algorithm>

#include "lib/base/error.h"
#include "lib/repair/survey.h"

namespace gt::repair {
namespace {

using pickle::Item;
using pickle::Opcode;
using pickle::Outline;
using pickle::Shape;

bool is_container(Item item) { return item.shape == Shape::List || item.shape == Shape::Dict || item.shape == Shape::Set; }

// Writes the opcodes that close what is open at the end, and follows them in the outline.
class Completion {
 public:
  Completion(std::string_view pickle, Outline outline) : pickle_(pickle), outline_(std::move(outline)) {}

  std::string run() {
    drop_unclear_groups();
    drop_loose_values();
    while (!outline_.marks().empty()) close_group();
    while (count() > 1) fold();
    write(Opcode::STOP);
    return std::move(written_);
  }

 private:
  // Of the values above the topmost mark.
  std::size_t count() const { return outline_.above_mark().size(); }
  Item top(std::size_t depth = 0) const { return outline_.above_mark()[count() - 1 - depth]; }
  Opcode made_by(Item item) const { return static_cast<Opcode>(pickle_[item.tag]); }

  void write(Opcode opcode) {
    written_ += static_cast<char>(opcode);
    pickle::Instruction at;
    at.opcode = opcode;
    at.offset = pickle_.size();
    outline_.apply(at);
  }

  // Whether the values above a mark are for the container below it. In protocol 0 they are for a tuple, and behind a container
  // that has items they may be.
  bool is_clear(const pickle::Mark& mark) const {
    if (mark.depth == 0) return false;
    const Item below = outline_.stack()[mark.depth - 1];
    const bool begins_with_call = mark.depth < outline_.stack().size() && outline_.stack()[mark.depth].shape == Shape::Global;
    const bool is_of_protocol_0 = made_by(below) == Opcode::LIST || made_by(below) == Opcode::DICT;
    return is_container(below) && !below.is_settled && !is_of_protocol_0 && !begins_with_call;
  }

  void drop_unclear_groups() {
    const auto marks = outline_.marks();
    const auto unclear = std::find_if(marks.begin(), marks.end(), [this](const pickle::Mark& mark) { return !is_clear(mark); });
    for (auto left = marks.end() - unclear; left > 0; --left) write(Opcode::POP_MARK);
  }

  // From protocol 2 on, tuples of up to three have no mark: the last plain values may be parts of one.
  void drop_loose_values() {
    if (pickle_[0] != static_cast<char>(Opcode::PROTO) || pickle_[1] < 2) return;
    constexpr int k_largest_tuple = 3;
    for (int i = 0; i < k_largest_tuple && count() > 1; ++i)
      if (!is_container(top()) && top().shape != Shape::Instance) write(Opcode::POP);
  }

  void close_group() {
    while (fold_last_item()) {
    }
    const Shape target = outline_.stack()[outline_.marks().back().depth - 1].shape;
    if (target == Shape::Dict && count() % 2 != 0) write(Opcode::POP);
    write(target == Shape::List ? Opcode::APPENDS : target == Shape::Dict ? Opcode::SETITEMS : Opcode::ADDITEMS);
  }

  // Among the items of a group only the last can be unfinished. False: it is finished.
  bool fold_last_item() {
    if (count() == 0) return false;
    const auto has_begun = [](Item item) { return is_container(item) && !item.is_settled; };
    const bool is_call = top().shape == Shape::Global || (count() > 1 && top(1).shape == Shape::Global);
    const bool is_entry = count() > 2 && top(2).shape == Shape::Dict && has_begun(top(2));
    const bool has_state = count() > 1 && top(1).shape == Shape::Instance && !top(1).is_settled && top().shape == Shape::Dict;
    // A value behind an empty container may be its first item, or the next item of the group.
    if (is_call || is_entry || (count() > 1 && has_begun(top(1)))) {
      write(Opcode::POP);
    } else if (has_state && made_by(top(1)) != Opcode::REDUCE) {
      write(Opcode::BUILD);
    } else if (has_state) {
      write(Opcode::POP);  // what was called may be finished without a state
    } else {
      return false;
    }
    return true;
  }

  // Without a mark, each value is part of what lies below it.
  void fold() {
    const Item below = top(1);
    const bool is_call = top().shape == Shape::Global || below.shape == Shape::Global;
    if (is_call) {
      write(Opcode::POP);
    } else if (below.shape == Shape::Instance && !below.is_settled && top().shape == Shape::Dict) {
      write(Opcode::BUILD);
    } else if (below.shape == Shape::List) {
      write(Opcode::APPEND);
    } else if (count() > 2 && top(2).shape == Shape::Dict && !is_container(below)) {
      write(Opcode::SETITEM);
    } else {
      write(Opcode::POP);
    }
  }

  std::string_view pickle_;
  Outline outline_;
  std::string written_;
};

// A frame that goes on behind the end was cut, too: it now ends there.
void end_frames(std::string& pickle, std::uint64_t end) {
  pickle::Reader reader(pickle);
  while (reader.position() < end) {
    const pickle::Instruction& at = reader.next();
    std::uint64_t left = pickle.size() - reader.position();
    if (at.opcode != Opcode::FRAME || static_cast<std::uint64_t>(at.number) <= left) continue;
    for (std::uint64_t i = at.offset + 1; i < reader.position(); ++i, left >>= 8) pickle[i] = static_cast<char>(left & 0xff);
  }
}

}  // namespace

std::optional<Completed> complete(std::string_view pickle) {
  Survey seen = survey(pickle);
  if (!seen.error) return std::nullopt;
  const bool is_cut = seen.error->code() == ErrorCode::PickleTruncated || seen.error->code() == ErrorCode::PickleUnknownOpcode;
  const auto stack = seen.outline.stack();
  const bool holds_something = !stack.empty() && (is_container(stack.front()) || stack.front().shape == Shape::Instance);
  if (!is_cut || !holds_something) throw *seen.error;
  Completed out{std::string(pickle.substr(0, seen.end)), seen.end};
  out.bytes += Completion(pickle, std::move(seen.outline)).run();
  end_frames(out.bytes, out.cut);
  return out;
}

}  // namespace gt::repair
