#include "lib/convert/load.h"

#include "lib/pickle/decode.h"

namespace gt::convert {
namespace {

pickle::Decoded decode_pickle(std::string_view bytes) {
  try {
    return pickle::decode(bytes);
  } catch (const Error& error) {
    throw with_hint(error, bytes);
  }
}

void mark_as_partial(object::Graph& graph) {
  const object::Value root = graph.root();
  if (!root.is(object::Kind::Instance) && !root.is(object::Kind::Dict)) return;
  graph.set(root, "gt/partial", graph.make_string(object::Kind::Bytes, "the file that this was read from was cut or damaged"));
}

}  // namespace

Loaded load(const std::string& path, json::Restore restore, const Mending& mending) {
  Loaded out{open_source(path, mending), object::Graph()};
  try {
    if (out.form == Form::JsonPickle) {
      out.graph = json::decode(out.bytes(), restore);
    } else {
      pickle::Decoded decoded = decode_pickle(out.bytes());
      out.graph = std::move(decoded.graph);
      out.findings.insert(out.findings.end(), decoded.findings.begin(), decoded.findings.end());
      if (out.is_partial) mark_as_partial(out.graph);
    }
  } catch (const Error& error) {
    throw error.in_file(path);
  }
  for (Finding& finding : out.findings) finding.where.file = path;
  return out;
}

}  // namespace gt::convert
