#include "tools/gt2json/audit_report.h"

#include <fmt/format.h>

#include "lib/base/sink.h"
#include "lib/base/text.h"
#include "lib/json/text_writer.h"

namespace gt::tools {
namespace {

using pickle::Audit;
using pickle::Mention;
using pickle::Remark;
using pickle::Verdict;

struct Outcome {
  ExitCode exit;
  std::string_view code;
  std::string_view words;
};

// What runs before a file breaks is run all the same; what a broken file has left to say, nobody knows.
Outcome outcome_of(const Audit& audit) {
  if (audit.verdict == Verdict::RunsCode)
    return {ExitCode::RunsCode, "runs-code", "it runs code: do not load this file with Python"};
  if (audit.error) return {ExitCode::ContentRejected, "unreadable", "it cannot be read to its end"};
  if (audit.verdict == Verdict::Unknown)
    return {ExitCode::UnknownClasses, "unknown-classes", "it names classes that are not known: what they do is theirs"};
  return {ExitCode::Done, "clean", "it is clean: known Golem classes and data"};
}

std::string_view code_of(Verdict verdict) {
  constexpr std::string_view k_codes[] = {"golem", "data", "unknown", "runs-code"};
  return k_codes[static_cast<std::size_t>(verdict)];
}

template <typename Entry>
std::string place_of(const Entry& entry) {
  if (!entry.string) return fmt::format("byte {}", entry.offset);
  return fmt::format("in the string at byte {}, byte {}", *entry.string, entry.offset);
}

std::string name_of(const Mention& mention) {
  return printable(mention.module.empty() ? mention.name : mention.module + '.' + mention.name, 400);
}

// An object on several lines, with its members in the order in which they are written.
class JsonObject {
 public:
  explicit JsonObject(json::TextWriter& writer) : writer_(writer) { writer_.open('{'); }
  void text(std::string_view name, std::string_view value) {
    member(name);
    writer_.string(valid_utf8(value));
  }
  void number(std::string_view name, std::uint64_t value) {
    member(name);
    writer_.scalar(std::to_string(value));
  }
  void member(std::string_view name) { writer_.key(fmt::format("\"{}\":", name)); }
  void end() { writer_.close('}'); }

 private:
  json::TextWriter& writer_;
};

template <typename Entry>
void write_place(JsonObject& object, const Entry& entry) {
  object.number("offset", entry.offset);
  if (entry.string) object.number("string", *entry.string);
}

void write(json::TextWriter& writer, const Mention& mention) {
  JsonObject object(writer);
  write_place(object, mention);
  object.text("module", mention.module);
  object.text("name", mention.name);
  object.text("verdict", code_of(mention.verdict));
  object.end();
}

void write(json::TextWriter& writer, const Remark& remark) {
  JsonObject object(writer);
  object.text("code", pickle::to_string(remark.sign));
  write_place(object, remark);
  if (!remark.opcode.empty()) object.text("opcode", remark.opcode);
  object.text("verdict", code_of(pickle::verdict_of(remark.sign)));
  object.text("message", remark.message);
  object.end();
}

template <typename Entries>
void write_list(JsonObject& object, json::TextWriter& writer, std::string_view name, const Entries& entries) {
  object.member(name);
  writer.open('[');
  for (const auto& entry : entries) {
    writer.item();
    write(writer, entry);
  }
  writer.close(']');
}

}  // namespace

ExitCode exit_code_of(const Audit& audit) { return outcome_of(audit).exit; }

std::string audit_text(const Audit& audit, std::string_view file) {
  const std::string prefix = printable(file, 4096) + ": ";
  std::string out;
  for (const Mention& mention : audit.mentions)
    out += fmt::format("{}{}: {}: {}\n", prefix, place_of(mention), name_of(mention), to_string(mention.verdict));
  for (const Remark& remark : audit.remarks) {
    const std::string what =
        remark.opcode.empty() ? remark.message : fmt::format("opcode {} {}", remark.opcode, remark.message);
    out += fmt::format("{}{}: {} ({})\n", prefix, place_of(remark), what, to_string(remark.sign));
  }
  if (audit.unlisted > 0) out += fmt::format("{}{} more are not listed\n", prefix, audit.unlisted);
  return out + fmt::format("{}{}\n", prefix, outcome_of(audit).words);
}

std::string audit_json(const Audit& audit, std::string_view file) {
  StringSink sink;
  json::TextWriter writer(sink, ~std::uint64_t{0});
  JsonObject object(writer);
  object.text("format", "gt-audit-1");
  object.text("file", file);
  object.text("verdict", outcome_of(audit).code);
  object.number("pickles", audit.pickles);
  write_list(object, writer, "names", audit.mentions);
  write_list(object, writer, "remarks", audit.remarks);
  object.number("unlisted", audit.unlisted);
  if (audit.error) {
    object.member("error");
    JsonObject error(writer);
    error.text("code", to_string(audit.error->code()));
    if (const auto offset = audit.error->where().offset) error.number("offset", *offset);
    error.text("message", audit.error->message());
    error.end();
  }
  object.end();
  writer.finish();
  return sink.text() + '\n';
}

}  // namespace gt::tools
