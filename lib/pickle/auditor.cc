#include "lib/pickle/auditor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "lib/pickle/literals.h"
#include "lib/pickle/nested.h"

namespace gt::pickle {
namespace {

constexpr unsigned k_most_nested = 4;  // a pickle in a string of a pickle in a string ...
constexpr std::int64_t k_newest_protocol = 5;
constexpr std::uint64_t k_no_name = Item::make({}, ~std::uint64_t{0}).tag;

constexpr std::string_view k_plain_encodings[] = {"latin1", "latin-1", "ascii", "utf-8", "utf8"};

constexpr std::array<std::int8_t, 256> make_protocols() {
  std::array<std::int8_t, 256> out{};
#define GT_OPCODE(name, byte, argument, protocol) out[static_cast<std::uint8_t>(Opcode::name)] = protocol;
#include "lib/pickle/opcodes.def"
#undef GT_OPCODE
  return out;
}
constexpr std::array<std::int8_t, 256> k_protocols = make_protocols();

bool is_special(std::string_view name) { return name.size() > 4 && name.starts_with("__") && name.ends_with("__"); }

// The bytes of a text whose characters stand for them, as Python 3 writes bytes in old protocols.
std::optional<std::string> latin1_bytes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = next_code_point(text, i);
    if (c > 0xFF) return std::nullopt;
    out += static_cast<char>(static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

struct Auditor::Handlers {
  std::array<Handler, 256> by_byte{};
  constexpr Handlers() {
#define GT_AUDITED(name, handler) by_byte[static_cast<std::uint8_t>(Opcode::name)] = &Auditor::handler;
#include "lib/pickle/audited.def"
#undef GT_AUDITED
  }
};

Auditor::Handler Auditor::handler_of(Opcode opcode) {
  static constexpr Handlers k_handlers;
  return k_handlers.by_byte[static_cast<std::uint8_t>(opcode)];
}

std::optional<Error> Auditor::run() {
  try {
    for (Opcode last = Opcode::NONE; last != Opcode::STOP;) {
      const Instruction& at = reader_.next();
      check_frame(at);
      check_protocol(at);
      new_tag_.reset();
      if (const Handler handler = handler_of(at.opcode)) (this->*handler)(at);
      outline_.apply(at);
      if (new_tag_) outline_.tag_top(*new_tag_);
      last = at.opcode;
    }
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

void Auditor::remark(const Instruction& at, Sign sign, std::string message) {
  audit_.add(Remark{sign, at.offset, nesting_.string, to_string(at.opcode), std::move(message)});
}

std::optional<Item> Auditor::top(std::size_t depth) const {
  const auto items = outline_.above_mark();
  return depth < items.size() ? std::optional(items[items.size() - 1 - depth]) : std::nullopt;
}

std::optional<Item> Auditor::below_mark() const {
  if (outline_.marks().empty() || outline_.marks().back().depth == 0) return std::nullopt;
  return outline_.stack()[outline_.marks().back().depth - 1];
}

// --- protocol and frames

void Auditor::check_protocol(const Instruction& at) {
  if (told_understated_ || k_protocols[static_cast<std::uint8_t>(at.opcode)] <= std::max<std::int64_t>(protocol_, 1)) return;
  if (at.opcode == Opcode::PROTO) return;
  told_understated_ = true;
  remark(at, Sign::ProtocolUnderstated,
         fmt::format("is of protocol {}, the pickle says {}", k_protocols[static_cast<std::uint8_t>(at.opcode)],
                     protocol_ < 0 ? "none" : std::to_string(protocol_)));
}

void Auditor::on_proto(const Instruction& at) {
  if (at.number > k_newest_protocol)
    throw Error(ErrorCode::PickleProtocol, fmt::format("says protocol {}, at which Python stops", at.number),
                {.offset = at.offset, .opcode = std::string(to_string(at.opcode))});
  if (protocol_ >= 0) {
    remark(at, Sign::ProtocolRepeated, "says the protocol again");
  } else if (at.offset != start_) {
    remark(at, Sign::ProtocolLate, "says the protocol behind the beginning");
  }
  protocol_ = at.number;
}

void Auditor::check_frame(const Instruction& at) {
  if (at.offset < frame_end_ && reader_.position() > frame_end_) remark(at, Sign::FrameMisfit, "crosses the end of its frame");
}

void Auditor::on_frame(const Instruction& at) {
  if (at.offset < frame_end_) remark(at, Sign::FrameMisfit, "begins a frame within a frame");
  const auto size = static_cast<std::uint64_t>(at.number);
  if (size > reader_.left())
    remark(at, Sign::FrameMisfit, fmt::format("begins a frame of {} bytes, but {} are left", size, reader_.left()));
  frame_end_ = reader_.position() + std::min(size, reader_.left());
}

// --- names

void Auditor::name(const Instruction& at, const std::string& module, const std::string& name, NameFacts facts) {
  audit_.add(Mention{at.offset, nesting_.string, module, name, facts.verdict});
  const std::string text = module.empty() ? name : module + '.' + name;
  const auto [found, is_new] = name_indices_.try_emplace(module + '\n' + name, names_.size());
  if (is_new) names_.push_back({printable(text), facts});
  new_tag_ = found->second;
}

void Auditor::on_global(const Instruction& at) {
  name(at, std::string(at.text), std::string(at.second), facts_of_name(at.text, at.second));
}

void Auditor::on_stack_global(const Instruction& at) {
  const auto module_item = top(1);
  const auto name_item = top();
  new_tag_ = k_no_name;
  if (!module_item || !name_item) return;
  if (module_item->shape != Shape::String || name_item->shape != Shape::String)
    return remark(at, Sign::NameNotFollowed, "takes a name that is put together while loading");
  const auto module = name_of(*module_item);
  const auto text = name_of(*name_item);
  if (!module || !text) return remark(at, Sign::NameNotFollowed, "takes a name of more than 1024 bytes");
  name(at, *module, *text, facts_of_name(*module, *text));
}

void Auditor::on_extension(const Instruction& at) {
  remark(at, Sign::Extension, fmt::format("takes what the loading program has registered under the code {}", at.number));
  name(at, "", fmt::format("extension code {}", at.number), {});
}

// The string that an opcode pushes, as Python has it; nullopt for one that is too long for a name: a file can refer to it
// often, and so the end of a long line is not looked for.
std::optional<std::string> Auditor::name_of(Item string) const {
  constexpr std::size_t k_longest = 1024;
  const auto opcode = static_cast<Opcode>(bytes_[string.tag]);
  const bool is_line = opcode == Opcode::STRING || opcode == Opcode::UNICODE;
  if (is_line && bytes_.substr(string.tag, k_longest + 2).find('\n') == std::string_view::npos) return std::nullopt;
  Reader reader(bytes_, string.tag);
  const Instruction& at = reader.next();
  return at.text.size() <= k_longest ? std::optional(text_of(at)) : std::nullopt;
}

std::string Auditor::text_of(const Instruction& at) {
  if (at.opcode != Opcode::STRING && at.opcode != Opcode::UNICODE) return std::string(at.text);
  std::string out;
  const auto literal = parse_quoted(at.text);
  const bool whole = at.opcode == Opcode::UNICODE ? decode_raw_unicode_escape(at.text, out)
                                                  : literal && decode_string_escape(literal->content, out);
  return whole ? out : std::string();
}

// --- calls

void Auditor::apply_class(const Instruction& at, std::optional<Item> callable, How how) {
  new_tag_ = k_no_name;
  if (!callable) return;
  if (callable->shape != Shape::Global || callable->tag == k_no_name)
    return remark(at, Sign::CallNotFollowed, "calls a value that the file does not name");
  new_tag_ = std::uint64_t{callable->tag};
  const Name& called = names_[callable->tag];
  const bool is_bare = how == How::Bare && called.facts.verdict == Verdict::Unknown;
  if (!is_bare) check_call(at, called);
}

void Auditor::check_call(const Instruction& at, const Name& called) {
  if (called.facts.verdict == Verdict::RunsCode) {
    remark(at, Sign::Call, "calls " + called.text);
  } else if (called.facts.verdict == Verdict::Unknown) {
    remark(at, Sign::Call, "calls " + called.text + ", which is not known: whatever it does is done");
  } else if (called.facts.use == Use::Name) {
    remark(at, Sign::Call, "calls " + called.text + ", which is known as a name only");
  }
}

void Auditor::on_inst(const Instruction& at) {
  on_global(at);
  apply_class(at, Item::make(Shape::Global, *new_tag_), outline_.above_mark().empty() ? How::Bare : How::Call);
}

void Auditor::on_obj(const Instruction& at) {
  const auto items = outline_.above_mark();
  if (!items.empty()) apply_class(at, items.front(), items.size() == 1 ? How::Bare : How::Call);
}

void Auditor::on_newobj(const Instruction& at) { apply_class(at, top(1), How::Bare); }
void Auditor::on_newobj_ex(const Instruction& at) { apply_class(at, top(2), How::Bare); }

void Auditor::on_reduce(const Instruction& at) {
  const auto callable = top(1);
  const auto arguments = top();
  apply_class(at, callable, How::Call);
  if (!new_tag_ || *new_tag_ == k_no_name || !arguments) return;
  const Name& called = names_[*new_tag_];
  const bool is_last_tuple = arguments->shape == Shape::Tuple && arguments->tag == last_tuple_ && last_of_tuple_;
  if (called.facts.verdict != Verdict::Data) return;
  if (called.facts.use == Use::Encode) {
    const bool is_text = is_last_tuple && last_of_tuple_->shape == Shape::String;
    const std::string encoding = is_text ? name_of(*last_of_tuple_).value_or(std::string()) : std::string();
    if (std::find(std::begin(k_plain_encodings), std::end(k_plain_encodings), encoding) == std::end(k_plain_encodings))
      remark(at, Sign::Call, "calls " + called.text + " with an encoding that is not known to be plain");
  } else if (called.facts.use == Use::Fill && is_last_tuple && last_of_tuple_->shape == Shape::Scalar) {
    remark(at, Sign::Amplification, "calls " + called.text + " with a number, for as many bytes");
  }
}

void Auditor::on_tuple(const Instruction& at) {
  last_tuple_ = at.offset;
  last_of_tuple_ = top();
}

// --- what is done to values

void Auditor::on_build(const Instruction& at) {
  const auto target = top(1);
  const auto state = top();
  if (!target || !state) return;
  if (target->shape == Shape::Global)
    return remark(
        at, Sign::StateOfClass,
        "changes " + (target->tag == k_no_name ? "a class" : names_[target->tag].text) + " itself, for all of the program");
  if (target->shape == Shape::Foreign) return remark(at, Sign::StateNotFollowed, "changes an object of the loading program");
  const bool is_made_while_loading = state->shape >= Shape::Global;
  if (is_made_while_loading || (state->shape == Shape::Tuple && !special_dicts_.empty()))
    return remark(at, Sign::StateNotFollowed, "sets a state that is put together while loading");
  if (state->shape == Shape::Dict && special_dicts_.contains(state->tag))
    remark(at, Sign::StateSpecial, "may set an attribute like __setstate__ or __class__");
}

void Auditor::check_target(const Instruction& at, std::optional<Item> target) {
  if (!target || (target->shape != Shape::Global && target->shape != Shape::Foreign)) return;
  remark(at, Sign::ItemsOfClass,
         "puts items into a class or function, or an object of the loading program, by its own methods");
}

void Auditor::on_append(const Instruction& at) { check_target(at, top(1)); }
void Auditor::on_items(const Instruction& at) { check_target(at, below_mark()); }

// Keys become attributes when BUILD gets the dict.
void Auditor::check_key(Item key, Item target) {
  const bool is_known = key.shape == Shape::Scalar || key.shape == Shape::Tuple || key.shape == Shape::String;
  if (!is_known || (key.shape == Shape::String && is_special(name_of(key).value_or(std::string()))))
    special_dicts_.insert(target.shape == Shape::Dict ? std::uint64_t{target.tag} : k_no_name);
}

void Auditor::on_setitem(const Instruction& at) {
  check_target(at, top(2));
  if (top(2)) check_key(*top(1), *top(2));
}

void Auditor::on_setitems(const Instruction& at) {
  const auto target = below_mark();
  check_target(at, target);
  if (!target) return;
  const auto items = outline_.above_mark();
  for (std::size_t i = 0; i < items.size(); i += 2) check_key(items[i], *target);
}

void Auditor::on_dict(const Instruction& at) {
  const auto items = outline_.above_mark();
  for (std::size_t i = 0; i < items.size(); i += 2) check_key(items[i], Item::make(Shape::Dict, at.offset));
}

void Auditor::on_persistent_id(const Instruction& at) {
  remark(at, Sign::PersistentId, "asks the loading program for an object of its own");
}
void Auditor::on_buffer(const Instruction& at) {
  remark(at, Sign::OutOfBand, "takes bytes that were saved apart from this file");
}

void Auditor::on_pop(const Instruction& at) {
  if (top() && top()->shape == Shape::Instance && !top()->is_settled)
    remark(at, Sign::ResultDiscarded, "throws away what a call has made");
}

void Auditor::on_stop(const Instruction& at) {
  if (outline_.stack().size() > 1 || !outline_.marks().empty())
    remark(at, Sign::StackLeft, "leaves values on the stack that are in nothing");
}

// --- the memo

void Auditor::on_put(const Instruction& at) {
  if (outline_.find_stored(at)) remark(at, Sign::MemoOverwritten, "stores into the memo where a value lies already");
  if (outline_.memo_number(at).value_or(0) > outline_.stored() + 1)
    remark(at, Sign::MemoGap,
           fmt::format("stores under the memo key {} when {} keys are in use; Python 3 makes room for all",
                       *outline_.memo_number(at), outline_.stored()));
}

void Auditor::on_put_line(const Instruction& at) {
  if (top()) check_spelling(at);
  on_put(at);
}

void Auditor::on_get_line(const Instruction& at) {
  if (outline_.find_stored(at)) check_spelling(at);
  on_get(at);
}

void Auditor::on_get(const Instruction& at) { note_shared(outline_.find_stored(at)); }
void Auditor::on_dup(const Instruction&) { note_shared(top()); }

void Auditor::note_shared(std::optional<Item> item) {
  const bool is_plain = !item || item->shape == Shape::Scalar || item->shape == Shape::String || item->shape == Shape::Global;
  shares_containers_ = shares_containers_ || !is_plain;
}

void Auditor::check_spelling(const Instruction& at) {
  if (outline_.memo_number(at)) return;
  remark(at, Sign::MemoSpelling, "has the memo key '" + printable(at.text) + "', which Python 2 and 3 take for different ones");
}

// --- strings

void Auditor::on_string(const Instruction& at) {
  if (at.opcode == Opcode::STRING || at.opcode == Opcode::UNICODE) {
    look_into(at, text_of(at));
  } else {
    look_into(at, at.text);
  }
}

void Auditor::look_into(const Instruction& at, std::string_view text) {
  if (may_name_something(text)) {
    follow_nested(at, text);
    const auto bytes = is_utf8(text, Surrogates::Reject) ? latin1_bytes(text) : std::nullopt;
    if (bytes && *bytes != text) follow_nested(at, *bytes);
  }
  if (const auto decoded = from_base64(text); decoded && may_name_something(*decoded)) follow_nested(at, *decoded);
}

void Auditor::follow_nested(const Instruction& at, std::string_view pickle) {
  if (nesting_.level == k_most_nested)
    return remark(at, Sign::NestedNotFollowed, "has a string that may be a pickle, within strings that are");
  Audit found;
  Auditor inner(pickle, 0, {nesting_.level + 1, nesting_.string.value_or(at.offset)}, found);
  const auto error = inner.run();
  if (error && found.verdict < Verdict::RunsCode) return;
  if (!found.names_plausibly()) return;
  remark(at, Sign::NestedPickle, "has a string that is a pickle itself; what follows with it is what it would do");
  audit_.add(std::move(found));
}

}  // namespace gt::pickle
