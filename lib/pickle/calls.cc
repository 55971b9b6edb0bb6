#include "lib/pickle/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "lib/base/base64.h"
#include "lib/base/text.h"
#include "lib/object/classes.h"
#include "lib/object/python2.h"
#include "lib/pickle/effects.h"

namespace gt::pickle {
namespace {

using object::ClassStyle;
using object::Facet;
using object::Kind;
using object::Value;

// Modules of Python itself that hold functions which act on the machine. No task class lives there, so INST, OBJ and NEWOBJ
// of such a name is an attempt to call it. This list only sharpens the message: nothing is called whatever the name.
constexpr std::string_view k_acting_modules[] = {"os",     "posix",   "nt",         "subprocess", "commands", "popen2",
                                                 "sys",    "pty",     "shutil",     "socket",     "runpy",    "importlib",
                                                 "imp",    "code",    "ctypes",     "marshal",    "types",    "operator",
                                                 "pickle", "cPickle", "webbrowser", "platform"};

constexpr std::string_view k_builtin_types[] = {"basestring", "bool", "bytearray", "bytes", "complex", "dict",  "float",
                                                "frozenset",  "int",  "list",      "long",  "object",  "range", "set",
                                                "slice",      "str",  "tuple",     "type",  "unicode", "xrange"};

bool is_builtin_module(std::string_view module) { return module == "__builtin__" || module == "builtins"; }

// The module that globals.def has for one that Python 3 calls otherwise.
std::string_view table_module(std::string_view module) {
  return module == "builtins" ? "__builtin__" : module == "copyreg" ? "copy_reg" : module;
}

// About what a constructor sets, with the objects in it.
constexpr std::uint64_t k_constructed_values = 64;

template <typename Range, typename Element>
bool contains(const Range& range, const Element& element) {
  return std::find(std::begin(range), std::end(range), element) != std::end(range);
}

bool is_latin1(const object::Graph& graph, Value encoding) {
  if (!encoding.is(Kind::Text) && !encoding.is(Kind::Bytes)) return false;
  const std::string_view name = graph.string_of(encoding);
  return name == "latin1" || name == "latin-1";
}

// The bytes that these characters are in Latin-1; nullopt if one of them is none.
std::optional<std::string> to_latin1(std::string_view utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = next_code_point(utf8, i);
    if (c > 0xFF) return std::nullopt;
    out += static_cast<char>(static_cast<unsigned char>(c));
  }
  return out;
}

// Which definition's constructor the file's own era ran, for a class of that file.
std::string_view era_class(const object::Graph& graph, Value instance, bool in_apps) {
  const object::GlobalName name = graph.global(graph.class_of(instance));
  if (!in_apps) return name.qualified;
  if (name.name == "RenderingTaskDefinition") return "apps.rendering.task.renderingtaskstate.RenderingTaskDefinition";
  if (name.name == "GNRTaskDefinition") return "apps.core.task.gnrtaskstate.GNRTaskDefinition";
  return name.qualified;
}

}  // namespace

Calls::Handler Calls::find_handler(std::string_view name) {
  struct Row {
    std::string_view name;
    Handler handler;
  };
  static constexpr auto k_sorted = [] {
    std::array rows{
#define GT_CALLABLE(name, handler) Row{name, &Calls::handler},
#define GT_EXCEPTION(name) Row{"exceptions." #name, &Calls::keep_exception}, Row{"__builtin__." #name, &Calls::keep_exception},
#include "lib/pickle/globals.def"
    };
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
    return rows;
  }();
  const auto* const found =
      std::lower_bound(k_sorted.begin(), k_sorted.end(), name, [](const Row& row, std::string_view n) { return row.name < n; });
  return found != k_sorted.end() && found->name == name ? found->handler : nullptr;
}

Calls::Known Calls::look_up(const object::GlobalName& name) {
  Known out;
  out.asked = true;
  const std::string_view module = table_module(name.module);
  out.handler = find_handler(module == name.module ? name.qualified : std::string(module).append(".").append(name.name));
  out.style = object::find_class_style(name.qualified);
  const std::string_view package = std::string_view(name.module).substr(0, name.module.find('.'));
  const bool function = is_builtin_module(name.module) && !contains(k_builtin_types, name.name);
  out.sets_attributes =
      out.style == ClassStyle::New || name.name == "RenderingTaskDefinition" || name.name == "GNRTaskDefinition";
  out.is_class = !function && !contains(k_acting_modules, package);
  return out;
}

const Calls::Known& Calls::known(Value global) {
  const std::uint64_t number = object::Graph::handle(global);
  if (number >= known_.size()) known_.resize(graph_.globals().size());
  Known& out = known_[number];
  if (!out.asked) out = look_up(graph_.global(global));
  return out;
}

std::string_view Calls::name_of(Value class_value) { return graph_.qualified_name(class_value); }

Error Calls::unknown_call(std::string_view name) const {
  return reader_.error(ErrorCode::PickleUnknownCall, fmt::format(k_unknown_call, printable(name)));
}

Value Calls::reduce(Value callable, Value arguments) {
  if (!callable.is(Kind::Global)) throw wrong_type(std::string(k_no_callable));
  if (!arguments.is(Kind::Tuple)) throw wrong_type(fmt::format(k_calls_no_tuple, printable(name_of(callable))));
  const Call call{callable, graph_.items(arguments)};
  copies_.take(call.arguments.size());
  if (const Handler handler = known(callable).handler) return (this->*handler)(call);
  if (known(callable).style && call.arguments.empty()) return constructed(callable);
  if (unknown_calls_ == UnknownCalls::Keep) return keep_as_reduce(call);
  throw unknown_call(name_of(callable));
}

Value Calls::instantiate(Value class_value, std::span<const Value> arguments) {
  require_class(class_value);
  if (!arguments.empty()) throw unknown_call(name_of(class_value));
  return constructed(class_value);
}

Value Calls::new_object(Value class_value, Value arguments, Value keywords) {
  require_class(class_value);
  const std::string_view name = name_of(class_value);
  if (!arguments.is(Kind::Tuple)) throw wrong_type(fmt::format(k_makes_no_tuple, printable(name)));
  if (known(class_value).style == ClassStyle::Old)
    throw wrong_type("makes a " + std::string(name) + " by __new__, which this classic class does not have");
  copies_.take(graph_.items(arguments).size());
  const Handler handler = known(class_value).handler;
  if (handler != nullptr && handler != &Calls::make_docker_environment && handler != &Calls::make_image)
    return (this->*handler)({class_value, graph_.items(arguments)});
  const Value out = graph_.make_instance(class_value);
  if (keywords && !graph_.entries(keywords).empty()) {
    const Value parts[] = {arguments, keywords};
    graph_.set_facet(out, Facet::NewArgsEx, graph_.make_sequence(Kind::RawList, parts));
  } else if (!graph_.items(arguments).empty()) {
    graph_.set_facet(out, Facet::NewArgs, arguments);
  }
  return out;
}

bool Calls::may_call(const object::GlobalName& callable) {
  const Known known = look_up(callable);
  return known.handler != nullptr || known.style;
}

bool Calls::may_be_class(const object::GlobalName& name) { return look_up(name).is_class; }

bool Calls::makes_values(const object::GlobalName& name) {
  const Handler handler = look_up(name).handler;
  constexpr Handler k_of_instances[] = {nullptr, &Calls::make_docker_environment, &Calls::make_image, &Calls::make_complex};
  return !contains(k_of_instances, handler);
}

void Calls::require_class(Value class_value) {
  if (!class_value.is(Kind::Global)) throw wrong_type(std::string(k_no_class));
  if (!known(class_value).is_class) throw unknown_call(name_of(class_value));
}

Value Calls::constructed(Value class_value) {
  if (known(class_value).sets_attributes) copies_.take(k_constructed_values);
  const Value out = graph_.make_instance(class_value);
  // A classic class gets a bare instance; of an unknown one nothing is known.
  if (known(class_value).style != ClassStyle::Old) constructed_.push_back(out);
  object::Making making;
  making.classic = !known(class_value).style;
  if (making.classic) graph_.set_making(out, making);
  return out;
}

void Calls::finish() {
  for (const Value set : filled_sets_) graph_.replace_items(set, object::python2_unique(graph_, graph_.items(set)));
  bool in_apps = false;
  bool before_gnr = false;
  for (const object::GlobalName& name : graph_.globals()) {
    in_apps = in_apps || name.module.starts_with("apps.");
    before_gnr = before_gnr || name.module.starts_with("examples.");
  }
  if (before_gnr) return;  // classic classes all
  for (const Value instance : constructed_)
    object::add_constructor_attributes(graph_, instance, era_class(graph_, instance, in_apps));
}

// copy_reg._reconstructor(class, base, state) is how protocols 0 and 1 make an instance of a new-style class.
Value Calls::reconstruct(const Call& call) {
  if (call.arguments.size() != 3) throw wrong_type("calls copy_reg._reconstructor with other than 3 arguments");
  const Value class_value = call.arguments[0];
  const Value base = call.arguments[1];
  const Value state = call.arguments[2];
  require_class(class_value);
  const std::string_view name = name_of(class_value);
  if (known(class_value).style == ClassStyle::Old)
    throw wrong_type("reconstructs a " + std::string(name) + ", which is a classic class and cannot be");
  if (!base.is(Kind::Global) || !is_builtin_module(graph_.global(base).module) ||
      !contains(k_builtin_types, graph_.global(base).name))
    throw wrong_type("reconstructs a " + printable(name) + " on a base that is no built-in type");
  const Value out = graph_.make_instance(class_value);
  const std::string_view base_name = graph_.global(base).name;
  if (base_name == "list" && state.is(Kind::List)) {
    copies_.take(graph_.items(state).size());
    graph_.set_facet(out, Facet::Seq, graph_.make_sequence(Kind::RawList, graph_.items(state)));
  } else if (base_name == "dict" && state.is(Kind::Dict)) {
    copies_.take(graph_.entries(state).size());
    graph_.add_entries(out, state);
    object::Making making;
    making.items = static_cast<std::uint32_t>(graph_.entries(out).size());
    graph_.set_making(out, making);
  } else if (base_name != "object") {
    graph_.set_facet(out, Facet::NewArgs, graph_.make_sequence(Kind::Tuple, {&state, 1}));
    object::Making making;
    making.by_base = true;
    graph_.set_making(out, making);
  }
  return out;
}

Value Calls::set_of(const Call& call, Kind kind) {
  if (call.arguments.empty()) return graph_.make_sequence(kind);
  const Value source = call.arguments[0];
  if (call.arguments.size() > 1 || !object::is_sequence(source.kind()) || source.is(Kind::PersistentId))
    throw wrong_type("makes a set of something that is no list");
  copies_.take(4 * graph_.items(source).size());  // each is hashed and compared, too
  try {
    for (const Value element : graph_.items(source)) {
      if (object::has_identity(element.kind())) static_cast<void>(object::python2_hash(graph_, element));
    }
  } catch (const Error& error) {
    throw reader_.error(error);
  }
  return make_set_of(kind, graph_.items(source));
}

// What may be large waits, as a file that is cut needs no table. So does what has sets in it that wait.
Value Calls::make_set_of(Kind kind, Arguments elements) {
  constexpr std::size_t k_few = 8;
  const bool may_wait = elements.size() > k_few ||
                        std::any_of(elements.begin(), elements.end(), [](Value v) { return object::is_container(v.kind()); });
  if (!may_wait) return graph_.make_sequence(kind, object::python2_unique(graph_, elements));
  const Value set = graph_.make_sequence(kind, elements);
  note_filled(set);
  return set;
}

Value Calls::make_set(const Call& call) { return set_of(call, Kind::Set); }
Value Calls::make_frozen_set(const Call& call) { return set_of(call, Kind::FrozenSet); }

Value Calls::make_docker_environment(const Call& call) {
  copies_.take(k_constructed_values);
  const std::string_view name = graph_.qualified_name(call.callable);
  const Value out = object::make_object(graph_, name);
  if (call.arguments.empty()) return out;
  if (call.arguments.size() > 1 || (!call.arguments[0].is(Kind::Bytes) && !call.arguments[0].is(Kind::Text)))
    throw wrong_type("calls " + std::string(name) + " with other than one tag");
  const Value images = graph_.find(out, "docker_images");
  const std::string repository(graph_.string_of(graph_.find(graph_.items(images)[0], "repository")));
  const std::string tag(graph_.string_of(call.arguments[0]));
  graph_.set_item(images, 0, object::make_docker_image(graph_, "golem.docker.image.DockerImage", repository, tag));
  return out;
}

Value Calls::make_image(const Call& call) {
  if (call.arguments.size() != 1 || (!call.arguments[0].is(Kind::Bytes) && !call.arguments[0].is(Kind::Text)))
    throw wrong_type("calls golem.docker.image.DockerImage with other than one repository");
  const std::string repository(graph_.string_of(call.arguments[0]));
  return object::make_docker_image(graph_, "golem.docker.image.DockerImage", repository, "latest");
}

Value Calls::make_default_dict(const Call& call) {
  const Value out = graph_.make_instance(call.callable);
  if (!call.arguments.empty()) graph_.set_facet(out, Facet::DefaultFactory, call.arguments[0]);
  return out;
}

// copy_reg.__newobj__(class, *arguments)
Value Calls::make_new_object(const Call& call) {
  if (call.arguments.empty()) throw wrong_type("makes an object of no class");
  return new_object(call.arguments[0], graph_.make_sequence(Kind::Tuple, call.arguments.subspan(1)));
}

// copy_reg.__newobj_ex__(class, arguments, keywords)
Value Calls::make_new_object_with_keywords(const Call& call) {
  if (call.arguments.size() != 3 || !call.arguments[2].is(Kind::Dict))
    throw wrong_type("makes an object of other than a class, arguments and keywords");
  return new_object(call.arguments[0], call.arguments[1], call.arguments[2]);
}

// bytes() is how Python 3 says b'' in the protocols that know no bytes.
Value Calls::make_binary(const Call& call) {
  if (call.arguments.empty()) return graph_.make_string(Kind::Binary, "");
  if (call.arguments.size() > 1 || !object::is_string(call.arguments[0].kind()))
    throw wrong_type("makes bytes of something that is no string");
  copies_.take_bytes(graph_.string_of(call.arguments[0]).size());
  return graph_.make_string(Kind::Binary, graph_.string_of(call.arguments[0]));
}

// _codecs.encode(u'...', 'latin1'), as Python 3 writes bytes in the protocols that know none: each character is one byte.
Value Calls::encode_text(const Call& call) {
  const bool fits = call.arguments.size() == 2 && call.arguments[0].is(Kind::Text) && is_latin1(graph_, call.arguments[1]);
  if (fits) copies_.take_bytes(graph_.string_of(call.arguments[0]).size());
  const auto bytes = fits ? to_latin1(graph_.string_of(call.arguments[0])) : std::nullopt;
  if (!bytes) throw wrong_type("encodes something that is no text of Latin-1 characters");
  return graph_.make_string(Kind::Binary, *bytes);
}

// bytearray(u'...', 'latin-1') of Python 2, bytearray(b'...') of Python 3.
Value Calls::make_byte_array(const Call& call) {
  if (call.arguments.empty()) return graph_.make_byte_array("");
  const Value source = call.arguments[0];
  if (object::is_string(source.kind())) copies_.take_bytes(graph_.string_of(source).size());
  if (call.arguments.size() == 1 && (source.is(Kind::Binary) || source.is(Kind::Bytes)))
    return graph_.make_byte_array(graph_.string_of(source));
  if (call.arguments.size() != 2 || !source.is(Kind::Text) || !is_latin1(graph_, call.arguments[1]))
    throw wrong_type("makes a bytearray of other than a text and its encoding, which is latin-1");
  const auto bytes = to_latin1(graph_.string_of(source));
  if (!bytes) throw wrong_type("makes a bytearray of a character that is no byte");
  return graph_.make_byte_array(*bytes);
}

// jsonpickle's simple reduction handlers: "__reduce__" is a list of the class and the arguments.
Value Calls::keep_in_handler(Value callable, Arguments arguments) {
  const Value out = graph_.make_instance(callable);
  const Value parts[] = {callable, graph_.make_sequence(Kind::Tuple, arguments)};
  graph_.set(out, "__reduce__", graph_.make_sequence(Kind::RawList, parts));
  return out;
}

Value Calls::keep_as_handler(const Call& call) { return keep_in_handler(call.callable, call.arguments); }

// Python 3 makes these two empty and then adds the items; in Python 2, and so in jsonpickle, the items are an argument.
Value Calls::make_ordered_dict(const Call& call) {
  if (!call.arguments.empty()) return keep_as_handler(call);
  const Value items = graph_.make_sequence(Kind::List);
  return keep_in_handler(call.callable, {&items, 1});
}

Value Calls::make_deque(const Call& call) {
  if (!call.arguments.empty() && !call.arguments[0].is(Kind::Tuple)) return keep_as_handler(call);
  if (!call.arguments.empty()) copies_.take(graph_.items(call.arguments[0]).size());
  std::vector<Value> arguments(call.arguments.begin(), call.arguments.end());
  arguments.resize(std::max<std::size_t>(1, arguments.size()));
  arguments[0] = graph_.make_sequence(Kind::List, arguments[0] ? graph_.items(arguments[0]) : Arguments());
  return keep_in_handler(call.callable, arguments);
}

Value Calls::keep(Value callable, Value arguments, Value state) {
  const Value out = graph_.make_instance(callable);
  const Value none = Value::none();
  const Value parts[] = {callable, arguments, state, none, none};
  graph_.set_facet(out, Facet::Reduce, graph_.make_sequence(Kind::RawList, parts));
  return out;
}

Value Calls::keep_as_reduce(const Call& call) {
  return keep(call.callable, graph_.make_sequence(Kind::Tuple, call.arguments), Value::none());
}

// By looking at an exception's attributes jsonpickle made it have some, so that its state is {}.
Value Calls::keep_exception(const Call& call) {
  return keep(call.callable, graph_.make_sequence(Kind::Tuple, call.arguments), graph_.make_dict());
}

// The date and time types: the packed bytes of the pickle, in base64.
Value Calls::keep_datetime(const Call& call) {
  if (call.arguments.empty() || (!call.arguments[0].is(Kind::Bytes) && !call.arguments[0].is(Kind::Binary)))
    throw wrong_type("makes a date or time without its packed bytes");
  copies_.take_bytes(2 * graph_.string_of(call.arguments[0]).size());
  const Value out = graph_.make_instance(call.callable);
  std::vector<Value> packed(call.arguments.begin(), call.arguments.end());
  packed[0] = graph_.make_string(Kind::Bytes, to_base64(graph_.string_of(packed[0])));
  const Value parts[] = {call.callable, graph_.make_sequence(Kind::RawList, packed)};
  graph_.set(out, "__reduce__", graph_.make_sequence(Kind::RawList, parts));
  return out;
}

// complex(real, imaginary)
Value Calls::make_complex(const Call& call) {
  const auto is_number = [](Value v) { return v.is(Kind::Float) || v.is(Kind::Int) || v.is(Kind::Long) || v.is(Kind::Bool); };
  if (call.arguments.size() > 2 || !std::all_of(call.arguments.begin(), call.arguments.end(), is_number))
    throw wrong_type("makes a complex number of other than two numbers");
  const Value out = graph_.make_instance(call.callable);
  graph_.set_facet(out, Facet::NewArgs, graph_.make_sequence(Kind::Tuple, call.arguments));
  return out;
}

// --- what is added to an object after it was made

// The list that a handler made: it is always the first attribute.
Value Calls::handler_parts(Value instance) const {
  const auto attributes = graph_.entries(instance);
  const bool handled = !attributes.empty() && attributes[0].key.is(Kind::Bytes) &&
                       graph_.string_of(attributes[0].key) == "__reduce__" && attributes[0].value.is(Kind::RawList);
  return handled ? attributes[0].value : Value();
}

// The first argument in the list that the handler of `class_name` made.
Value Calls::handler_argument(Value instance, std::string_view class_name) const {
  const Value parts = handler_parts(instance);
  if (!parts || graph_.qualified_name(graph_.class_of(instance)) != class_name) return {};
  const Value argument = graph_.items(graph_.items(parts)[1])[0];
  return argument.is(Kind::List) ? argument : Value();
}

// Parts 3 and 4 of a reduction are None or a tuple.
void Calls::add_reduced(Value parts, std::size_t index, Value item) {
  if (!graph_.items(parts)[index].is(Kind::Tuple)) graph_.set_item(parts, index, graph_.make_sequence(Kind::Tuple));
  graph_.append(graph_.items(parts)[index], item);
}

bool Calls::append(Value instance, Value item) {
  if (const Value items = handler_argument(instance, "collections.deque")) {
    graph_.append(items, item);
    return true;
  }
  const Value reduced = graph_.facet(instance, Facet::Reduce);
  if (reduced) add_reduced(reduced, 3, item);
  return static_cast<bool>(reduced);
}

bool Calls::set_item(Value instance, Value key, Value value) {
  const Value pair[] = {key, value};
  if (const Value items = handler_argument(instance, "collections.OrderedDict")) {
    graph_.append(items, graph_.make_sequence(Kind::List, pair));
    return true;
  }
  const Value reduced = graph_.facet(instance, Facet::Reduce);
  if (reduced) add_reduced(reduced, 4, graph_.make_sequence(Kind::Tuple, pair));
  return static_cast<bool>(reduced);
}

bool Calls::set_state(Value instance, Value state) {
  if (const Value parts = handler_parts(instance)) {
    graph_.append(parts, state);  // jsonpickle's handlers keep it as a third part
    return true;
  }
  const Value reduced = graph_.facet(instance, Facet::Reduce);
  if (reduced) graph_.set_item(reduced, 2, state);
  return static_cast<bool>(reduced);
}

}  // namespace gt::pickle
