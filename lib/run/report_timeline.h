// The part of report.html that shows what went on when: a row for each container that there was at a time, a bar for each try.
#pragma once

#include <string>
#include <vector>

#include "lib/run/report_data.h"

namespace gt::run {

// Attempts by what had to be done about them; each has a colour and a pattern.
enum class Family : std::uint8_t { Done, Stopped, Outside, Limits, Refused, Failed };
Family family_of(Cause cause);

struct Bar {
  std::int64_t begin_ms = 0;  // since the run's first bar
  std::int64_t end_ms = 0;
  std::int64_t first = 1;  // subtasks; several where they are too short to be told apart
  std::int64_t last = 1;
  std::int64_t tries = 1;
  Cause cause = Cause::Done;
};

// One container.
struct Span {
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
  std::string directory;
  std::vector<Bar> bars;  // in their order
};

struct Timeline {
  std::int64_t begin_ms = 0;  // since 1970
  std::int64_t length_ms = 0;
  std::vector<std::vector<Span>> lanes;
};

Timeline make_timeline(const ReportData& data);
// Marks of a time axis: at most `most`, at round times, the first is 0.
std::vector<std::int64_t> axis_marks(std::int64_t length_ms, std::int64_t most);

// HTML; empty if nothing was tried.
std::string timeline_html(const ReportData& data);

}  // namespace gt::run
