#include "lib/pickle/decode.h"

#include <fmt/format.h>

#include "lib/base/text.h"
#include "lib/object/compare.h"
#include "lib/object/duplicate_keys.h"
#include "lib/object/python2.h"
#include "lib/pickle/machine.h"

namespace gt::pickle {
namespace {

using object::DuplicateKey;
using object::Graph;
using object::Kind;

// A forged file can repeat keys without end, with large values.
constexpr std::size_t k_most_told = 100;
constexpr std::uint64_t k_compared_parts = 1'000'000;  // of all values

std::string key_text(const Graph& graph, object::Value key) {
  const bool string = object::is_string(key.kind());
  return printable(string ? graph.string_of(key) : object::python2_repr(graph, key));
}

// Dict keys that were set twice with different values; the state of an instance is such a dict, so that instances, which
// share the entries of their state, need not be told again.
std::vector<DuplicateKey> worth_telling(const Graph& graph, const std::vector<DuplicateKey>& all) {
  std::vector<DuplicateKey> out;
  std::uint64_t parts_left = k_compared_parts;
  for (const DuplicateKey& d : all) {
    if (out.size() == k_most_told) break;
    if (!d.container.is(Kind::Dict) || d.first_value == d.second_value) continue;
    if (!object::same_structure(graph, d.first_value, graph, d.second_value, parts_left)) out.push_back(d);
  }
  return out;
}

// Offsets are not kept while decoding: the rare file that has duplicates is read once more for them.
void tell_duplicates(Machine& again, const Graph& graph, const std::vector<DuplicateKey>& duplicates,
                     std::vector<Finding>& findings) {
  Machine::KeyOffsets offsets;
  again.trace_keys(offsets);
  again.run();
  for (const DuplicateKey& d : duplicates) {
    const auto& of_dict = offsets.at(Graph::handle(d.container));
    findings.push_back(
        {Finding::Severity::Warning,
         fmt::format(
             "the key '{}' is set a second time with another value; what was set at byte {} is lost, as it was in Python",
             key_text(graph, d.key), of_dict.at(d.first)),
         {.offset = of_dict.at(d.second)}});
  }
}

}  // namespace

Decoded decode_at(std::string_view file, std::uint64_t start, const Limits& limits, UnknownCalls unknown_calls) {
  Machine machine(file, start, limits, unknown_calls);
  machine.run();
  const auto merged = machine.merge_duplicate_keys();
  Decoded out{std::move(machine.graph()), {}, machine.end_offset()};
  const auto duplicates = worth_telling(out.graph, merged);
  if (machine.made_a_tree()) out.graph.set_is_tree();
  if (duplicates.empty()) return out;
  Machine again(file, start, limits, unknown_calls);
  tell_duplicates(again, out.graph, duplicates, out.findings);
  return out;
}

Decoded decode(std::string_view pickle, const Limits& limits, UnknownCalls unknown_calls) {
  if (pickle.empty()) throw Error(ErrorCode::InputEmpty, "the file is empty");
  Decoded out = decode_at(pickle, 0, limits, unknown_calls);
  if (out.end < pickle.size())
    out.findings.push_back({Finding::Severity::Note,
                            fmt::format("{} bytes after the end of the pickle were ignored", pickle.size() - out.end),
                            {.offset = out.end}});
  return out;
}

}  // namespace gt::pickle
