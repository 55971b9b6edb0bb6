#include "lib/pickle/calls.h"

#include <algorithm>
#include <string>

#include "lib/base/text.h"
#include "lib/object/classes.h"
#include "lib/object/python2.h"

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
                                                 "pickle", "cPickle", "webbrowser", "platform",   "builtins"};

constexpr std::string_view k_builtin_types[] = {"basestring", "bool", "bytearray", "complex", "dict",    "float",
                                                "frozenset",  "int",  "list",      "long",    "object",  "set",
                                                "slice",      "str",  "tuple",     "type",    "unicode", "xrange"};

template <typename Range>
bool contains(const Range& range, std::string_view name) {
  return std::find(std::begin(range), std::end(range), name) != std::end(range);
}

Error unknown_call(const Instruction& at, std::string_view name) {
  return error_at(at, ErrorCode::PickleUnknownCall,
                  "calls " + printable(name) + ", which is not a type that a task file may name; nothing was run");
}

std::string base64(std::string_view bytes) {
  constexpr char k_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= left ? k_digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

// Which definition's constructor the file's own era ran, for a class of that file.
std::string era_class(const object::Graph& graph, Value instance, bool in_apps) {
  const object::GlobalName& name = graph.global(graph.class_of(instance));
  if (!in_apps) return name.qualified();
  if (name.name == "RenderingTaskDefinition") return "apps.rendering.task.renderingtaskstate.RenderingTaskDefinition";
  if (name.name == "GNRTaskDefinition") return "apps.core.task.gnrtaskstate.GNRTaskDefinition";
  return name.qualified();
}

}  // namespace

const Calls::Row Calls::k_rows[] = {
#define GT_CALLABLE(name, handler) {name, &Calls::handler},
#include "lib/pickle/globals.def"
#undef GT_CALLABLE
};

Value Calls::reduce(const Instruction& at, Value callable, Value arguments) {
  if (!callable.is(Kind::Global)) throw error_at(at, ErrorCode::PickleWrongType, "calls a value that is no class or function");
  const std::string name = graph_.global(callable).qualified();
  if (!arguments.is(Kind::Tuple))
    throw error_at(at, ErrorCode::PickleWrongType, "calls " + printable(name) + " with arguments that are no tuple");
  const Call call{at, callable, graph_.items(arguments)};
  for (const Row& row : k_rows)
    if (row.name == name) return (this->*row.handler)(call);
  if (object::find_class_style(name) && call.arguments.empty()) return constructed(callable);
  throw unknown_call(at, name);
}

Value Calls::instantiate(const Instruction& at, Value class_value, std::span<const Value> arguments) {
  require_class(at, class_value);
  if (!arguments.empty()) throw unknown_call(at, graph_.global(class_value).qualified());
  return constructed(class_value);
}

Value Calls::new_object(const Instruction& at, Value class_value, Value arguments) {
  require_class(at, class_value);
  const std::string name = graph_.global(class_value).qualified();
  if (!arguments.is(Kind::Tuple))
    throw error_at(at, ErrorCode::PickleWrongType, "makes a " + printable(name) + " with arguments that are no tuple");
  if (object::find_class_style(name) == ClassStyle::Old)
    throw error_at(at, ErrorCode::PickleWrongType, "makes a " + name + " by __new__, which this classic class does not have");
  for (const Row& row : k_rows)
    if (row.name == name && row.handler != &Calls::make_docker_environment && row.handler != &Calls::make_image)
      return (this->*row.handler)({at, class_value, graph_.items(arguments)});
  const Value out = graph_.make_instance(class_value);
  if (!graph_.items(arguments).empty()) graph_.set_facet(out, Facet::NewArgs, arguments);
  return out;
}

void Calls::require_class(const Instruction& at, Value class_value) const {
  if (!class_value.is(Kind::Global)) throw error_at(at, ErrorCode::PickleWrongType, "names a class that is not one");
  const object::GlobalName& name = graph_.global(class_value);
  const std::string_view package = std::string_view(name.module).substr(0, name.module.find('.'));
  const bool function = name.module == "__builtin__" && !contains(k_builtin_types, name.name);
  if (function || contains(k_acting_modules, package)) throw unknown_call(at, name.qualified());
}

Value Calls::constructed(Value class_value) {
  const Value out = graph_.make_instance(class_value);
  // A classic class gets a bare instance; of an unknown one nothing is known.
  if (object::find_class_style(graph_.global(class_value).qualified()) != ClassStyle::Old) constructed_.push_back(out);
  return out;
}

void Calls::finish() {
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
  if (call.arguments.size() != 3)
    throw error_at(call.at, ErrorCode::PickleWrongType, "calls copy_reg._reconstructor with other than 3 arguments");
  const Value class_value = call.arguments[0];
  const Value base = call.arguments[1];
  const Value state = call.arguments[2];
  require_class(call.at, class_value);
  const std::string name = graph_.global(class_value).qualified();
  if (object::find_class_style(name) == ClassStyle::Old)
    throw error_at(call.at, ErrorCode::PickleWrongType, "reconstructs a " + name + ", which is a classic class and cannot be");
  if (!base.is(Kind::Global) || graph_.global(base).module != "__builtin__" ||
      !contains(k_builtin_types, graph_.global(base).name))
    throw error_at(call.at, ErrorCode::PickleWrongType,
                   "reconstructs a " + printable(name) + " on a base that is no built-in type");
  const Value out = graph_.make_instance(class_value);
  const std::string& base_name = graph_.global(base).name;
  if (base_name == "list" && state.is(Kind::List)) {
    graph_.set_facet(out, Facet::Seq, graph_.make_sequence(Kind::RawList, graph_.items(state)));
  } else if (base_name == "dict" && state.is(Kind::Dict)) {
    graph_.add_entries(out, state);
  } else if (base_name != "object") {
    graph_.set_facet(out, Facet::NewArgs, graph_.make_sequence(Kind::Tuple, {&state, 1}));
  }
  return out;
}

Value Calls::set_of(const Call& call, Kind kind) {
  if (call.arguments.empty()) return graph_.make_sequence(kind);
  const Value source = call.arguments[0];
  if (call.arguments.size() > 1 || !object::is_sequence(source.kind()))
    throw error_at(call.at, ErrorCode::PickleWrongType, "makes a set of something that is no list");
  try {
    return graph_.make_sequence(kind, object::python2_unique(graph_, graph_.items(source)));
  } catch (const Error& error) {
    throw error_at(call.at, error);
  }
}

Value Calls::make_set(const Call& call) { return set_of(call, Kind::Set); }
Value Calls::make_frozen_set(const Call& call) { return set_of(call, Kind::FrozenSet); }

Value Calls::make_docker_environment(const Call& call) {
  const std::string name = graph_.global(call.callable).qualified();
  const Value out = object::make_object(graph_, name);
  if (call.arguments.empty()) return out;
  if (call.arguments.size() > 1 || (!call.arguments[0].is(Kind::Bytes) && !call.arguments[0].is(Kind::Text)))
    throw error_at(call.at, ErrorCode::PickleWrongType, "calls " + name + " with other than one tag");
  const Value images = graph_.find(out, "docker_images");
  const std::string repository(graph_.string_of(graph_.find(graph_.items(images)[0], "repository")));
  const std::string tag(graph_.string_of(call.arguments[0]));
  graph_.set_item(images, 0, object::make_docker_image(graph_, "golem.docker.image.DockerImage", repository, tag));
  return out;
}

Value Calls::make_image(const Call& call) {
  if (call.arguments.size() != 1 || (!call.arguments[0].is(Kind::Bytes) && !call.arguments[0].is(Kind::Text)))
    throw error_at(call.at, ErrorCode::PickleWrongType, "calls golem.docker.image.DockerImage with other than one repository");
  const std::string repository(graph_.string_of(call.arguments[0]));
  return object::make_docker_image(graph_, "golem.docker.image.DockerImage", repository, "latest");
}

Value Calls::make_default_dict(const Call& call) {
  const Value out = graph_.make_instance(call.callable);
  if (!call.arguments.empty()) graph_.set_facet(out, Facet::DefaultFactory, call.arguments[0]);
  return out;
}

// bytearray(u'...', 'latin-1'): each character is one byte; jsonpickle writes them as a list of numbers.
Value Calls::make_byte_array(const Call& call) {
  const bool empty = call.arguments.empty();
  if (!empty && (call.arguments.size() != 2 || !call.arguments[0].is(Kind::Text)))
    throw error_at(call.at, ErrorCode::PickleWrongType, "makes a bytearray of other than a text and its encoding");
  const Value numbers = graph_.make_sequence(Kind::RawList);
  const std::string_view text = empty ? std::string_view() : graph_.string_of(call.arguments[0]);
  for (std::size_t i = 0; i < text.size();) {
    const char32_t byte = next_code_point(text, i);
    if (byte > 0xFF) throw error_at(call.at, ErrorCode::PickleWrongType, "makes a bytearray of a character that is no byte");
    graph_.append(numbers, graph_.make_int(static_cast<std::int64_t>(byte)));
  }
  const Value out = graph_.make_instance(call.callable);
  graph_.set_facet(out, Facet::Seq, numbers);
  return out;
}

// jsonpickle's simple reduction handlers: "__reduce__" is a list of the class and the arguments.
Value Calls::keep_as_handler(const Call& call) {
  const Value out = graph_.make_instance(call.callable);
  const Value parts[] = {call.callable, graph_.make_sequence(Kind::Tuple, call.arguments)};
  graph_.set(out, "__reduce__", graph_.make_sequence(Kind::RawList, parts));
  return out;
}

Value Calls::keep_as_reduce(const Call& call) {
  const Value out = graph_.make_instance(call.callable);
  const Value none = Value::none();
  const Value parts[] = {call.callable, graph_.make_sequence(Kind::Tuple, call.arguments), none, none, none};
  graph_.set_facet(out, Facet::Reduce, graph_.make_sequence(Kind::RawList, parts));
  return out;
}

// The date and time types: the packed bytes of the pickle, in base64.
Value Calls::keep_datetime(const Call& call) {
  if (call.arguments.empty() || !call.arguments[0].is(Kind::Bytes))
    throw error_at(call.at, ErrorCode::PickleWrongType, "makes a date or time without its packed bytes");
  const Value out = graph_.make_instance(call.callable);
  std::vector<Value> packed(call.arguments.begin(), call.arguments.end());
  packed[0] = graph_.make_string(Kind::Bytes, base64(graph_.string_of(packed[0])));
  const Value parts[] = {call.callable, graph_.make_sequence(Kind::RawList, packed)};
  graph_.set(out, "__reduce__", graph_.make_sequence(Kind::RawList, parts));
  return out;
}

Value Calls::keep_new_arguments(const Call& call) {
  const Value out = graph_.make_instance(call.callable);
  graph_.set_facet(out, Facet::NewArgs, graph_.make_sequence(Kind::Tuple, call.arguments));
  return out;
}

}  // namespace gt::pickle
