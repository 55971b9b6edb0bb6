#include "lib/pickle/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "lib/base/raised_by.h"
#include "lib/base/text.h"
#include "lib/object/python2.h"
#include "lib/pickle/effects.h"
#include "lib/pickle/machine_stack.h"
#include "lib/pickle/place.h"
#include "lib/pickle/survey.h"

namespace gt::pickle {

using object::Facet;
using object::Kind;
using object::Value;

Machine::Machine(std::string_view file, std::uint64_t start, const Limits& limits, UnknownCalls unknown_calls)
    : file_(file),
      start_(start),
      graph_(file),
      reader_(file, start),
      limits_(limits),
      arguments_(reader_, limits_),
      copies_(reader_, reader_.left() * limits.copies_per_byte + limits.extra_copies),
      calls_(graph_, reader_, copies_, unknown_calls),
      stack_(reader_, limits.stack),
      memo_(reader_, {limits.memo, limits.odd_memo}) {
  max_opcodes_ = reader_.left() * limits.opcodes_per_byte + limits.extra_opcodes;
  opcodes_left_ = max_opcodes_;
}

Error Machine::fail(ErrorCode code, std::string message, std::string hint) const {
  return reader_.error(code, std::move(message), std::move(hint));
}

// --- the stack

[[gnu::always_inline]] inline void Machine::push_again(Value value) {
  if (object::is_string(value.kind())) [[likely]]
    repeated_bytes_ += graph_.string_of(value).size();
  if (object::has_identity(value.kind())) repeated_ = true;
  push(value);
}

[[gnu::always_inline]] inline Value Machine::make_string_view(Kind kind, std::string_view text) {
  arguments_.check_size(text);
  return graph_.make_string_view(kind, text);
}

void Machine::throw_missing() const {
  throw fail(ErrorCode::PickleStackUnderflow, std::string(message_for_missing(reader_.opcode())));
}

Error Machine::wrong_type() const {
  return fail(ErrorCode::PickleWrongType, std::string(message_for_wrong_type(reader_.opcode())));
}

void Machine::require(std::size_t count) const {
  if (stack_.reachable() < count) throw_missing();
}

std::size_t Machine::pop_mark() {
  if (!stack_.has_mark()) throw fail(ErrorCode::PickleNoMark, std::string(k_no_mark));
  return stack_.pop_mark();
}

// For opcodes that add what is marked to a value right below the mark.
std::size_t Machine::pop_mark_above() {
  const std::size_t first = pop_mark();
  if (first <= stack_.fence()) throw_missing();
  return first;
}

[[gnu::always_inline]] inline void Machine::on_MARK(Nothing) {
  if (stack_.marks().size() == limits_.marks)
    throw fail(ErrorCode::LimitStack, fmt::format("makes more than {} marks", limits_.marks), raised_by("--max-marks"));
  stack_.mark();
}
void Machine::on_DUP(Nothing) { push_again(top()); }
void Machine::on_POP_MARK(Nothing) { stack_.truncate(pop_mark()); }

inline void Machine::on_POP(Nothing) {
  // In Python the mark lies on the stack and can be popped like a value.
  if (stack_.mark_is_on_top()) {
    stack_.pop_mark();
  } else {
    pop();
  }
}

void Machine::on_STOP(Nothing) { graph_.set_root(pop()); }

void Machine::on_PROTO(std::int64_t version) { arguments_.check_protocol(version); }
void Machine::on_FRAME(std::int64_t bytes) { arguments_.check_frame(bytes); }

// --- scalars

[[gnu::always_inline]] inline void Machine::on_NONE(Nothing) { push(Value::none()); }
inline void Machine::on_NEWTRUE(Nothing) { push(Value::boolean(true)); }
inline void Machine::on_NEWFALSE(Nothing) { push(Value::boolean(false)); }
[[gnu::always_inline]] inline void Machine::on_BININT(std::int64_t number) { push(graph_.make_int(number)); }
[[gnu::always_inline]] inline void Machine::on_BININT1(std::int64_t number) { push(graph_.make_int(number)); }
[[gnu::always_inline]] inline void Machine::on_BININT2(std::int64_t number) { push(graph_.make_int(number)); }
[[gnu::always_inline]] inline void Machine::on_BINFLOAT(double real) { push(graph_.make_float(real)); }

[[gnu::always_inline]] inline void Machine::on_INT(Digits digits) {
  if (digits.plain) return push(graph_.make_int(static_cast<std::int64_t>(digits.number)));
  push_odd_int(reader_.line());
}

void Machine::push_odd_int(std::string_view text) {
  if (text == "00" || text == "01") return push(Value::boolean(text == "01"));
  IntLiteral literal = arguments_.integer(text);
  push(literal.small ? graph_.make_int(*literal.small) : graph_.make_long(std::move(literal.big)));
}

void Machine::on_LONG(std::string_view text) { push(graph_.make_long(arguments_.long_integer(text))); }

void Machine::on_LONG1(std::string_view bytes) {
  arguments_.check_binary_integer(bytes);
  push(graph_.make_long(object::BigInt::from_twos_complement(bytes)));
}

void Machine::on_LONG4(std::string_view bytes) { on_LONG1(bytes); }
void Machine::on_FLOAT(std::string_view text) { push(graph_.make_float(arguments_.real(text))); }

[[gnu::always_inline]] inline void Machine::on_STRING(std::string_view text) {
  const auto literal = parse_quoted(text);
  if (!literal || literal->escaped) return push_odd_string(text, literal);
  push(make_string_view(Kind::Bytes, literal->content));
}

void Machine::push_odd_string(std::string_view text, const std::optional<StringLiteral>& literal) {
  push(graph_.make_string(Kind::Bytes, arguments_.unescaped(text, literal)));
}

[[gnu::always_inline]] inline void Machine::on_BINSTRING(std::string_view bytes) { push(make_string_view(Kind::Bytes, bytes)); }
[[gnu::always_inline]] inline void Machine::on_SHORT_BINSTRING(std::string_view bytes) { on_BINSTRING(bytes); }

[[gnu::always_inline]] inline void Machine::on_UNICODE(std::string_view text) {
  if (text.find('\\') == std::string_view::npos && ascii_prefix(text) == text.size())
    return push(make_string_view(Kind::Text, text));
  push(graph_.make_string(Kind::Text, arguments_.unescaped_text(text)));
}

inline void Machine::push_text(std::string_view utf8) {
  arguments_.check_utf8(utf8);
  push(make_string_view(Kind::Text, utf8));
}

inline void Machine::on_BINUNICODE(std::string_view text) { push_text(text); }
void Machine::on_SHORT_BINUNICODE(std::string_view text) { push_text(text); }
void Machine::on_BINUNICODE8(std::string_view text) { push_text(text); }

void Machine::on_BINBYTES(std::string_view bytes) { push(make_string_view(Kind::Binary, bytes)); }
void Machine::on_SHORT_BINBYTES(std::string_view bytes) { on_BINBYTES(bytes); }
void Machine::on_BINBYTES8(std::string_view bytes) { on_BINBYTES(bytes); }
void Machine::on_BYTEARRAY8(std::string_view bytes) {
  arguments_.check_size(bytes);
  push(graph_.make_byte_array(bytes));
}

void Machine::on_NEXT_BUFFER(Nothing) { throw fail(ErrorCode::PickleOutOfBand, std::string(k_out_of_band)); }
void Machine::on_READONLY_BUFFER(Nothing) { on_NEXT_BUFFER({}); }

// --- containers

void Machine::push_sequence(Kind kind, std::size_t first) {
  const Value sequence = graph_.make_sequence(kind, stack_.from(first));
  stack_.truncate(first);
  push(sequence);
}

void Machine::push_tuple_of_top(std::size_t count) {
  require(count);
  push_sequence(Kind::Tuple, stack_.size() - count);
}

inline void Machine::on_EMPTY_LIST(Nothing) { push(graph_.make_sequence(Kind::List)); }
inline void Machine::on_EMPTY_TUPLE(Nothing) { push(graph_.make_sequence(Kind::Tuple)); }
inline void Machine::on_EMPTY_DICT(Nothing) { push(graph_.make_dict()); }
void Machine::on_EMPTY_SET(Nothing) { push(graph_.make_sequence(Kind::Set)); }
void Machine::on_LIST(Nothing) { push_sequence(Kind::List, pop_mark()); }
void Machine::on_TUPLE(Nothing) { push_sequence(Kind::Tuple, pop_mark()); }
void Machine::on_TUPLE1(Nothing) { push_tuple_of_top(1); }
void Machine::on_TUPLE2(Nothing) { push_tuple_of_top(2); }
void Machine::on_TUPLE3(Nothing) { push_tuple_of_top(3); }

void Machine::on_DICT(Nothing) {
  const std::size_t first = pop_mark();
  const Value dict = graph_.make_dict();
  set_pairs(dict, first);
  push(dict);
}

// Takes keys and values from the stack.
void Machine::set_pairs(Value target, std::size_t first) {
  if (first == stack_.size()) return;
  if ((stack_.size() - first) % 2 != 0) throw fail(ErrorCode::PickleStackUnderflow, std::string(k_odd_pairs));
  if (target.is(Kind::Dict) && key_offsets_ == nullptr) {
    const auto pairs = stack_.from(first);
    const std::uint32_t shape = graph_.entries(target).empty() ? shapes_.find_recent(pairs) : 0;
    for (std::size_t i = 0; shape == 0 && i < pairs.size(); i += 2) require_hashable(pairs[i]);
    graph_.add_pairs(target, pairs);
    if (shape != 0) graph_.set_shape(target, shape);
    note_keys(target);
  } else {
    for (std::size_t i = first; i < stack_.size(); i += 2) set_in(target, i, stack_[i + 1]);
  }
  stack_.truncate(first);
}

void Machine::on_FROZENSET(Nothing) {
  const std::size_t first = pop_mark();
  for (const Value element : stack_.from(first)) require_hashable(element);
  const Value set = calls_.make_set_of(Kind::FrozenSet, stack_.from(first));
  stack_.truncate(first);
  push(set);
}

void Machine::on_ADDITEMS(Nothing) {
  const std::size_t first = pop_mark_above();
  if (first == stack_.size()) return;  // nothing, to whatever it is: as the C unpickler
  const Value set = stack_[first - 1];
  if (!set.is(Kind::Set)) throw wrong_type();
  for (const Value element : stack_.from(first)) require_hashable(element);
  graph_.append_all(set, stack_.from(first));
  stack_.truncate(first);
  calls_.note_filled(set);
}

[[gnu::always_inline]] inline void Machine::on_APPEND(Nothing) {
  const Value item = pop();
  const Value target = top();
  note_keys(item);
  if (target.is(Kind::List)) return graph_.append(target, item);
  append_to_other(target, item);
}

void Machine::on_APPENDS(Nothing) {
  const std::size_t first = pop_mark_above();
  const Value target = stack_[first - 1];
  if (target.is(Kind::List)) {
    graph_.append_all(target, stack_.from(first));
  } else {
    for (const Value item : stack_.from(first)) append_to_other(target, item);
  }
  stack_.truncate(first);
}

void Machine::set_list_item(Value list, Value index, Value value) {
  const auto size = static_cast<std::int64_t>(graph_.items(list).size());
  std::int64_t i = index.is(Kind::Int) ? graph_.int_of(index) : size;
  if (i < 0) i += size;
  if (i < 0 || i >= size) throw fail(ErrorCode::PickleWrongType, "sets an item of a list that does not have it");
  graph_.set_item(list, static_cast<std::size_t>(i), value);
}

[[gnu::always_inline]] inline void Machine::set_in(Value target, std::size_t key_index, Value value) {
  const Value key = stack_[key_index];
  if (!target.is(Kind::Dict)) return set_in_other(target, key, value);
  require_hashable(key);
  graph_.add_entry(target, key, value);
  if (key_offsets_ != nullptr) (*key_offsets_)[object::Graph::handle(target)].push_back(stack_offsets_[key_index]);
}

void Machine::set_in_other(Value target, Value key, Value value) {
  if (target.is(Kind::List)) return set_list_item(target, key, value);
  if (!target.is(Kind::Instance)) throw wrong_type();
  require_hashable(key);
  if (calls_.set_item(target, key, value)) return;
  // An instance of a class derived from dict. Items that come behind attributes stay attributes: Python has them first.
  object::Making making = graph_.making(target);
  if (making.items == graph_.entries(target).size()) {
    ++making.items;
    graph_.set_making(target, making);
  }
  graph_.add_entry(target, key, value);
}

// Told here rather than when keys are merged, because here it has a place.
[[gnu::always_inline]] inline void Machine::require_hashable(Value key) {
  if (object::has_identity(key.kind())) require_hashable_other(key);
}

void Machine::require_hashable_other(Value key) {
  switch (key.kind()) {
    case Kind::List:
    case Kind::Dict:
    case Kind::Set:
    case Kind::ByteArray: throw fail(ErrorCode::GraphUnhashable, std::string(k_unhashable));
    case Kind::Tuple:
    case Kind::FrozenSet: break;
    default: return;
  }
  try {
    std::uint64_t parts = 0;
    object::python2_hash(graph_, key, parts);
    copies_.take(parts);  // a key is looked at again each time
  } catch (const Error& error) {
    throw reader_.error(error);
  }
}

[[gnu::always_inline]] inline void Machine::on_SETITEM(Nothing) {
  require(3);
  note_keys(stack_.top());
  set_in(stack_.top(2), stack_.size() - 2, stack_.top());
  stack_.pop(2);
}

void Machine::on_SETITEMS(Nothing) {
  const std::size_t first = pop_mark_above();
  set_pairs(stack_[first - 1], first);
}

// --- the memo

[[gnu::always_inline]] inline void Machine::on_PUT(Digits key) {
  if (key.plain) return memo_.put(key.number, top());
  memo_.put(reader_.line(), top());
}
[[gnu::always_inline]] inline void Machine::on_BINPUT(std::int64_t key) { memo_.put(static_cast<std::uint64_t>(key), top()); }
[[gnu::always_inline]] inline void Machine::on_LONG_BINPUT(std::int64_t key) { on_BINPUT(key); }
[[gnu::always_inline]] inline void Machine::on_MEMOIZE(Nothing) { memo_.put(memo_.count(), top()); }

void Machine::throw_memo_unset(std::uint64_t key) const {
  throw fail(ErrorCode::PickleMemoUnset, fmt::format(k_memo_unset, key));
}

[[gnu::always_inline]] inline void Machine::memo_get(std::uint64_t key) {
  const Value value = memo_.get(key);
  if (!value) throw_memo_unset(key);
  push_again(value);
}

[[gnu::always_inline]] inline void Machine::on_BINGET(std::int64_t key) { memo_get(static_cast<std::uint64_t>(key)); }
[[gnu::always_inline]] inline void Machine::on_LONG_BINGET(std::int64_t key) { on_BINGET(key); }

[[gnu::always_inline]] inline void Machine::on_GET(Digits key) {
  if (key.plain) return memo_get(key.number);
  memo_get(reader_.line());
}

void Machine::memo_get(std::string_view key) {
  const Value value = memo_.get(key);
  if (!value) throw fail(ErrorCode::PickleMemoUnset, "reads memo '" + printable(key) + "', which was never set");
  push_again(value);
}

// --- what lies outside the file

// Kept by name: nothing is looked up.
void Machine::on_PERSID(std::string_view name) {
  arguments_.check_name(name);
  push(make_string_view(Kind::Text, name));
  on_BINPERSID({});
}

void Machine::on_BINPERSID(Nothing) {
  require(1);
  push_sequence(Kind::PersistentId, stack_.size() - 1);
}

// --- the loop

// How far the loop may run before it looks up again.
Reader::Cursor Machine::look_up() {
  if (reader_.left() == 0) reader_.throw_no_stop();
  if (!is_surveyed_ && is_dense()) {
    is_surveyed_ = true;
    survey(file_, start_, limits_, calls_.unknown_calls());
  }
  return reader_.cursor() + std::min(reader_.left(), k_bytes_at_a_time);
}

bool Machine::is_dense() const {
  const std::uint64_t of_stack = stack_.size() * sizeof(Value) + stack_.marks().size_bytes();
  return graph_.memory_bytes() + of_stack > k_dense * (reader_.position() - start_);
}

// Before each opcode, if they are counted, as they may be more than are allowed, or if keys are traced.
void Machine::watch() {
  if (opcodes_left_-- == 0)
    throw Error(ErrorCode::LimitOpcodes, fmt::format("the pickle has more than {} opcodes", max_opcodes_),
                {.offset = reader_.opcode_offset()}, raised_by("--max-opcodes"));
  if (key_offsets_ == nullptr) return;
  stack_offsets_.resize(stack_.size());
  if (effect_of(traced_opcode_).pushes != Pushes::Nothing) stack_offsets_.back() = traced_offset_;
  traced_opcode_ = reader_.opcode();
  traced_offset_ = reader_.opcode_offset();
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // addresses of labels, which g++ and clang have

// Each opcode jumps to the next by itself rather than through one switch: the processor guesses the next by where the jump
// stands, and what follows on what is nearly always the same. A tenth of the time of decoding, and a third for integers.
void Machine::loop() {
  const void* labels[256];
  const void* watched_labels[256];
  std::fill(std::begin(labels), std::end(labels), &&unknown);
#define GT_OPCODE(name, byte, argument, protocol) labels[static_cast<std::uint8_t>(Opcode::name)] = &&on_##name;
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
  if (key_offsets_ != nullptr || max_opcodes_ < reader_.left()) {
    std::copy(std::begin(labels), std::end(labels), watched_labels);
    std::fill(std::begin(labels), std::end(labels), &&watched);
  }
  Reader::Cursor next = reader_.cursor();
  pause_ = next;
#define GT_NEXT()                  \
  if (next >= pause_) [[unlikely]] \
    pause_ = look_up();            \
  goto* labels[static_cast<std::uint8_t>(reader_.take_next_opcode(next))]

  GT_NEXT();
#define GT_OPCODE(name, byte, argument, protocol)                         \
  on_##name : on_##name(reader_.take_argument<Argument::argument>(next)); \
  if constexpr (Opcode::name == Opcode::STOP) return;                     \
  GT_NEXT();
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
#undef GT_NEXT
watched:
  watch();
  goto* watched_labels[static_cast<std::uint8_t>(reader_.opcode())];
unknown:
  throw reader_.unknown_opcode();
}

#pragma GCC diagnostic pop

void Machine::run() {
  try {
    loop();
  } catch (const Error& error) {
    throw with_place(error);
  }
  calls_.finish();
  graph_.set_repeated_bytes(repeated_bytes_);
}

Error Machine::with_place(const Error& error) const {
  Location where = error.where();
  if (where.offset) where.line = line_of(file_, start_, *where.offset);
  // What the survey found lies further on, where nothing was made yet.
  if (where.offset && *where.offset <= reader_.position()) where.path = path_of(graph_, stack_);
  return Error(error.code(), error.message(), std::move(where), error.hint());
}

}  // namespace gt::pickle
