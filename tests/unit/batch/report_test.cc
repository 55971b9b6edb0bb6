#include "lib/batch/report.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/schema.h"
#include "tests/unit/batch/support.h"

namespace gt::batch {
namespace {

using testing::Scratch;

Row bad_row() {
  Row row;
  row.source = "a\xff/<script>\n.gt";
  row.result = Result::Bad;
  row.failure =
      explain(Error(ErrorCode::PickleTruncated, "ends <here>", {.offset = 3, .opcode = {}, .path = {}}, "hint"), "abcdef");
  return row;
}

Row good_row() {
  Row row;
  row.source = "b.gt";
  row.result = Result::Migrated;
  row.era = Era::Y2016;
  row.renderer = task::Renderer::Blender;
  row.outputs = {{"docker-b.json", Result::Migrated}};
  row.findings = {{Finding::Severity::Warning, "is not there", {.path = "main_scene_file"}}};
  row.changes = {{"docker_images", "nothing", "golem/blender", "why"}};
  return row;
}

std::string written(const std::string& path) {
  const auto report = make_report(path);
  Totals totals;
  for (const Row& row : {bad_row(), good_row()}) {
    report->add(row);
    totals.add(row);
  }
  CHECK_FALSE(testing::fs::exists(path));
  report->finish({.action = "migrate", .sources = {"src\xff"}, .output = "out", .version = "1"}, totals);
  return testing::read_text(path);
}

TEST_CASE("the JSON report validates, with and without rows") {
  const Scratch scratch;
  const gt::testing::SchemaFile schema("gt-migrate-report-1.json");
  const std::string text = written(scratch / "r.json");
  CHECK(schema.fault(text) == "");
  CHECK(text.find("a\\\\xff/<script>\\n.gt") != std::string::npos);
  make_report(scratch / "empty.json")->finish({.action = "verify"}, {});
  CHECK(schema.fault(testing::read_text(scratch / "empty.json")) == "");
  std::string damaged = text;
  damaged.replace(damaged.find("\"migrated\""), 10, "\"moved\"");
  CHECK(schema.fault(damaged) != "");
}

TEST_CASE("the schema has every result and every era") {
  const Scratch scratch;
  const gt::testing::SchemaFile schema("gt-migrate-report-1.json");
  for (std::size_t i = 0; i < std::max(k_results, k_eras); ++i) {
    Row row = good_row();
    row.result = static_cast<Result>(std::min(i, k_results - 1));
    row.era = static_cast<Era>(std::min(i, k_eras - 1));
    const auto report = make_report(scratch / "r.json");
    report->add(row);
    report->finish({.action = "verify"}, {});
    CHECK(schema.fault(testing::read_text(scratch / "r.json")) == "");
  }
}

TEST_CASE("nothing in the page of strangers' text is markup") {
  const Scratch scratch;
  const std::string text = written(scratch / "r.html");
  CHECK(text.find("a\\\\xff/\\u003cscript>\\\\x0a.gt") != std::string::npos);
  CHECK(text.find("ends \\u003chere>") != std::string::npos);
  CHECK(text.find("{{") == std::string::npos);
  CHECK(text.find("http:") == std::string::npos);
}

TEST_CASE("a report that is not finished leaves nothing, one of another suffix is refused") {
  const Scratch scratch;
  make_report(scratch / "r.json")->add(good_row());
  CHECK(testing::fs::is_empty(scratch / ""));
  CHECK_THROWS_AS(make_report(scratch / "r.txt"), Error);
}

TEST_CASE("the bytes around the offset") {
  CHECK(hex_dump(*bad_row().failure) == "       0  61 62 63>64 65 66                                abcdef\n");
  CHECK(explain(Error(ErrorCode::PickleTruncated, "m", {.offset = 100, .opcode = {}, .path = {}}), std::string(101, 'x'))
            .excerpt_at == 64);
}

}  // namespace
}  // namespace gt::batch
