// Short names for building graphs in tests.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "lib/object/graph.h"

namespace gt::object::testing {

struct Builder {
  Graph graph;

  Value i(std::int64_t value) { return graph.make_int(value); }
  Value l(std::string_view decimal) {
    const bool negative = decimal.starts_with('-');
    return graph.make_long(*BigInt::from_digits(decimal.substr(negative ? 1 : 0), 10, negative));
  }
  Value f(double value) { return graph.make_float(value); }
  Value b(std::string_view bytes) { return graph.make_string(Kind::Bytes, bytes); }
  Value u(std::string_view utf8) { return graph.make_string(Kind::Text, utf8); }
  Value sequence(Kind kind, std::initializer_list<Value> items) { return graph.make_sequence(kind, std::vector<Value>(items)); }
  Value list(std::initializer_list<Value> items) { return sequence(Kind::List, items); }
  Value tuple(std::initializer_list<Value> items) { return sequence(Kind::Tuple, items); }
  Value frozen(std::initializer_list<Value> items) { return sequence(Kind::FrozenSet, items); }
};

}  // namespace gt::object::testing
