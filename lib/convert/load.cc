#include "lib/convert/load.h"

#include "lib/base/text.h"
#include "lib/pickle/decode.h"

namespace gt::convert {
namespace {

struct Magic {
  std::string_view bytes;
  std::string_view what;
  std::string_view hint;
};

// Formats that a pickle reader would otherwise call a pickle with a broken opcode.
constexpr Magic k_formats[] = {
    {"\x89PNG\r\n", "a PNG picture", ""},
    {"\xFF\xD8\xFF", "a JPEG picture", ""},
    {"v/1\x01", "an OpenEXR picture", ""},
    {"PK\x03\x04", "a zip archive", "unpack it first"},
    {"\x1F\x8B", "compressed by gzip", "unpack it first (gzip -d)"},
    {"\x28\xB5\x2F\xFD", "compressed by zstd (a .blend file of Blender 3 or later is)", ""},
    {"BLENDER", "a Blender scene", "name the saved task, not its scene"},
    {"%PDF", "a PDF document", ""},
    {"\x7F"
     "ELF",
     "a program", ""},
    {"#!", "a script", ""},
    {"<?xml", "an XML document", ""},
};

Error not_a_task(std::string_view what, std::string_view hint) {
  return Error(ErrorCode::InputNotATask, "is no saved task: it is " + std::string(what), {}, std::string(hint));
}

// Most files that are no pickle break a rule within their first bytes, in a way that says nothing to who named the wrong file.
pickle::Decoded decode_pickle(std::string_view bytes) {
  constexpr std::uint64_t k_beginning = 16;
  try {
    return pickle::decode(bytes);
  } catch (const Error& error) {
    const bool broken = error.code() == ErrorCode::PickleUnknownOpcode || error.code() == ErrorCode::PickleStackUnderflow ||
                        error.code() == ErrorCode::PickleNoMark || error.code() == ErrorCode::PickleTruncated;
    if (!broken || !error.hint().empty() || error.where().offset.value_or(k_beginning) >= k_beginning) throw;
    throw Error(error.code(), error.message(), error.where(), "is this a saved task at all? It does not begin like one");
  }
}

}  // namespace

Form recognise(std::string_view bytes) {
  if (bytes.empty()) throw Error(ErrorCode::InputEmpty, "the file is empty");
  for (const Magic& magic : k_formats)
    if (bytes.starts_with(magic.bytes)) throw not_a_task(magic.what, magic.hint);
  if (bytes.starts_with("\xEF\xBB\xBF")) throw not_a_task("a text with a byte order mark", "save it without the mark");
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) throw not_a_task("blank", "");
  const char c = bytes[first];
  return c == '{' || c == '[' || c == '"' ? Form::JsonPickle : Form::Pickle;
}

Loaded load_json(const std::string& path, std::optional<json::Profile> profile) {
  Loaded out{Input::read(path), Form::JsonPickle, object::Graph(), {}};
  try {
    const std::string_view bytes = out.input.bytes();
    const Form form = recognise(bytes);
    try {
      out.graph = json::decode(bytes, profile);
    } catch (const Error&) {
      if (form == Form::JsonPickle) throw;
      throw Error(ErrorCode::InputNotATask, "is no JSON, but may be a pickle", {}, "gt2json makes JSON of a pickle");
    }
  } catch (const Error& error) {
    throw error.in_file(path);
  }
  return out;
}

Loaded load(const std::string& path, json::Restore restore) {
  Loaded out{Input::read(path), Form::Pickle, object::Graph(), {}};
  try {
    const std::string_view bytes = out.input.bytes();
    out.form = recognise(bytes);
    if (out.form == Form::JsonPickle) {
      out.graph = restore == json::Restore::Whole ? json::decode(bytes, std::nullopt) : json::decode(bytes, restore);
    } else {
      pickle::Decoded decoded = decode_pickle(bytes);
      out.graph = std::move(decoded.graph);
      out.findings = std::move(decoded.findings);
    }
  } catch (const Error& error) {
    throw error.in_file(path);
  }
  for (Finding& finding : out.findings) finding.where.file = path;
  return out;
}

}  // namespace gt::convert
