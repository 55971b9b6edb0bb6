#include "lib/convert/source.h"

#include <fmt/format.h>

#include <utility>

#include "lib/pickle/decode.h"
#include "lib/repair/complete.h"
#include "lib/repair/mend.h"
#include "lib/repair/unwrap.h"

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
    {"\x1F\x8B", "compressed by gzip", "unpack it first (gzip -d), or let gt2json --repair do it"},
    {"\x28\xB5\x2F\xFD", "compressed by zstd (a .blend file of Blender 3 or later is)", ""},
    {"BLENDER", "a Blender scene", "name the saved task, not its scene"},
    {"%PDF", "a PDF document", ""},
    {"\x7F"
     "ELF",
     "a program", ""},
    {"#!", "a script", ""},
    {"<?xml", "an XML document", ""},
    {"\xEF\xBB\xBF", "a text with a byte order mark", "save it without the mark, or let gt2json --repair do it"},
};

// What is hinted at was tried, which costs reading the file several times more. Few tasks are larger.
constexpr std::size_t k_most_tried = std::size_t{64} << 10;

Error not_a_task(std::string_view what, std::string_view hint) {
  return Error(ErrorCode::InputNotATask, "is no saved task: it is " + std::string(what), {}, std::string(hint));
}

void take_repairs(Mended& out, std::string bytes, std::vector<Finding> repairs) {
  if (repairs.empty()) return;
  out.changed = std::make_unique<const std::string>(std::move(bytes));
  out.findings.insert(out.findings.end(), repairs.begin(), repairs.end());
}

void complete(Mended& out, std::string_view bytes) {
  auto completed = repair::complete(bytes);
  if (!completed) return;
  const auto lost = bytes.size() - completed->cut;
  const std::string rest =
      lost == 0 ? "" : fmt::format("; {} byte{} behind it {} given up", lost, lost == 1 ? "" : "s", lost == 1 ? "is" : "are");
  out.findings.push_back({Finding::Severity::Warning,
                          "the file was cut or damaged here: what is whole before it is taken, as a part" + rest,
                          {.offset = completed->cut}});
  out.is_partial = true;
  out.changed = std::make_unique<const std::string>(std::move(completed->bytes));
}

// What --repair would say of these bytes, if it makes them readable.
std::string repair_hint(std::string_view bytes) {
  const repair::Mended mended = repair::mend(bytes);
  if (mended.repairs.empty()) return {};
  pickle::decode(mended.bytes);
  std::string_view first = mended.repairs.front().message;
  first.remove_prefix(first.find(": ") + 2);
  return "gt2json --repair helps: " + std::string(first);
}

std::string partial_hint(std::string_view bytes) {
  const auto completed = repair::complete(bytes);
  if (!completed) return {};
  pickle::decode(completed->bytes);
  return "gt2json --partial writes what is whole";
}

using Hint = std::string (*)(std::string_view bytes);

// Empty where the repair does not help.
std::string try_hint(Hint hint, std::string_view bytes) {
  try {
    return hint(bytes);
  } catch (const Error&) {
    return {};
  }
}

// Most files that are no pickle break a rule within their first bytes, in a way that says nothing to who named the wrong file.
bool breaks_at_once(const Error& error) {
  constexpr std::uint64_t k_beginning = 16;
  const bool broken = error.code() == ErrorCode::PickleUnknownOpcode || error.code() == ErrorCode::PickleStackUnderflow ||
                      error.code() == ErrorCode::PickleNoMark || error.code() == ErrorCode::PickleTruncated;
  return broken && error.where().offset.value_or(k_beginning) < k_beginning;
}

}  // namespace

Form recognise(std::string_view bytes) {
  if (bytes.empty()) throw Error(ErrorCode::InputEmpty, "the file is empty");
  for (const Magic& magic : k_formats)
    if (bytes.starts_with(magic.bytes)) throw not_a_task(magic.what, magic.hint);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) throw not_a_task("blank", "");
  const char c = bytes[first];
  return c == '{' || c == '[' || c == '"' ? Form::JsonPickle : Form::Pickle;
}

Mended mend(std::string_view bytes, const Mending& mending) {
  Mended out;
  repair::ByteOrderMark mark = repair::ByteOrderMark::None;
  if (mending.repair) {
    repair::Unwrapped unwrapped = repair::unwrap(bytes);
    if (unwrapped.had_byte_order_mark) mark = repair::ByteOrderMark::Removed;
    take_repairs(out, std::move(unwrapped.bytes), std::move(unwrapped.repairs));
  }
  out.form = recognise(out.bytes_of(bytes));
  if (out.form == Form::JsonPickle) return out;
  if (mending.repair) {
    repair::Mended mended = repair::mend(out.bytes_of(bytes), mark);
    take_repairs(out, std::move(mended.bytes), std::move(mended.repairs));
  }
  if (mending.partial) complete(out, out.bytes_of(bytes));
  return out;
}

Source open_source(const std::string& path, const Mending& mending) {
  Input input = Input::read(path);
  try {
    Source out{mend(input.bytes(), mending), std::move(input)};
    for (Finding& finding : out.findings) finding.where.file = path;
    return out;
  } catch (const Error& error) {
    throw error.in_file(path);
  }
}

namespace {

// Of a large file: what may help, by its first line and by the error.
std::string untried_hint(const Error& error, std::string_view bytes) {
  const std::size_t line_end = bytes.find('\n');
  if (line_end != std::string_view::npos && line_end > 0 && bytes[line_end - 1] == '\r')
    return "gt2json --repair may help: it undoes line ends of Windows";
  const bool is_cut = error.code() == ErrorCode::PickleTruncated || error.code() == ErrorCode::PickleUnknownOpcode;
  return is_cut ? "gt2json --repair or --partial may help: they take what is whole" : "";
}

std::string find_hint(const Error& error, std::string_view bytes) {
  const bool is_tried = bytes.size() <= k_most_tried;
  std::string hint = is_tried ? try_hint(repair_hint, bytes) : std::string();
  if (hint.empty() && breaks_at_once(error)) return "is this a saved task at all? It does not begin like one";
  if (hint.empty()) return is_tried ? try_hint(partial_hint, bytes) : untried_hint(error, bytes);
  return hint;
}

}  // namespace

Error with_hint(const Error& error, std::string_view bytes) {
  if (!error.hint().empty()) return error;
  std::string hint = find_hint(error, bytes);
  return hint.empty() ? error : Error(error.code(), error.message(), error.where(), std::move(hint));
}

}  // namespace gt::convert
