// Pickles as C strings, and the JSON that comes out on one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/sink.h"
#include "lib/json/encode.h"
#include "lib/pickle/decode.h"

namespace gt::testing {

// JSON without line breaks and indents: strings in it have neither.
inline std::string on_one_line(std::string_view json) {
  std::string out;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\n') {
      out += json[i];
      continue;
    }
    while (i + 1 < json.size() && json[i + 1] == ' ') ++i;
  }
  return out;
}

inline std::string json_of(const object::Graph& graph) {
  StringSink sink;
  json::encode_2016(graph, sink, json::EncodeLimits());
  return on_one_line(sink.text());
}

inline std::string json_of_pickle(std::string_view pickle) { return json_of(pickle::decode(pickle).graph); }

// What an error says without line and path, which place_test.cc is about.
inline std::string bare_text_of(const std::optional<Error>& error) {
  if (!error) return "no error";
  const Location& where = error->where();
  return Error(error->code(), error->message(), {.offset = where.offset, .opcode = where.opcode}, error->hint()).what();
}

}  // namespace gt::testing
