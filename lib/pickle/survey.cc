#include "lib/pickle/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "lib/base/limit_errors.h"
#include "lib/base/text.h"
#include "lib/object/arena.h"
#include "lib/object/graph.h"
#include "lib/pickle/calls.h"
#include "lib/pickle/checked_arguments.h"
#include "lib/pickle/effects.h"
#include "lib/pickle/memo.h"
#include "lib/pickle/surveyed.h"

namespace gt::pickle {
namespace {

// Whether an opcode that puts parts into a value finds one that has any.
constexpr bool fits(Opcode opcode, Surveyed target) {
  switch (opcode) {
    case Opcode::APPEND:
    case Opcode::APPENDS: return target.may_be(Shape::List);
    case Opcode::SETITEM:
    case Opcode::SETITEMS: return target.may_be(Shape::Dict) || target.is(Shape::List);
    case Opcode::ADDITEMS: return target.may_be(Shape::Set);
    case Opcode::BUILD: return target.is(Shape::Instance);
    default: return true;
  }
}

constexpr bool takes_pairs(Opcode opcode) {
  return opcode == Opcode::SETITEM || opcode == Opcode::SETITEMS || opcode == Opcode::DICT;
}

class Survey {
 public:
  Survey(std::string_view file, std::uint64_t start, const Limits& limits, UnknownCalls unknown_calls)
      : file_(file),
        start_(start),
        reader_(file, start),
        arguments_(reader_, limits),
        limits_(limits),
        too_deep_(limits.depth <= Extents::k_deepest / (k_most_cuts + 1)
                      ? static_cast<std::uint32_t>(limits.depth) * (k_most_cuts + 1)
                      : k_never),
        unknown_calls_(unknown_calls) {}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // addresses of labels
  // Each opcode jumps to the next by itself, as in Machine::loop(): a third of the time of most surveys is this step.
  void run() {
    const void* labels[256];
    std::fill(std::begin(labels), std::end(labels), &&unknown);
#define GT_OPCODE(name, byte, argument, protocol) labels[static_cast<std::uint8_t>(Opcode::name)] = &&on_##name;
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
#define GT_NEXT() goto* labels[static_cast<std::uint8_t>(reader_.take_opcode(next))]
    Reader::Cursor next = reader_.cursor();
    GT_NEXT();
#define GT_OPCODE(name, byte, argument, protocol)                                   \
  on_##name : apply<Opcode::name>(reader_.take_argument<Argument::argument>(next)); \
  if constexpr (Opcode::name == Opcode::STOP) return;                               \
  GT_NEXT();
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
#undef GT_NEXT
  unknown:
    throw reader_.unknown_opcode();
  }
#pragma GCC diagnostic pop

 private:
  using Parts = std::span<const Surveyed>;
  // Of what is in several places the parts may be written in one only. So each reference can cut the longest way into the data
  // once; but nobody writes data that more than these keep shallow.
  static constexpr std::uint32_t k_most_cuts = 15;
  static constexpr std::uint32_t k_never = Extents::k_deepest + 1;  // where extents cannot tell

  template <Opcode opcode, typename Argument>
  [[gnu::always_inline]] void apply(Argument argument) {
    constexpr Effect effect = effect_of(opcode);
    if constexpr (opcode == Opcode::NEXT_BUFFER || opcode == Opcode::READONLY_BUFFER)
      throw reader_.error(ErrorCode::PickleOutOfBand, std::string(k_out_of_band));
    if constexpr (opcode == Opcode::EXT1 || opcode == Opcode::EXT2 || opcode == Opcode::EXT4)
      throw reader_.error(ErrorCode::PickleExtension, fmt::format(k_extension, argument));
    if constexpr (effect.mark == MarkUse::Push) {
      marks_.push_back(stack_.size());
      fence_ = stack_.size();
    }
    if constexpr (effect.mark == MarkUse::Either) {
      if (marks_.size() > 0 && fence_ == stack_.size()) return static_cast<void>(pop_mark());
    }
    const std::size_t first = first_taken(opcode, effect);
    const Parts parts(stack_.begin() + first, stack_.size() - first);
    check_argument<opcode>(argument);
    Extent inside;
    if constexpr (effect.takes > 0 || effect.mark == MarkUse::Pop) {
      check_parts(opcode, effect, first, parts);
      check_call(opcode, parts);
      if constexpr (opcode == Opcode::STOP) check_root(parts[0]);
      if constexpr (opcode == Opcode::STACK_GLOBAL) named_ = number_of(parts[0], parts[1]);
      if constexpr (makes_instance(opcode)) is_instance_ = makes_instance_of(opcode, parts);
      if constexpr (is_of_parts(opcode))
        inside = opcode == Opcode::BUILD ? inside_of_state(parts[0]) : inside_of(opcode, parts);
      stack_.truncate(first);
      if constexpr (effect.keeps > 0) {
        if (!parts.empty()) put_into(stack_.back(), inside);
      }
    }
    push<opcode>(inside, argument);
    if constexpr (stores(effect.memo)) put(argument);
  }

  // What it stands for is of no use here, but for the number of a class.
  template <Opcode opcode, typename Argument>
  [[gnu::always_inline]] void check_argument(Argument argument) {
    if constexpr (opcode == Opcode::PROTO) arguments_.check_protocol(argument);
    if constexpr (opcode == Opcode::FRAME) arguments_.check_frame(argument);
    if constexpr (opcode == Opcode::INT) {
      if (!argument.plain) arguments_.integer(reader_.line());
    }
    if constexpr (opcode == Opcode::LONG) arguments_.long_integer(argument);
    if constexpr (opcode == Opcode::LONG1 || opcode == Opcode::LONG4) arguments_.check_binary_integer(argument);
    if constexpr (opcode == Opcode::FLOAT) arguments_.real(argument);
    if constexpr (opcode == Opcode::PERSID) arguments_.check_name(argument);
    if constexpr (opcode == Opcode::STRING) {
      const auto literal = parse_quoted(argument);
      if (!literal || literal->escaped) arguments_.unescaped(argument, literal);
    }
    if constexpr (opcode == Opcode::UNICODE) {
      if (argument.find('\\') != std::string_view::npos) arguments_.unescaped_text(argument);
    }
    if constexpr (opcode == Opcode::BINUNICODE || opcode == Opcode::SHORT_BINUNICODE || opcode == Opcode::BINUNICODE8)
      arguments_.check_utf8(argument);
    if constexpr (effect_of(opcode).pushes == Pushes::String) arguments_.check_size(argument);
    if constexpr (opcode == Opcode::GLOBAL || opcode == Opcode::INST) named_ = number_of_line(argument);
  }

  // Where on the stack begins what an opcode takes off.
  [[gnu::always_inline]] std::size_t first_taken(Opcode opcode, const Effect& effect) {
    if (effect.mark == MarkUse::Pop) {
      if (marks_.size() == 0) throw reader_.error(ErrorCode::PickleNoMark, std::string(k_no_mark));
      const std::size_t first = pop_mark();
      if (stack_.size() - first < effect.takes || first - fence_ < effect.keeps) throw_missing(opcode);
      return first;
    }
    if (stack_.size() - fence_ < std::size_t{effect.takes} + effect.keeps) throw_missing(opcode);
    return stack_.size() - effect.takes;
  }

  std::size_t pop_mark() {
    const std::size_t first = fence_;
    marks_.pop_back();
    fence_ = marks_.size() > 0 ? marks_.back() : 0;
    return first;
  }

  [[gnu::always_inline]] void check_parts(Opcode opcode, const Effect& effect, std::size_t first, Parts parts) const {
    if (takes_pairs(opcode) && parts.size() % 2 != 0)
      throw reader_.error(ErrorCode::PickleStackUnderflow, std::string(k_odd_pairs));
    if (effect.keeps > 0 && !parts.empty() && !fits(opcode, stack_[first - 1])) throw_wrong_type(opcode);
    if (opcode == Opcode::STACK_GLOBAL && !(parts[0].may_be(Shape::String) && parts[1].may_be(Shape::String)))
      throw_wrong_type(opcode);
    if (opcode == Opcode::NEWOBJ_EX && !parts[2].may_be(Shape::Dict)) throw_wrong_type(opcode);
    const bool has_keys = opcode == Opcode::DICT || opcode == Opcode::FROZENSET || opcode == Opcode::ADDITEMS ||
                          (takes_pairs(opcode) && stack_[first - 1].is(Shape::Dict));
    if (!has_keys) return;
    for (std::size_t i = 0; i < parts.size(); i += takes_pairs(opcode) ? 2 : 1)
      if (parts[i].is(Shape::List) || parts[i].is(Shape::Dict))
        throw reader_.error(ErrorCode::GraphUnhashable, std::string(k_unhashable));
  }

  // As in Calls.
  [[gnu::always_inline]] void check_call(Opcode opcode, Parts parts) const {
    switch (opcode) {
      case Opcode::INST: return check_instance({Shape::Global, named_}, !parts.empty());
      case Opcode::OBJ: return check_instance(parts[0], parts.size() > 1);
      case Opcode::NEWOBJ:
      case Opcode::NEWOBJ_EX: check_instance(parts[0], false); return check_arguments(parts[1], parts[0], k_makes_no_tuple);
      case Opcode::REDUCE:
        if (!parts[0].may_be(Shape::Global)) throw_wrong_type(k_no_callable);
        check_arguments(parts[1], parts[0], k_calls_no_tuple);
        if (unknown_calls_ == UnknownCalls::Refuse && is_known(parts[0]) && !named(parts[0]).may_be_called)
          throw_unknown_call(parts[0]);
        return;
      default: return;
    }
  }

  void check_instance(Surveyed class_item, bool has_arguments) const {
    if (!class_item.may_be(Shape::Global)) throw_wrong_type(k_no_class);
    if (is_known(class_item) && (has_arguments || !named(class_item).is_class)) throw_unknown_call(class_item);
  }

  void check_arguments(Surveyed arguments, Surveyed callable, const char* message) const {
    if (!arguments.may_be(Shape::Tuple) && is_known(callable))
      throw_wrong_type(fmt::format(fmt::runtime(message), printable(qualified_name(callable))));
  }

  // --- classes and functions: numbers from 1 on, 0 for those that are not known

  struct Named {
    bool may_be_called;
    bool is_class;
    bool makes_values;
  };

  static bool is_known(Surveyed global) { return global.is(Shape::Global) && global.number() != 0; }
  const Named& named(Surveyed global) const { return kinds_[global.number() - 1]; }
  std::string_view qualified_name(Surveyed global) const { return names_.globals()[global.number() - 1].qualified; }

  std::uint32_t number_of(Names names) {
    if (look_ups_left_ == 0) {
      arguments_.check_names(names);
      return 0;
    }
    constexpr std::uint64_t k_bytes = 64;
    look_ups_left_ -= std::min(look_ups_left_, 1 + (names.module.size() + names.name.size()) / k_bytes);
    const object::Value global = arguments_.named_class(names_, names);
    if (names_.globals().size() > kinds_.size()) {
      const object::GlobalName name = names_.global(global);
      kinds_.push_back({Calls::may_call(name), Calls::may_be_class(name), Calls::makes_values(name)});
    }
    return static_cast<std::uint32_t>(object::Graph::handle(global) + 1);
  }

  std::uint32_t number_of(Surveyed module, Surveyed name) {
    if (look_ups_left_ == 0) return 0;
    const Names names{text_of(module), text_of(name)};
    return names.module.data() != nullptr && names.name.data() != nullptr ? number_of(names) : 0;
  }

  // Mostly the one before.
  std::uint32_t number_of_line(Names names) {
    if (reader_.line() != recent_names_) {
      recent_number_ = number_of(names);
      recent_names_ = reader_.line();
    }
    return recent_number_;
  }

  // Of a string that stands in the pickle behind its length; no data for what else there is. It was read before, so it is
  // there.
  std::string_view text_of(Surveyed string) const {
    if (!string.is(Shape::String) || string.number() == 0) return {};
    const char* const opcode = file_.data() + start_ + string.number() - 1;
    switch (static_cast<Opcode>(*opcode)) {
      case Opcode::SHORT_BINSTRING:
      case Opcode::SHORT_BINUNICODE:
      case Opcode::SHORT_BINBYTES: return counted<std::uint8_t>(opcode + 1);
      case Opcode::BINSTRING:
      case Opcode::BINUNICODE:
      case Opcode::BINBYTES: return counted<std::uint32_t>(opcode + 1);
      case Opcode::BINUNICODE8:
      case Opcode::BINBYTES8:
      case Opcode::BYTEARRAY8: return counted<std::uint64_t>(opcode + 1);
      default: return {};
    }
  }

  template <typename Count>
  static std::string_view counted(const char* from) {
    Count count = 0;
    std::memcpy(&count, from, sizeof count);
    return {from + sizeof count, static_cast<std::size_t>(count)};
  }

  // --- how deep, and how much

  // Whether what is taken becomes parts of something.
  static constexpr bool is_of_parts(Opcode opcode) {
    const Effect effect = effect_of(opcode);
    return effect.keeps > 0 || (effect.pushes >= Pushes::List && effect.pushes <= Pushes::Set) ||
           effect.pushes == Pushes::Foreign;
  }

  // The bytes of a line, and what it has at least: two brackets, one letter or digit, or a text that may be empty.
  static constexpr std::uint64_t k_container = 3;
  static constexpr std::uint64_t k_scalar = 2;
  static constexpr std::uint64_t k_text = 1;

  // What stands in one place, and what is inside of it.
  [[gnu::always_inline]] void add(Extent& to, Surveyed part) const {
    if (part.is(Shape::Scalar)) return to.add(0, k_scalar);
    if (part.is_written_again()) {
      const Extent extent = extents_[part.number()];
      to.depth = std::max(to.depth, extent.depth);
      return to.add(1 + extent.containers, k_container + extent.bytes);
    }
    if (part.is(Shape::String)) return to.add(0, k_text + text_of(part).size());
    if (part.is(Shape::Global)) return to.add(0, k_scalar);
    to.depth = std::max(to.depth, part.number());
    if (part.number() > 0) return to.add(1, k_container);
    to.add(0, k_text);  // a call may have made one
  }

  // What these parts are inside of what they go into, which has one level more than the deepest.
  [[gnu::always_inline]] Extent inside_of(Opcode opcode, Parts parts) const {
    const bool can_be_many = effect_of(opcode).mark == MarkUse::Pop;
    const std::size_t step = takes_pairs(opcode) ? 2 : 1;
    Extent out;
    std::uint64_t flats = 0;
    std::uint64_t bytes_in_flats = 0;
    for (std::size_t i = step - 1; i < parts.size(); i += step) {
      if (can_be_many && Extents::has_flat(parts[i])) {  // what add() would do, in half the time
        ++flats;
        bytes_in_flats += Extents::bytes_in_flat(parts[i]);
      } else {
        add(out, parts[i]);
      }
    }
    out.add(flats, flats * k_container + bytes_in_flats);
    if (flats > 0) out.depth = std::max(out.depth, 1u);
    if (out.depth >= too_deep_) throw depth_limit_error(limits_.depth);
    out.depth = std::min(out.depth + 1, Extents::k_deepest);
    return out;
  }

  // A state lies in what it belongs to.
  Extent inside_of_state(Surveyed state) const {
    if (state.is_written_again()) {
      Extent out = extents_[state.number()];
      if (state.is(Shape::Tuple)) --out.depth;
      return out;
    }
    return {.depth = has_parts(state.shape()) ? state.number() : 0};
  }

  [[gnu::always_inline]] void put_into(Surveyed& target, const Extent& inside) {
    switch (target.shape()) {
      case Shape::Dict:
      case Shape::Set: target = Surveyed(target.shape(), extents_.grow(target.number(), inside)); return;
      case Shape::List:
      case Shape::Instance:
        once_.add(inside.containers, inside.bytes);
        if (inside.depth > target.number()) target = Surveyed(target.shape(), inside.depth);
        return;
      default: return;
    }
  }

  template <Opcode opcode, typename Argument>
  [[gnu::always_inline]] void push(const Extent& inside, Argument argument) {
    constexpr Pushes pushes = effect_of(opcode).pushes;
    if constexpr (pushes == Pushes::Nothing) return;
    if constexpr (pushes == Pushes::Copy) return push_again(shared_top());
    if constexpr (pushes == Pushes::Stored) return get(argument);
    if constexpr (pushes < Pushes::Nothing) stack_.push_back({static_cast<Shape>(pushes), number_for<opcode>(inside)});
  }

  template <Opcode opcode>
  [[gnu::always_inline]] std::uint32_t number_for(const Extent& inside) {
    switch (static_cast<Shape>(effect_of(opcode).pushes)) {
      case Shape::String: {
        const std::uint64_t number = reader_.opcode_offset() - start_ + 1;
        return number <= Surveyed::k_most ? static_cast<std::uint32_t>(number) : 0;
      }
      case Shape::Global: return named_;
      case Shape::Instance: return is_instance_ ? 1 : 0;  // what becomes of the arguments of a call is not known
      case Shape::Tuple: return opcode == Opcode::EMPTY_TUPLE ? 0 : extents_.number_of_tuple(inside);
      case Shape::Set:
        if (opcode != Opcode::FROZENSET) return 0;
        once_.add(inside.containers, inside.bytes);
        return extents_.number_of({.depth = inside.depth});
      case Shape::Dict: return extents_.number_of(inside);
      case Shape::List: once_.add(inside.containers, inside.bytes); [[fallthrough]];
      case Shape::Foreign: return std::max<std::uint32_t>(inside.depth, 1);
      default: return 0;
    }
  }

  // For a second place.
  [[gnu::always_inline]] Surveyed shared_top() {
    Surveyed& top = stack_.back();
    if (top.is(Shape::Dict) || top.is(Shape::Set)) top = Surveyed(top.shape(), extents_.shared(top.number()));
    return top;
  }

  [[gnu::always_inline]] void push_again(Surveyed item) {
    again_ += has_parts(item.shape()) ? 1 : 0;
    stack_.push_back(item);
  }

  static constexpr bool makes_instance(Opcode opcode) { return effect_of(opcode).pushes == Pushes::Instance; }

  // Rather than something that has no parts, as a call may.
  bool makes_instance_of(Opcode opcode, Parts parts) const {
    if (opcode == Opcode::INST || opcode == Opcode::OBJ) return true;
    return opcode != Opcode::REDUCE && is_known(parts[0]) && !named(parts[0]).makes_values;
  }

  // What is written once is counted once, whatever it is in; but what is lost on the way is counted, too.
  void check_root(Surveyed root) const {
    Extent all = once_;
    add(all, root);
    const std::uint64_t cuts = std::min<std::uint64_t>(again_, k_most_cuts);
    if (too_deep_ != k_never && all.depth / (cuts + 1) > limits_.depth) throw depth_limit_error(limits_.depth);
    if (all.containers > limits_.json_containers) throw containers_limit_error(limits_.json_containers);
    if (all.bytes > limits_.json_bytes) throw output_limit_error(limits_.json_bytes);
  }

  // --- the memo, until it has a key that no pickler writes: from then on any key may be set, to anything

  void put(Digits key) {
    if (!key.plain) forget_memo();
    put_number(key.number);
  }
  void put(std::int64_t key) { put_number(static_cast<std::uint64_t>(key)); }
  void put(Nothing) {
    if (memo_gaps_ > 0) return put_number(memo_.size() - memo_gaps_);
    memo_.push_back(shared_top());
  }

  [[gnu::always_inline]] void put_number(std::uint64_t key) {
    if (Memo::is_far(key, reader_.position())) forget_memo();
    if (!is_memo_known_) return;
    for (; memo_.size() <= key; ++memo_gaps_) memo_.push_back({});
    if (!memo_[key]) --memo_gaps_;
    memo_[key] = shared_top();
  }

  void forget_memo() {
    is_memo_known_ = false;
    memo_gaps_ = 1;
  }

  void get(Digits key) {
    if (!key.plain) forget_memo();
    get_number(key.number);
  }
  void get(std::int64_t key) { get_number(static_cast<std::uint64_t>(key)); }
  template <typename Argument>
  void get(Argument) {}  // no opcode has it

  [[gnu::always_inline]] void get_number(std::uint64_t key) {
    if (!is_memo_known_) return push_again({Shape::Instance, 0});
    if (key >= memo_.size() || !memo_[key]) throw reader_.error(ErrorCode::PickleMemoUnset, fmt::format(k_memo_unset, key));
    push_again(memo_[key]);
  }

  [[noreturn]] void throw_missing(Opcode opcode) const {
    throw reader_.error(ErrorCode::PickleStackUnderflow, std::string(message_for_missing(opcode)));
  }
  [[noreturn]] void throw_wrong_type(Opcode opcode) const { throw_wrong_type(message_for_wrong_type(opcode)); }
  [[noreturn]] void throw_wrong_type(std::string_view message) const {
    throw reader_.error(ErrorCode::PickleWrongType, std::string(message));
  }
  [[noreturn]] void throw_unknown_call(Surveyed callable) const {
    throw reader_.error(ErrorCode::PickleUnknownCall, fmt::format(k_unknown_call, printable(qualified_name(callable))));
  }

  // Each costs more than an opcode, and memory if it has a new name.
  static constexpr std::uint64_t k_most_look_ups = 10'000;

  std::string_view file_;
  std::uint64_t start_;
  Reader reader_;
  CheckedArguments arguments_;
  const Limits& limits_;
  std::uint32_t too_deep_;
  UnknownCalls unknown_calls_;
  object::Graph names_;
  std::vector<Named> kinds_;  // parallel to the globals of names_
  std::uint64_t look_ups_left_ = k_most_look_ups;
  std::uint32_t named_ = 0;  // by the last opcode that names a class or function
  std::string_view recent_names_;
  std::uint32_t recent_number_ = 0;
  object::Table<Surveyed> stack_;
  object::Table<std::size_t> marks_;
  std::size_t fence_ = 0;
  object::Table<Surveyed> memo_;
  std::uint64_t memo_gaps_ = 0;  // keys that are not set, below the highest; not 0 where the memo is not known
  bool is_memo_known_ = true;
  Extents extents_;
  Extent once_;               // of all that is inside of what is written once
  bool is_instance_ = false;  // what the last call makes, as far as is known
  std::uint64_t again_ = 0;   // how often something that may have parts was put on the stack a second time
};

}  // namespace

void survey(std::string_view file, std::uint64_t start, const Limits& limits, UnknownCalls unknown_calls) {
  Survey(file, start, limits, unknown_calls).run();
}

}  // namespace gt::pickle
