// What is fuzzed. Each target takes any bytes; gt::Error is an answer, everything else a find: a crash, a hang, another
// exception, a property that does not hold.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lib/base/error.h"
#include "lib/base/sink.h"
#include "lib/json/encode.h"
#include "lib/object/graph.h"
#include "lib/pickle/encode.h"
#include "lib/pickle/limits.h"

namespace gt::fuzz {

void audit(std::string_view bytes);
void disassemble(std::string_view bytes);
void repair(std::string_view bytes);
void blend_summary(std::string_view bytes);
void pickle_to_json(std::string_view bytes);
void pickle_to_lossless(std::string_view bytes);
void pickle_to_other_json(std::string_view bytes);
void pickle_to_pickle(std::string_view bytes);
void json_to_json(std::string_view bytes);
void json_to_pickle(std::string_view bytes);
void to_docker(std::string_view bytes);
void lux_rewrite(std::string_view bytes);
void examine(std::string_view bytes);

// Small enough for thousands of runs a second; that the defaults hold is for the unit tests.
inline constexpr json::EncodeLimits k_encode_limits{.depth = 1000, .output_bytes = 1 << 20, .containers = 20'000};
inline constexpr pickle::Limits k_pickle_limits{.opcodes_per_byte = 8, .extra_opcodes = 1000, .integer_digits = 2000};

inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %s\n", property);
  std::abort();
}

// An error that a user may see. Bug says that gt-tools is wrong.
inline void accept(const Error& error) { require(error.code() != ErrorCode::Bug, error.what()); }

inline std::string encode(const object::Graph& graph) {
  StringSink sink;
  json::encode_2016(graph, sink, k_encode_limits);
  return sink.text();
}

inline std::string encode_pickle(const object::Graph& graph, pickle::Protocol protocol) {
  StringSink sink;
  pickle::encode(graph, sink, {.protocol = protocol, .output_bytes = 1 << 20});
  return sink.text();
}
inline constexpr pickle::Protocol k_protocols[] = {pickle::Protocol::Text, pickle::Protocol::Binary};

}  // namespace gt::fuzz
