// A JSON Schema as Schema keeps it: keywords in fields, references followed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
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
  // What is said of members by name. Sorted by what can be compared without looking at text: nearly always that tells all.
  struct Property {
    std::string_view name;
    const Node* node = nullptr;  // nullptr: it is only required
    bool is_required = false;
    std::uint64_t taste = taste_of(name);
    std::size_t slot = slot_of(taste);
  };
  std::vector<Property> properties;
  const Node* additional = nullptr;
  bool refuses_additional = false;
  const Node* items = nullptr;
  std::vector<const Node*> all_of;
  std::vector<const Node*> any_of;
  const Node* not_this = nullptr;
  const Node* if_this = nullptr;
  const Node* then_this = nullptr;
  const Node* else_this = nullptr;

  // What of all this is said, found out once: most nodes say no more than a type.
  bool says_of_value = false;   // values to min_length
  bool says_of_parts = false;   // min_items to items
  bool says_of_others = false;  // all_of to else_this
  void sum_up() {
    const Node silent;
    says_of_value =
        !values.empty() || minimum != silent.minimum || maximum != silent.maximum || min_length != silent.min_length;
    says_of_parts = min_items != 0 || max_items != k_no_limit || items != nullptr || !properties.empty() ||
                    additional != nullptr || refuses_additional;
    says_of_others = !all_of.empty() || !any_of.empty() || not_this != nullptr || if_this != nullptr;
  }
  bool says_only_type() const { return !says_of_value && !says_of_parts && !says_of_others; }

  // The length and the first seven bytes.
  static std::uint64_t taste_of(std::string_view name) {
    std::uint64_t taste = 0;
    if (!name.empty()) std::memcpy(&taste, name.data(), std::min<std::size_t>(name.size(), 7));
    return taste << 8 | (name.size() & 0xff);
  }
  // Where a table of an object's members has those of that taste.
  static constexpr unsigned k_slot_bits = 6;
  static std::size_t slot_of(std::uint64_t taste) { return taste * 0x9E3779B97F4A7C15U >> (64 - k_slot_bits); }
  // nullptr: nothing is said of it.
  const Property* find_property(std::string_view name) const {
    auto at = std::lower_bound(properties.begin(), properties.end(), taste_of(name),
                               [](const Property& property, std::uint64_t taste) { return property.taste < taste; });
    for (const std::uint64_t taste = taste_of(name); at != properties.end() && at->taste == taste; ++at)
      if (at->name == name) return &*at;
    return nullptr;
  }
};

}  // namespace gt::batch
