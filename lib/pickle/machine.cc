#include "lib/pickle/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/base/text.h"
#include "lib/object/python2.h"
#include "lib/pickle/literals.h"

namespace gt::pickle {

using object::Entry;
using object::Facet;
using object::Kind;
using object::Value;

const Machine::Handler Machine::k_handlers[] = {
#define GT_OPCODE(name, byte, argument, protocol) &Machine::on_##name,
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
};

void Machine::run() {
  for (std::uint64_t count = 0; !stopped_; ++count) {
    if (count == max_opcodes_)
      throw Error(ErrorCode::LimitOpcodes, fmt::format("the pickle has more than {} opcodes", max_opcodes_),
                  {.offset = reader_.position()});
    now_ = reader_.next();
    // As a step of its own: g++ 12 instruments a call through an indexed member pointer wrongly under UBSan.
    const Handler handler = k_handlers[static_cast<std::size_t>(now_.opcode)];
    (this->*handler)();
  }
  calls_.finish();
}

Error Machine::fail(ErrorCode code, std::string message, std::string hint) const {
  return error_at(now_, code, std::move(message), std::move(hint));
}

// --- the stack

void Machine::push(Value value) {
  stack_.push_back(value);
  if (key_offsets_ != nullptr) stack_offsets_.push_back(now_.offset);
}

void Machine::truncate(std::size_t size) {
  stack_.resize(size);
  if (key_offsets_ != nullptr) stack_offsets_.resize(size);
}

Value Machine::top() const {
  if (stack_.size() <= fence()) throw fail(ErrorCode::PickleStackUnderflow, "needs a value, but the stack is empty");
  return stack_.back();
}

Value Machine::pop() {
  const Value value = top();
  truncate(stack_.size() - 1);
  return value;
}

std::size_t Machine::pop_mark() {
  if (marks_.empty()) throw fail(ErrorCode::PickleNoMark, "needs a MARK, but there is none on the stack");
  const std::size_t index = marks_.back();
  marks_.pop_back();
  return index;
}

void Machine::on_MARK() { marks_.push_back(stack_.size()); }
void Machine::on_DUP() { push(top()); }
void Machine::on_POP_MARK() { truncate(pop_mark()); }

void Machine::on_POP() {
  // In Python the mark lies on the stack and can be popped like a value.
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
  } else {
    pop();
  }
}

void Machine::on_STOP() {
  graph_.set_root(pop());
  stopped_ = true;
}

void Machine::on_PROTO() {
  if (now_.number > 2)
    throw fail(ErrorCode::PickleProtocol,
               fmt::format("says protocol {}, which Python 2 never wrote; protocols 0 to 2 can be read", now_.number));
}

// --- scalars

void Machine::on_NONE() { push(Value::none()); }
void Machine::on_NEWTRUE() { push(Value::boolean(true)); }
void Machine::on_NEWFALSE() { push(Value::boolean(false)); }
void Machine::on_BININT() { push(graph_.make_int(now_.number)); }
void Machine::on_BININT1() { push(graph_.make_int(now_.number)); }
void Machine::on_BININT2() { push(graph_.make_int(now_.number)); }
void Machine::on_BINFLOAT() { push(graph_.make_float(now_.real)); }

void Machine::check_digits(std::size_t count) {
  if (count > limits_.integer_digits)
    throw fail(ErrorCode::LimitSize,
               fmt::format("has an integer of about {} digits, more than the limit of {}", count, limits_.integer_digits));
}

void Machine::on_INT() {
  if (now_.text == "00" || now_.text == "01") return push(Value::boolean(now_.text == "01"));
  std::int64_t small = 0;
  const auto [end, error] = std::from_chars(now_.text.data(), now_.text.data() + now_.text.size(), small);
  if (error == std::errc() && end == now_.text.data() + now_.text.size()) return push(graph_.make_int(small));
  check_digits(now_.text.size());
  auto literal = parse_int(now_.text);
  if (!literal) throw fail(ErrorCode::PickleBadArgument, "has '" + printable(now_.text) + "', which is no integer");
  push(literal->small ? graph_.make_int(*literal->small) : graph_.make_long(std::move(literal->big)));
}

void Machine::on_LONG() {
  check_digits(now_.text.size());
  auto literal = parse_long(now_.text);
  if (!literal) throw fail(ErrorCode::PickleBadArgument, "has '" + printable(now_.text) + "', which is no integer");
  push(graph_.make_long(std::move(*literal)));
}

void Machine::on_LONG1() { push(graph_.make_long(object::BigInt::from_twos_complement(now_.text))); }

void Machine::on_LONG4() {
  check_digits(now_.text.size() * 12 / 5);  // log10(256) is 2.408
  on_LONG1();
}

void Machine::on_FLOAT() {
  const auto value = parse_float(now_.text);
  if (!value) throw fail(ErrorCode::PickleBadArgument, "has '" + printable(now_.text) + "', which is no number");
  push(graph_.make_float(*value));
}

void Machine::on_STRING() {
  const auto literal = parse_quoted(now_.text);
  if (!literal)
    throw fail(ErrorCode::PickleBadArgument, "has a string without matching quotes: " + printable(now_.text),
               now_.text.ends_with('\r') ? "the file was saved with Windows line ends" : "");
  if (!literal->escaped) return push(graph_.make_string_view(Kind::Bytes, literal->content));
  const auto bytes = decode_string_escape(literal->content);
  if (!bytes) throw fail(ErrorCode::PickleBadArgument, "has a string with a broken escape: " + printable(now_.text));
  push(graph_.make_string(Kind::Bytes, *bytes));
}

void Machine::on_BINSTRING() { push(graph_.make_string_view(Kind::Bytes, now_.text)); }
void Machine::on_SHORT_BINSTRING() { push(graph_.make_string_view(Kind::Bytes, now_.text)); }

void Machine::on_UNICODE() {
  const bool plain =
      std::all_of(now_.text.begin(), now_.text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\\'; });
  if (plain) return push(graph_.make_string_view(Kind::Text, now_.text));
  const auto text = decode_raw_unicode_escape(now_.text);
  if (!text) throw fail(ErrorCode::PickleBadArgument, "has a text with a broken \\u escape: " + printable(now_.text));
  push(graph_.make_string(Kind::Text, *text));
}

void Machine::on_BINUNICODE() {
  if (!is_utf8(now_.text, Surrogates::Accept))
    throw fail(ErrorCode::PickleBadArgument, "has a text that is not UTF-8: " + printable(now_.text));
  push(graph_.make_string_view(Kind::Text, now_.text));
}

// --- containers

void Machine::on_EMPTY_LIST() { push(graph_.make_sequence(Kind::List)); }
void Machine::on_EMPTY_TUPLE() { push(graph_.make_sequence(Kind::Tuple)); }
void Machine::on_EMPTY_DICT() { push(graph_.make_dict()); }

void Machine::on_LIST() {
  const std::size_t first = pop_mark();
  const Value list = graph_.make_sequence(Kind::List, from(first));
  truncate(first);
  push(list);
}

void Machine::on_TUPLE() {
  const std::size_t first = pop_mark();
  const Value tuple = graph_.make_sequence(Kind::Tuple, from(first));
  truncate(first);
  push(tuple);
}

void Machine::push_sequence_of_top(std::size_t count) {
  if (stack_.size() - fence() < count)
    throw fail(ErrorCode::PickleStackUnderflow, fmt::format("needs {} values on the stack", count));
  const Value tuple = graph_.make_sequence(Kind::Tuple, from(stack_.size() - count));
  truncate(stack_.size() - count);
  push(tuple);
}

void Machine::on_TUPLE1() { push_sequence_of_top(1); }
void Machine::on_TUPLE2() { push_sequence_of_top(2); }
void Machine::on_TUPLE3() { push_sequence_of_top(3); }

void Machine::on_DICT() {
  const std::size_t first = pop_mark();
  const Value dict = graph_.make_dict();
  if ((stack_.size() - first) % 2 != 0) throw fail(ErrorCode::PickleStackUnderflow, "has a key without a value");
  for (std::size_t i = first; i < stack_.size(); i += 2) set_in(dict, i, stack_[i + 1]);
  truncate(first);
  push(dict);
}

void Machine::append_to(Value target, Value item) {
  if (target.is(Kind::List)) return graph_.append(target, item);
  if (!target.is(Kind::Instance)) throw fail(ErrorCode::PickleWrongType, "appends to something that is no list");
  // An instance of a class derived from list: jsonpickle calls its items py/seq.
  Value items = graph_.facet(target, Facet::Seq);
  if (!items) {
    items = graph_.make_sequence(Kind::RawList);
    graph_.set_facet(target, Facet::Seq, items);
  }
  graph_.append(items, item);
}

void Machine::on_APPEND() {
  const Value item = pop();
  append_to(top(), item);
}

void Machine::on_APPENDS() {
  const std::size_t first = pop_mark();
  if (first <= fence()) throw fail(ErrorCode::PickleStackUnderflow, "needs a list below its MARK");
  for (std::size_t i = first; i < stack_.size(); ++i) append_to(stack_[first - 1], stack_[i]);
  truncate(first);
}

void Machine::set_in(Value target, std::size_t key_index, Value value) {
  const Value key = stack_[key_index];
  if (target.is(Kind::List)) {
    const auto size = static_cast<std::int64_t>(graph_.items(target).size());
    std::int64_t index = key.is(Kind::Int) ? graph_.int_of(key) : size;
    if (index < 0) index += size;
    if (index < 0 || index >= size) throw fail(ErrorCode::PickleWrongType, "sets an item of a list that does not have it");
    return graph_.set_item(target, static_cast<std::size_t>(index), value);
  }
  if (!target.is(Kind::Dict) && !target.is(Kind::Instance))
    throw fail(ErrorCode::PickleWrongType, "sets an item of something that is no dict");
  if (key.is(Kind::List) || key.is(Kind::Dict) || key.is(Kind::Set))
    throw fail(ErrorCode::GraphUnhashable, "uses a list, dict or set as a key, which Python cannot hash");
  if (key.is(Kind::Tuple) || key.is(Kind::FrozenSet)) require_hashable(key);
  graph_.add_entry(target, key, value);
  if (key_offsets_ != nullptr && target.is(Kind::Dict))
    (*key_offsets_)[object::Graph::handle(target)].push_back(stack_offsets_[key_index]);
}

// Told here rather than when keys are merged, because here it has a place.
void Machine::require_hashable(Value key) const {
  try {
    object::python2_hash(graph_, key);
  } catch (const Error& error) {
    throw error_at(now_, error);
  }
}

void Machine::on_SETITEM() {
  if (stack_.size() - fence() < 3) throw fail(ErrorCode::PickleStackUnderflow, "needs a dict, a key and a value on the stack");
  const std::size_t size = stack_.size();
  set_in(stack_[size - 3], size - 2, stack_[size - 1]);
  truncate(size - 2);
}

void Machine::on_SETITEMS() {
  const std::size_t first = pop_mark();
  if (first <= fence()) throw fail(ErrorCode::PickleStackUnderflow, "needs a dict below its MARK");
  if ((stack_.size() - first) % 2 != 0) throw fail(ErrorCode::PickleStackUnderflow, "has a key without a value");
  for (std::size_t i = first; i < stack_.size(); i += 2) set_in(stack_[first - 1], i, stack_[i + 1]);
  truncate(first);
}

// --- classes and instances

// Names are written as JSON and shown to people, so they have to be text.
Value Machine::named_class() {
  for (const std::string_view part : {now_.text, now_.second})
    if (!is_utf8(part, Surrogates::Accept))
      throw fail(ErrorCode::PickleBadArgument, "has a name that is not UTF-8: " + printable(part));
  return graph_.make_global(now_.text, now_.second);
}

void Machine::on_GLOBAL() { push(named_class()); }

void Machine::push_global_call(Value class_value, std::size_t first) {
  const Value instance = calls_.instantiate(now_, class_value, from(first));
  truncate(first);
  push(instance);
}

void Machine::on_INST() {
  const std::size_t first = pop_mark();
  push_global_call(named_class(), first);
}

void Machine::on_OBJ() {
  const std::size_t first = pop_mark();
  if (first == stack_.size()) throw fail(ErrorCode::PickleStackUnderflow, "needs a class behind its MARK");
  const Value instance = calls_.instantiate(now_, stack_[first], from(first + 1));
  truncate(first);
  push(instance);
}

void Machine::on_NEWOBJ() {
  const Value arguments = pop();
  const Value class_value = pop();
  push(calls_.new_object(now_, class_value, arguments));
}

void Machine::on_REDUCE() {
  const Value arguments = pop();
  const Value callable = pop();
  push(calls_.reduce(now_, callable, arguments));
}

void Machine::on_BUILD() {
  const Value state = pop();
  build(top(), state);
}

void Machine::build(Value target, Value state) {
  if (!target.is(Kind::Instance)) throw fail(ErrorCode::PickleWrongType, "gives a state to something that is no instance");
  if (state.is(Kind::None)) return;
  // Classes with slots: the pair of __dict__ and slots.
  if (state.is(Kind::Tuple) && graph_.items(state).size() == 2) {
    const Value attributes = graph_.items(state)[0];
    const Value slots = graph_.items(state)[1];
    const auto fits = [](Value v) { return v.is(Kind::None) || v.is(Kind::Dict); };
    if (fits(attributes) && fits(slots)) {
      add_state(target, attributes);
      return add_state(target, slots);
    }
  }
  add_state(target, state);
}

void Machine::add_state(Value target, Value state) {
  if (state.is(Kind::None)) return;
  const Value handler = graph_.find(target, "__reduce__");
  if (handler.is(Kind::RawList)) return graph_.append(handler, state);  // jsonpickle's handlers keep it as a third part
  if (state.is(Kind::Dict)) return graph_.add_entries(target, state);
  graph_.set_facet(target, Facet::State, state);
}

// --- the memo

void Machine::memo_put(std::int64_t key) {
  const Value value = top();
  // Dense up to what the pickle can have pushed by now: a lying index cannot make the table large.
  const auto index = static_cast<std::uint64_t>(key);
  if (key < 0 || index > reader_.position()) {
    memo_odd_[std::to_string(key)] = value;
    return;
  }
  if (index >= memo_.size()) memo_.resize(std::max<std::size_t>(index + 1, memo_.size() * 2));
  memo_[index] = value;
}

void Machine::memo_get(std::int64_t key) {
  Value value;
  if (key >= 0 && static_cast<std::uint64_t>(key) < memo_.size()) value = memo_[static_cast<std::size_t>(key)];
  if (!value) {
    const auto odd = memo_odd_.find(std::to_string(key));
    if (odd != memo_odd_.end()) value = odd->second;
  }
  if (!value) throw fail(ErrorCode::PickleMemoUnset, fmt::format("reads memo {}, which was never set", key));
  push(value);
}

namespace {

// The number of a memo key in its usual form; pickle.py keeps the text, so "01" and "1" are two keys.
std::optional<std::int64_t> canonical_number(std::string_view key) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (error != std::errc() || end != key.data() + key.size() || std::to_string(number) != key) return std::nullopt;
  return number;
}

}  // namespace

void Machine::memo_put(std::string_view key) {
  if (const auto number = canonical_number(key)) return memo_put(*number);
  memo_odd_[std::string(key)] = top();
}

void Machine::memo_get(std::string_view key) {
  if (const auto number = canonical_number(key)) return memo_get(*number);
  const auto odd = memo_odd_.find(std::string(key));
  if (odd == memo_odd_.end())
    throw fail(ErrorCode::PickleMemoUnset, "reads memo '" + printable(key) + "', which was never set");
  push(odd->second);
}

void Machine::on_PUT() { memo_put(now_.text); }
void Machine::on_BINPUT() { memo_put(now_.number); }
void Machine::on_LONG_BINPUT() { memo_put(now_.number); }
void Machine::on_GET() { memo_get(now_.text); }
void Machine::on_BINGET() { memo_get(now_.number); }
void Machine::on_LONG_BINGET() { memo_get(now_.number); }

// --- what no saved task has

void Machine::on_PERSID() {
  throw fail(ErrorCode::PicklePersistentId,
             "refers to an object outside the file (persistent id " + printable(now_.text) + ")");
}
void Machine::on_BINPERSID() { throw fail(ErrorCode::PicklePersistentId, "refers to an object outside the file"); }

void Machine::on_EXT1() {
  throw fail(ErrorCode::PickleExtension,
             fmt::format("uses code {} of the extension registry of the program that saved it", now_.number));
}
void Machine::on_EXT2() { on_EXT1(); }
void Machine::on_EXT4() { on_EXT1(); }

// The reader refuses the opcodes of later protocols before they come here.
#define GT_LATER(name) \
  void Machine::on_##name() { throw fail(ErrorCode::Bug, "reached the machine"); }
GT_LATER(BINBYTES)
GT_LATER(SHORT_BINBYTES)
GT_LATER(SHORT_BINUNICODE)
GT_LATER(BINUNICODE8)
GT_LATER(BINBYTES8)
GT_LATER(EMPTY_SET)
GT_LATER(ADDITEMS)
GT_LATER(FROZENSET)
GT_LATER(NEWOBJ_EX)
GT_LATER(STACK_GLOBAL)
GT_LATER(MEMOIZE)
GT_LATER(FRAME)
GT_LATER(BYTEARRAY8)
GT_LATER(NEXT_BUFFER)
GT_LATER(READONLY_BUFFER)
#undef GT_LATER

}  // namespace gt::pickle
