// A JSON Schema as Schema keeps it: keywords in fields, references followed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/batch/schema.h"

namespace gt::batch {

// JSON's types, as bits.
enum Type : std::uint8_t {
  k_null = 1,
  k_boolean = 2,
  k_integer = 4,
  k_number = 8,  // with a fraction, or non-finite
  k_string = 16,
  k_array = 32,
  k_object = 64,
};

// What a keyword does not say stays as it is here, and is not looked at.
struct Schema::Node {
  static constexpr std::size_t k_no_limit = std::numeric_limits<std::size_t>::max();

  std::uint8_t types = 0xff;
  std::vector<std::string_view> values;  // enum: texts only
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::size_t min_length = 0;
  std::size_t min_items = 0;
  std::size_t max_items = k_no_limit;
  std::vector<std::string_view> required;
  std::vector<std::pair<std::string_view, const Node*>> properties;  // sorted
  const Node* additional = nullptr;
  bool refuses_additional = false;
  const Node* items = nullptr;
  std::vector<const Node*> all_of;
  std::vector<const Node*> any_of;
  const Node* not_this = nullptr;
  const Node* if_this = nullptr;
  const Node* then_this = nullptr;
  const Node* else_this = nullptr;

  const Node* find_property(std::string_view key) const {
    const auto at = std::lower_bound(properties.begin(), properties.end(), key,
                                     [](const auto& property, std::string_view name_) { return property.first < name_; });
    return at != properties.end() && at->first == key ? at->second : nullptr;
  }
};

}  // namespace gt::batch
