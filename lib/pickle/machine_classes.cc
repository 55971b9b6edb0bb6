// The machine's opcodes for classes, instances and calls.
#include <fmt/format.h>

#include "lib/pickle/effects.h"
#include "lib/pickle/machine_stack.h"

namespace gt::pickle {

using object::Facet;
using object::Kind;
using object::Value;

// The class that an opcode names by lines: mostly the one before.
Value Machine::named_class(Names names) {
  if (reader_.line() != recent_names_) {
    recent_class_ = arguments_.named_class(graph_, names);
    recent_names_ = reader_.line();
  }
  return recent_class_;
}

void Machine::on_GLOBAL(Names names) { push(named_class(names)); }

void Machine::on_STACK_GLOBAL(Nothing) {
  const Value name = pop();
  const Value module = pop();
  const auto is_name = [](Value v) { return v.is(Kind::Text) || v.is(Kind::Bytes); };
  if (!is_name(module) || !is_name(name)) throw wrong_type();
  const Names names{graph_.string_of(module), graph_.string_of(name)};
  copies_.take_bytes(names.module.size() + names.name.size());  // they may have been named before, and are read again
  push(arguments_.named_class(graph_, names));
}

void Machine::fail_extension(std::int64_t code) const {
  throw fail(ErrorCode::PickleExtension, fmt::format(k_extension, code));
}
void Machine::on_EXT1(std::int64_t code) { fail_extension(code); }
void Machine::on_EXT2(std::int64_t code) { fail_extension(code); }
void Machine::on_EXT4(std::int64_t code) { fail_extension(code); }

void Machine::on_INST(Names names) {
  const std::size_t first = pop_mark();
  const Value instance = calls_.instantiate(named_class(names), stack_.from(first));
  stack_.truncate(first);
  push(instance);
}

void Machine::on_OBJ(Nothing) {
  const std::size_t first = pop_mark();
  if (first == stack_.size()) throw_missing();
  const Value instance = calls_.instantiate(stack_[first], stack_.from(first + 1));
  stack_.truncate(first);
  push(instance);
}

void Machine::on_NEWOBJ(Nothing) {
  const Value arguments = pop();
  const Value class_value = pop();
  push(calls_.new_object(class_value, arguments));
}

void Machine::on_NEWOBJ_EX(Nothing) {
  const Value keywords = pop();
  const Value arguments = pop();
  const Value class_value = pop();
  if (!keywords.is(Kind::Dict)) throw wrong_type();
  push(calls_.new_object(class_value, arguments, keywords));
}

void Machine::on_REDUCE(Nothing) {
  const Value arguments = pop();
  const Value callable = pop();
  push(calls_.reduce(callable, arguments));
}

void Machine::on_BUILD(Nothing) {
  const Value state = pop();
  build(top(), state);
}

void Machine::build(Value target, Value state) {
  if (!target.is(Kind::Instance)) throw wrong_type();
  if (state.is(Kind::None)) return;
  // Classes with slots: the pair of __dict__ and slots.
  if (state.is(Kind::Tuple) && graph_.items(state).size() == 2) {
    const Value attributes = graph_.items(state)[0];
    const Value slots = graph_.items(state)[1];
    const auto fits = [](Value v) { return v.is(Kind::None) || v.is(Kind::Dict); };
    if (fits(attributes) && fits(slots)) {
      add_state(target, attributes);
      return add_slots(target, slots);
    }
  }
  add_state(target, state);
}

void Machine::add_state(Value target, Value state) {
  if (state.is(Kind::None) || calls_.set_state(target, state)) return;
  if (state.is(Kind::Dict)) {
    note_keys(state);
    if (!graph_.entries(target).empty()) copies_.take(graph_.entries(state).size());
    return graph_.add_entries(target, state);
  }
  graph_.set_facet(target, Facet::State, state);
}

void Machine::add_slots(Value target, Value slots) {
  const std::size_t before = graph_.entries(target).size();
  add_state(target, slots);
  object::Making making = graph_.making(target);
  making.slots = static_cast<std::uint32_t>(graph_.entries(target).size() - before);
  if (making.slots > 0) graph_.set_making(target, making);
}

// To something that is no list of Python's own.
void Machine::append_to_other(Value target, Value item) {
  if (!target.is(Kind::Instance)) throw wrong_type();
  if (calls_.append(target, item)) return;
  // An instance of a class derived from list: jsonpickle calls its items py/seq.
  Value items = graph_.facet(target, Facet::Seq);
  if (!items) {
    items = graph_.make_sequence(Kind::RawList);
    graph_.set_facet(target, Facet::Seq, items);
  }
  graph_.append(items, item);
}

}  // namespace gt::pickle
