#include "lib/batch/report.h"

#include <nlohmann/json.hpp>

#include "embedded/pages.h"
#include "lib/base/files.h"
#include "lib/base/text.h"
#include "lib/batch/explanation.h"

namespace gt::batch {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(valid_utf8(text)); }

// What the tools say about a row has made file contents printable; names of files are bytes.
std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json failure_json(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  const auto& offset = failure->where.offset;
  return {{"code", to_string(failure->code)},
          {"message", valid_utf8(failure->message)},
          {"offset", offset ? Json(*offset) : Json(nullptr)},
          {"path", text_or_null(failure->where.path)},
          {"hint", text_or_null(failure->hint)},
          {"bytes", text_or_null(hex_dump(*failure))}};
}

Json finding_json(const Finding& finding) {
  const bool is_note = finding.severity == Finding::Severity::Note;
  return {{"severity", is_note ? "note" : "warning"},
          {"path", text_or_null(finding.where.path)},
          {"message", valid_utf8(finding.message)}};
}

Json change_json(const rewrite::Change& change) {
  return {{"path", valid_utf8(change.path)},
          {"before", valid_utf8(change.before)},
          {"after", valid_utf8(change.after)},
          {"why", text_or_null(change.why)}};
}

template <typename Part>
Json list_json(const std::vector<Part>& parts, Json (*one)(const Part&)) {
  Json out = Json::array();
  for (const Part& part : parts) out.push_back(one(part));
  return out;
}

Json output_json(const Output& output) { return {{"name", valid_utf8(output.name)}, {"result", to_string(output.result)}}; }

Json row_json(const Row& row) {
  return {{"source", valid_utf8(row.source)},
          {"result", to_string(row.result)},
          {"era", row.era ? Json(to_string(*row.era)) : Json(nullptr)},
          {"renderer", row.renderer ? Json(to_string(*row.renderer)) : Json(nullptr)},
          {"reason", text_or_null(row.reason)},
          {"obstacle", text_or_null(row.obstacle)},
          {"outputs", list_json(row.outputs, output_json)},
          {"findings", list_json(row.findings, finding_json)},
          {"changes", list_json(row.changes, change_json)},
          {"failure", failure_json(row.failure)}};
}

template <typename Kind, std::size_t size>
Json counts_json(const std::array<std::uint64_t, size>& counts) {
  Json out = Json::object();
  for (std::size_t i = 0; i < size; ++i)
    if (counts[i] != 0) out[std::string(to_string(static_cast<Kind>(i)))] = counts[i];
  return out;
}

Json totals_json(const Totals& totals) {
  return {{"sources", totals.sources},
          {"failures", totals.failures()},
          {"warnings", totals.warnings},
          {"json_only", totals.json_only},
          {"outputs_written", totals.written},
          {"by_result", counts_json<Result>(totals.by_result)},
          {"by_era", counts_json<Era>(totals.by_era)},
          {"by_renderer", counts_json<task::Renderer>(totals.by_renderer)}};
}

Json facts_json(const RunFacts& facts) {
  Json sources = Json::array();
  for (const std::string& source : facts.sources) sources.push_back(valid_utf8(source));
  return {{"action", facts.action},     {"outcome", facts.outcome},           {"message", text_or_null(facts.message)},
          {"sources", sources},         {"output", valid_utf8(facts.output)}, {"started_ms", facts.started_ms},
          {"ended_ms", facts.ended_ms}, {"gt_tools", facts.version}};
}

class JsonReport : public Report {
 public:
  explicit JsonReport(const std::string& path) : file_(path) {
    file_.write("{\"format\": \"gt-migrate-report-1\",\n\"files\": [");
  }

  void add(const Row& row) override {
    file_.write((is_first_ ? "\n" : ",\n") + dump(row_json(row)));
    is_first_ = false;
  }
  void finish(const RunFacts& facts, const Totals& totals) override {
    file_.write("\n],\n\"run\": " + dump(facts_json(facts)) + ",\n\"totals\": " + dump(totals_json(totals)) + "}\n");
    file_.publish();
  }

 private:
  OutputFile file_;
  bool is_first_ = true;
};

// JSON inside of a script element: no text in it can end the element.
std::string in_script(std::string json) {
  std::string out;
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

// The page is the template, cut where the rows and the totals belong: these are known last, and its script shows them first.
class HtmlReport : public Report {
 public:
  explicit HtmlReport(const std::string& path) : file_(path) {
    file_.write(part_before(k_rows_mark));
    file_.write("[");
  }

  void add(const Row& row) override {
    Json json = row_json(row);
    json["source"] = printable(row.source, row.source.size());
    for (std::size_t i = 0; i < row.outputs.size(); ++i)
      json["outputs"][i]["name"] = printable(row.outputs[i].name, row.outputs[i].name.size());
    file_.write((is_first_ ? "\n" : ",\n") + in_script(dump(json)));
    is_first_ = false;
  }
  void finish(const RunFacts& facts, const Totals& totals) override {
    file_.write("\n]");
    file_.write(part_before(k_totals_mark));
    Json failed = Json::array();
    for (std::size_t i = 0; i < k_results; ++i)
      if (is_failure(static_cast<Result>(i))) failed.push_back(to_string(static_cast<Result>(i)));
    file_.write(in_script(dump(Json{{"run", facts_json(facts)}, {"totals", totals_json(totals)}, {"failed", failed}})));
    file_.write(rest_);
    file_.publish();
  }

 private:
  static constexpr std::string_view k_rows_mark = "{{rows}}";
  static constexpr std::string_view k_totals_mark = "{{totals}}";

  std::string_view part_before(std::string_view mark) {
    const std::size_t at = rest_.find(mark);
    if (at == std::string_view::npos) throw Error(ErrorCode::Bug, "the page of the report has no " + std::string(mark));
    const std::string_view part = rest_.substr(0, at);
    rest_.remove_prefix(at + mark.size());
    return part;
  }

  OutputFile file_;
  std::string_view rest_ = embedded::k_migration_html;
  bool is_first_ = true;
};

}  // namespace

std::unique_ptr<Report> make_report(const std::string& path) {
  if (path.ends_with(".json")) return std::make_unique<JsonReport>(path);
  if (path.ends_with(".html")) return std::make_unique<HtmlReport>(path);
  throw Error(ErrorCode::Usage, "is no name for a report", {.file = path}, "let it end in .json or .html");
}

}  // namespace gt::batch
