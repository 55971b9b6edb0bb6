// What a name that a pickle mentions would mean if Python loaded it: verdicts.def.
#pragma once

#include <cstdint>
#include <string_view>

namespace gt::pickle {

// Each is worse than the one before.
enum class Verdict : std::uint8_t {
  Golem,    // a class of Golem that is known
  Data,     // a type of Python that only holds data
  Unknown,  // a class that is in no list: what its methods do is not known
  RunsCode
};

std::string_view to_string(Verdict verdict);

// What calling a name may do.
enum class Use : std::uint8_t { Call, Fill, Encode, Name };

struct NameFacts {
  Verdict verdict = Verdict::Unknown;
  Use use = Use::Name;
};

// Exactly this name of this module: Python would look up a dotted name attribute by attribute, through modules that the known
// one has imported, so that no dotted name is ever known.
NameFacts facts_of_name(std::string_view module, std::string_view name);

}  // namespace gt::pickle
