#include "lib/convert/load.h"

#include "lib/pickle/decode.h"

namespace gt::convert {
namespace {

object::Graph decode_json(std::string_view bytes, const LoadOptions& options) {
  const json::ReadLimits limits = options.limits.for_reading_json();
  if (options.restore == json::Restore::Whole) return json::decode(bytes, std::nullopt, limits);
  return json::decode(bytes, options.restore, limits);
}

pickle::Decoded decode_pickle(std::string_view bytes, const LoadOptions& options) {
  try {
    return pickle::decode(bytes, options.limits.for_pickles(bytes.size(), options.profile));
  } catch (const Error& error) {
    throw with_hint(error, bytes);
  }
}

}  // namespace

Loaded load(const std::string& path, const LoadOptions& options) {
  Loaded out{open_source(path, options.mending), object::Graph()};
  try {
    if (out.form == Form::JsonPickle) {
      out.graph = decode_json(out.bytes(), options);
    } else {
      pickle::Decoded decoded = decode_pickle(out.bytes(), options);
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
