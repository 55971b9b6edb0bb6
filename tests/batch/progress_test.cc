#include "tools/migrate-tasks/progress.h"

#include <doctest/doctest.h>

#include <chrono>
#include <sstream>
#include <thread>

namespace gt::tools {
namespace {

using namespace std::chrono_literals;

batch::Row row_of(const std::string& source, batch::Result result) {
  batch::Row row;
  row.source = source;
  row.result = result;
  return row;
}

struct Told {
  std::string out;
  std::string err;
};

// One good row, a pause in which the line can be painted, one bad row and one with a change.
Told told(ProgressForm form) {
  std::ostringstream out;
  std::ostringstream err;
  const Streams streams{out, err};
  {
    Progress progress(streams, form, nullptr, [](const std::stop_token&) { return 5; });
    progress.on_row(row_of("a.gt", batch::Result::Migrated));
    std::this_thread::sleep_for(700ms);
    batch::Row bad = row_of("b\n.gt", batch::Result::Bad);
    bad.failure = batch::explain(Error(ErrorCode::PickleTruncated, "was cut", {.offset = 7}), "");
    progress.on_row(bad);
    batch::Row changed = row_of("c.gt", batch::Result::Updated);
    changed.changes = {{"frames", "1", "2", {}}};
    progress.on_row(changed);
    CHECK(progress.totals().sources == 3);
  }
  return {out.str(), err.str()};
}

TEST_CASE("on a terminal a line is painted, and taken away before anything else is said") {
  const Told got = told(ProgressForm::Terminal);
  INFO(got.err);
  CHECK(got.err.find("\r1 of 5 files, ") != std::string::npos);
  CHECK(got.err.find(" left, 0 failed\x1b[K") != std::string::npos);
  CHECK(got.err.find("\r\x1b[Kmigrate-tasks: b\\x0a.gt: bad: byte 7: was cut [pickle.truncated]\n") != std::string::npos);
  CHECK(got.out == "c.gt: frames: 1 -> 2\n");
}

TEST_CASE("in a log and when quiet there are lines only") {
  for (const ProgressForm form : {ProgressForm::Log, ProgressForm::Quiet}) {
    const Told got = told(form);
    CHECK(got.err == "migrate-tasks: b\\x0a.gt: bad: byte 7: was cut [pickle.truncated]\n");
    CHECK(got.out == "c.gt: frames: 1 -> 2\n");
  }
}

}  // namespace
}  // namespace gt::tools
