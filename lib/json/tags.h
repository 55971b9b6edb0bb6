// The tags of jsonpickle 0.9.3. Source: jsonpickle/tags.py; docs/formats.md b and c.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "lib/object/graph.h"

namespace gt::json {

struct FacetTag {
  object::Facet facet;
  std::string_view name;
};

// In the order in which jsonpickle adds them to an object: before its attributes, and after them.
inline constexpr FacetTag k_facets_before_attributes[] = {
    {object::Facet::NewArgsEx, "py/newargsex"}, {object::Facet::NewArgs, "py/newargs"},
    {object::Facet::InitArgs, "py/initargs"},   {object::Facet::State, "py/state"},
    {object::Facet::Repr, "py/repr"},           {object::Facet::Iterator, "py/iterator"}};
inline constexpr FacetTag k_facets_after_attributes[] = {
    {object::Facet::Seq, "py/seq"}, {object::Facet::DefaultFactory, "default_factory"}, {object::Facet::Reduce, "py/reduce"}};

// Names that jsonpickle keeps for itself: a dict entry or attribute with such a name is dropped.
inline constexpr std::string_view k_reserved_tags[] = {
    "py/bytes",  "py/function", "py/id",   "py/initargs", "py/iterator", "py/newargs", "py/newargsex", "py/newobj", "py/object",
    "py/reduce", "py/ref",      "py/repr", "py/seq",      "py/set",      "py/state",   "py/tuple",     "py/type"};

inline bool is_reserved_tag(std::string_view name) {
  return std::find(std::begin(k_reserved_tags), std::end(k_reserved_tags), name) != std::end(k_reserved_tags);
}

}  // namespace gt::json
