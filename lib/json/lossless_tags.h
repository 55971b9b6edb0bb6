// The tags of the lossless form. docs/lossless.md says what they mean, schemas/lossless-1.schema.json which parts they have.
#pragma once

#include <string_view>

#include "lib/object/graph.h"

namespace gt::json {

inline constexpr std::string_view k_lossless_key = "gt-tools";
inline constexpr std::string_view k_lossless_version = "lossless-1";

struct KindTag {
  object::Kind kind;
  std::string_view tag;
};

// What has parts: [...]
inline constexpr KindTag k_sequence_tags[] = {{object::Kind::List, "list"},   {object::Kind::Tuple, "tuple"},
                                              {object::Kind::Set, "set"},     {object::Kind::FrozenSet, "frozenset"},
                                              {object::Kind::RawList, "raw"}, {object::Kind::PersistentId, "persistent"}};

// What has bytes: a text with one character, U+0000 to U+00FF, for each.
inline constexpr KindTag k_bytes_tags[] = {
    {object::Kind::Bytes, "str"}, {object::Kind::Binary, "bytes"}, {object::Kind::ByteArray, "bytearray"}};

struct LosslessFacet {
  object::Facet facet;
  std::string_view tag;
};
inline constexpr LosslessFacet k_lossless_facets[] = {{object::Facet::NewArgsEx, "newargsex"},
                                                      {object::Facet::NewArgs, "newargs"},
                                                      {object::Facet::InitArgs, "initargs"},
                                                      {object::Facet::State, "state"},
                                                      {object::Facet::Seq, "seq"},
                                                      {object::Facet::DefaultFactory, "default-factory"},
                                                      {object::Facet::Reduce, "reduce"},
                                                      {object::Facet::Iterator, "iterator"},
                                                      {object::Facet::Repr, "repr"}};

}  // namespace gt::json
