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

}  // namespace

Loaded load(const std::string& path, json::Restore restore, const Mending& mending) {
  Loaded out{open_source(path, mending), object::Graph()};
  try {
    if (out.form == Form::JsonPickle) {
      out.graph =
          restore == json::Restore::Whole ? json::decode(out.bytes(), std::nullopt) : json::decode(out.bytes(), restore);
    } else {
      pickle::Decoded decoded = decode_pickle(out.bytes());
      out.graph = std::move(decoded.graph);
      out.findings.insert(out.findings.end(), decoded.findings.begin(), decoded.findings.end());
    }
  } catch (const Error& error) {
    throw error.in_file(path);
  }
  for (Finding& finding : out.findings) finding.where.file = path;
  return out;
}

Loaded load_json(const std::string& path, std::optional<json::Profile> profile) {
  Loaded out{open_source(path), object::Graph()};
  try {
    out.graph = json::decode(out.bytes(), profile);
  } catch (const Error& error) {
    if (out.form == Form::JsonPickle) throw error.in_file(path);
    throw Error(ErrorCode::InputNotATask, "is no JSON, but may be a pickle", {.file = path}, "gt2json makes JSON of a pickle");
  }
  return out;
}

void mark_if_partial(Loaded& loaded) {
  const object::Value root = loaded.graph.root();
  if (!loaded.is_partial || (!root.is(object::Kind::Instance) && !root.is(object::Kind::Dict))) return;
  const auto mark = loaded.graph.make_string(object::Kind::Bytes, "the file that this was read from was cut or damaged");
  loaded.graph.set(root, "gt/partial", mark);
}

}  // namespace gt::convert
