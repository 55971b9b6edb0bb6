#include "lib/object/classes.h"

#include <charconv>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/base/error.h"

namespace gt::object {
namespace {

enum class Form : std::uint8_t { Text, Int, Float, None, False, EmptySet, List, Tuple, Ints, Range, Class, New, Images };

struct Attribute {
  std::string_view owner;
  std::string_view name;
  Form form;
  std::string_view text;
};
struct StyleRow {
  ClassStyle style;
  std::string_view name;
};
struct BaseRow {
  std::string_view derived;
  std::string_view base;
};

#define GT_CLASS(style, name)
#define GT_BASE(derived, base)
#define GT_ATTRIBUTE(owner, name, form, text) {owner, name, Form::form, text},
constexpr Attribute k_attributes[] = {
#include "lib/object/classes.def"
};
#undef GT_CLASS
#undef GT_ATTRIBUTE
#define GT_ATTRIBUTE(owner, name, form, text)
#define GT_CLASS(style, name) {ClassStyle::style, name},
constexpr StyleRow k_styles[] = {GT_CLASS(New, "__builtin__.object")
#include "lib/object/classes.def"
};
#undef GT_CLASS
#undef GT_BASE
#define GT_CLASS(style, name)
#define GT_BASE(derived, base) {derived, base},
constexpr BaseRow k_bases[] = {
#include "lib/object/classes.def"
};
#undef GT_CLASS
#undef GT_BASE
#undef GT_ATTRIBUTE

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t bar = text.find('|');
    out.push_back(text.substr(0, bar));
    text = bar == std::string_view::npos ? std::string_view() : text.substr(bar + 1);
  }
  return out;
}

std::int64_t number(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

Value make_numbers(Graph& graph, Kind kind, std::string_view text) {
  const Value out = graph.make_sequence(kind);
  for (const std::string_view part : split(text)) graph.append(out, graph.make_int(number(part)));
  return out;
}

Value make_range(Graph& graph, std::string_view text) {
  const auto ends = split(text);
  const Value out = graph.make_sequence(Kind::List);
  for (std::int64_t i = number(ends[0]); i <= number(ends[1]); ++i) graph.append(out, graph.make_int(i));
  return out;
}

Value make_texts(Graph& graph, std::string_view text) {
  const Value out = graph.make_sequence(Kind::List);
  for (const std::string_view part : split(text)) graph.append(out, graph.make_string(Kind::Bytes, part));
  return out;
}

Value make_attribute(Graph& graph, const Attribute& attribute) {
  switch (attribute.form) {
    case Form::Text: return graph.make_string(Kind::Bytes, attribute.text);
    case Form::Int: return graph.make_int(number(attribute.text));
    case Form::Float: return graph.make_float(std::strtod(std::string(attribute.text).c_str(), nullptr));
    case Form::None: return Value::none();
    case Form::False: return Value::boolean(false);
    case Form::EmptySet: return graph.make_sequence(Kind::Set);
    case Form::List: return make_texts(graph, attribute.text);
    case Form::Tuple: return make_numbers(graph, Kind::Tuple, attribute.text);
    case Form::Ints: return make_numbers(graph, Kind::List, attribute.text);
    case Form::Range: return make_range(graph, attribute.text);
    case Form::Class: return make_class(graph, attribute.text);
    case Form::New: return make_object(graph, attribute.text);
    case Form::Images: {
      const Value image = make_docker_image(graph, "golem.docker.image.DockerImage", attribute.text, "latest");
      return graph.make_sequence(Kind::List, {&image, 1});
    }
  }
  throw Error(ErrorCode::Bug, "a form of classes.def has no builder");
}

}  // namespace

std::optional<ClassStyle> find_class_style(std::string_view qualified_name) {
  for (const StyleRow& row : k_styles)
    if (row.name == qualified_name) return row.style;
  return std::nullopt;
}

std::string_view builtin_type(const Graph& graph, Value value) {
  struct Row {
    Kind kind;
    std::string_view name;
  };
  constexpr Row k_rows[] = {
      {Kind::Bool, "bool"},   {Kind::Int, "int"},      {Kind::Long, "long"},          {Kind::Float, "float"},
      {Kind::Bytes, "str"},   {Kind::Text, "unicode"}, {Kind::Binary, "bytes"},       {Kind::ByteArray, "bytearray"},
      {Kind::Tuple, "tuple"}, {Kind::Set, "set"},      {Kind::FrozenSet, "frozenset"}};
  for (const Row& row : k_rows)
    if (value.is(row.kind)) return row.name;
  const std::string_view class_name = graph.class_name(value);
  return class_name == "__builtin__.complex" || class_name == "builtins.complex" ? "complex" : "";
}

void add_constructor_attributes(Graph& graph, Value instance, std::string_view class_name) {
  for (const BaseRow& row : k_bases)
    if (row.derived == class_name) add_constructor_attributes(graph, instance, row.base);
  for (const Attribute& attribute : k_attributes) {
    if (attribute.owner != class_name || graph.find(instance, attribute.name)) continue;
    const Value key = graph.make_string(Kind::Bytes, attribute.name);
    graph.add_entry(instance, key, make_attribute(graph, attribute));
  }
}

Value make_object(Graph& graph, std::string_view class_name) {
  const Value out = graph.make_instance(make_class(graph, class_name));
  add_constructor_attributes(graph, out, class_name);
  return out;
}

Value make_docker_image(Graph& graph, std::string_view class_name, std::string_view repository, std::string_view tag) {
  const Value out = graph.make_instance(make_class(graph, class_name));
  graph.set(out, "repository", graph.make_string(Kind::Bytes, repository));
  graph.set(out, "id", Value::none());
  graph.set(out, "tag", graph.make_string(Kind::Bytes, tag));
  graph.set(out, "name", graph.make_string(Kind::Bytes, std::string(repository).append(":").append(tag)));
  return out;
}

Value make_class(Graph& graph, std::string_view qualified_name) {
  const std::size_t dot = qualified_name.rfind('.');
  if (dot == std::string_view::npos) return graph.make_global({}, qualified_name);
  return graph.make_global(qualified_name.substr(0, dot), qualified_name.substr(dot + 1));
}

}  // namespace gt::object
