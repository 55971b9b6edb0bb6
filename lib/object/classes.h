// What is known of the classes that saved tasks name: classes.def.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/object/graph.h"

namespace gt::object {

// Python 2 has two kinds of classes, and pickles treat them differently.
enum class ClassStyle : std::uint8_t { New, Old };

// The style of a class of state B or of Python itself (object), nullopt for every other name.
std::optional<ClassStyle> find_class_style(std::string_view qualified_name);

// Sets the attributes that the constructor of `class_name` (usually the instance's own class) sets, unless the instance has
// them. Unknown classes set nothing.
void add_constructor_attributes(Graph& graph, Value instance, std::string_view class_name);

// A new object of a class of the table, as its constructor makes it.
Value make_object(Graph& graph, std::string_view class_name);

// golem.docker.image.DockerImage(repository, tag=tag), of the module in `class_name`.
Value make_docker_image(Graph& graph, std::string_view class_name, std::string_view repository, std::string_view tag);

// The name that Python 2 has for the type of scalars, complex numbers, tuples, sets and frozensets; empty for everything else.
std::string_view builtin_type(const Graph& graph, Value value);

// Splits "a.b.Name" at its last dot and makes the global.
Value make_class(Graph& graph, std::string_view qualified_name);

}  // namespace gt::object
