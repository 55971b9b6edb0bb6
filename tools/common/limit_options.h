// Limits on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "lib/convert/limits.h"
#include "tools/common/size.h"

namespace gt::tools {

// `limits` must outlive the parsing.
inline void add_limit_options(CLI::App& app, convert::Limits& limits) {
  constexpr const char* k_group = "Limits (what a file may cost)";
  const auto number = [&](const char* name, std::optional<std::uint64_t>& value, const char* help) {
    app.add_option(name, value, help)->type_name("N")->group(k_group);
  };
  const auto size = [&](const char* name, std::optional<std::uint64_t>& value, const char* help) {
    app.add_option_function<std::string>(
           name, [name, &value](const std::string& text) { value = to_size(name, text); }, help)
        ->type_name("SIZE")
        ->group(k_group);
  };
  number("--max-depth", limits.depth, "Levels of nested lists and objects of JSON (default: 1000)");
  number("--max-opcodes", limits.opcodes, "Opcodes of a pickle (default: 8 for each byte and a million)");
  number("--max-nodes", limits.nodes,
         "Lists and objects of the JSON, and values that opcodes copy (default: grows with INPUT)");
  number("--max-stack", limits.stack, "Values on the stack of a pickle (default: no limit but that of opcodes)");
  number("--max-marks", limits.marks, "Marks on the stack of a pickle (default: no limit but that of opcodes)");
  number("--max-memo", limits.memo,
         "Values that a pickle remembers (default: no limit; 10000 under numbers that no program would use)");
  size("--max-string-bytes", limits.string_bytes, "Bytes of one string of a pickle (default: no limit)");
  number("--max-integer-digits", limits.integer_digits, "Digits of one integer (default: 20000)");
  size("--max-json-bytes", limits.json_bytes, "Bytes of the JSON (default: 64 for each of INPUT, at least 64M)");
}

}  // namespace gt::tools
