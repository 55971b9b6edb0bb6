#include "lib/pickle/outline.h"

#include <algorithm>
#include <charconv>

#include "lib/base/text.h"
#include "lib/pickle/effects.h"

namespace gt::pickle {

namespace {

Error error_at(const Instruction& at, ErrorCode code, std::string message) {
  return Error(code, std::move(message), {.offset = at.offset, .opcode = std::string(to_string(at.opcode))});
}

// The number of a memo key in its usual form. Python 2 keeps the text, so that "01" and "1" are two keys.
std::optional<std::uint64_t> usual_number(std::string_view key) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  const bool is_number = error == std::errc() && end == key.data() + key.size();
  if (!is_number || (key.size() > 1 && key[0] == '0')) return std::nullopt;
  return number;
}

}  // namespace

void Outline::apply(const Instruction& at) {
  const Effect& effect = effect_of(at.opcode);
  take(at, effect);
  require(at, effect.keeps);
  push(at, effect);
  if (effect.keeps > 0 && (effect.takes > 0 || effect.mark == MarkUse::Pop)) stack_.back().is_settled = true;
  if (stores(effect.memo)) store(*key_of(at), at.offset);
}

void Outline::require(const Instruction& at, std::uint64_t count) const {
  if (stack_.size() - fence() >= count) return;
  throw error_at(
      at, ErrorCode::PickleStackUnderflow,
      count == 1 ? "needs a value, but the stack is empty" : "needs " + std::to_string(count) + " values on the stack");
}

std::optional<Mark> Outline::mark_taken_by(const Instruction& at) const {
  const MarkUse use = effect_of(at.opcode).mark;
  if (marks_.empty() || use == MarkUse::Leave || use == MarkUse::Push) return std::nullopt;
  if (use == MarkUse::Either && fence() < stack_.size()) return std::nullopt;
  return marks_.back();
}

void Outline::take(const Instruction& at, const Effect& effect) {
  if (effect.mark == MarkUse::Push) {
    marks_.push_back({stack_.size(), at.offset});
  } else if (effect.mark == MarkUse::Either && mark_taken_by(at)) {
    marks_.pop_back();
  } else if (effect.mark == MarkUse::Pop) {
    if (marks_.empty()) throw error_at(at, ErrorCode::PickleNoMark, std::string(k_no_mark));
    require(at, effect.takes);
    stack_.resize(fence());
    marks_.pop_back();
  } else {
    require(at, effect.takes + effect.keeps);
    stack_.resize(stack_.size() - effect.takes);
  }
}

void Outline::push(const Instruction& at, const Effect& effect) {
  if (effect.pushes == Pushes::Nothing) return;
  if (effect.pushes == Pushes::Copy) return stack_.push_back(stack_.back());
  if (effect.pushes != Pushes::Stored) return stack_.push_back(Item::make(static_cast<Shape>(effect.pushes), at.offset));
  const std::optional<Item> stored = find_stored(at);
  if (!stored) throw error_at(at, ErrorCode::PickleMemoUnset, "reads memo " + printable(*key_of(at)) + ", which was never set");
  stack_.push_back(*stored);
  stack_.back().is_settled = true;
}

std::optional<std::string> Outline::key_of(const Instruction& at) const {
  switch (effect_of(at.opcode).memo) {
    case MemoUse::None: return std::nullopt;
    case MemoUse::PutLine:
    case MemoUse::GetLine: return std::string(at.text);
    case MemoUse::PutNumber:
    case MemoUse::GetNumber: return std::to_string(at.number);
    case MemoUse::PutNext: return std::to_string(stored_);
  }
  return std::nullopt;
}

std::optional<Item> Outline::find_stored(const Instruction& at) const {
  const auto key = key_of(at);
  return key ? find(*key) : std::nullopt;
}

std::optional<std::uint64_t> Outline::memo_number(const Instruction& at) const {
  const auto key = key_of(at);
  return key ? usual_number(*key) : std::nullopt;
}

std::optional<Item> Outline::find(const std::string& key) const {
  const auto number = usual_number(key);
  if (number && *number < memo_.size() && memo_[*number]) return memo_[*number];
  const auto odd = memo_odd_.find(key);
  return odd == memo_odd_.end() ? std::nullopt : std::optional(odd->second);
}

// Dense up to what the pickle can have stored by now: a lying index cannot make the table large.
void Outline::store(const std::string& key, std::uint64_t most_dense) {
  if (!find(key)) ++stored_;
  const auto number = usual_number(key);
  if (!number || *number > most_dense || memo_odd_.contains(key)) {
    memo_odd_[key] = stack_.back();
    return;
  }
  if (*number >= memo_.size()) memo_.resize(std::max<std::size_t>(*number + 1, memo_.size() * 2));
  memo_[*number] = stack_.back();
}

}  // namespace gt::pickle
