#include "lib/run/blender_log.h"

#include <doctest/doctest.h>

using gt::run::LogLine;
using gt::run::read_log_line;
using Kind = LogLine::Kind;

TEST_CASE("lines of Blender and of the script in it") {
  struct Row {
    const char* line;
    Kind kind;
    std::int64_t number;
    std::string text;
  };
  const Row rows[] = {
      {"gt-tools: subtask 3 begins", Kind::Begins, 3, ""},
      {"gt-tools: subtask 12 is done", Kind::Done, 12, ""},
      {"gt-tools: subtask 3 failed: No\x1b camera", Kind::Failed, 3, "No\\x1b camera"},
      {"gt-tools: Blender 3.4.1", Kind::Other, 0, ""},
      {"gt-tools: subtask x begins", Kind::Other, 0, ""},
      {"gt-tools: subtask -3 begins", Kind::Other, 0, ""},
      {"gt-tools: subtask 99999999999999999999 begins", Kind::Other, 0, ""},
      {"Fra:1 Mem:5.30M (Peak 5.31M) | Time:00:00.13 | Mem:0.00M, Peak:0.00M | Scene, ViewLayer | Sample 8/32", Kind::Percent,
       25, ""},
      {"Fra:12 Mem:90.1M | Time:00:03.00 | Rendering 3 / 64 samples", Kind::Percent, 4, ""},
      {"Fra:1 Mem:5.30M | Sample 33/32", Kind::Other, 0, ""},
      {"Fra:1 Mem:5.30M | Sample 1/0", Kind::Other, 0, ""},
      {"Fra:1 Mem:5.30M | Synchronizing object | Cube", Kind::Other, 0, ""},
      {"| Sample 8/32", Kind::Other, 0, ""},
      {"Error: No camera found in scene \"Scene\"", Kind::Fault, 0,
       "the scene has no camera: Error: No camera found in scene \"Scene\""},
      {"OSError: [Errno 28] No space left on device", Kind::DiskFull, 0, "OSError: [Errno 28] No space left on device"},
      {"Blender quit", Kind::Other, 0, ""},
      {"", Kind::Other, 0, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.line));
    const LogLine seen = read_log_line(row.line);
    CHECK(seen.kind == row.kind);
    CHECK(seen.number == row.number);
    CHECK(seen.text == row.text);
  }
}
