// Runs as reports are told of them.
#pragma once

#include "lib/run/report_data.h"
#include "tests/support/small_plan.h"

namespace gt::run {

inline RunPlan report_plan(std::vector<std::int64_t> frames, std::int64_t strips) {
  RunPlan out = gt::testing::small_plan(std::move(frames), strips);
  out.inputs = {{.name = "the task", .size = 7, .sha256 = std::string(64, 'a')}};
  return out;
}

// 2015-09-28 14:03:05 UTC
inline constexpr std::int64_t k_then = 1'443'448'985'000;

// From `begin` to `end` after k_then, in the container that begins with `container`.
inline AttemptReport tried(std::int64_t container, std::int64_t begin, std::int64_t end, Cause cause = Cause::Done) {
  AttemptReport out{.started_ms = k_then + begin, .elapsed_ms = end - begin};
  out.attempt = {.directory = "containers/" + std::to_string(container) + "-1",
                 .container = "gt",
                 .host = "here",
                 .started_ms = k_then + begin,
                 .elapsed_ms = end - begin,
                 .cause = cause,
                 .exit_code = cause == Cause::Done ? 0 : 1,
                 .memory_limit = std::uint64_t{64} << 20,
                 .peak_memory = std::uint64_t{50} << 20};
  return out;
}

inline Result good_result() {
  return {.file = "results/1.png", .size = 9, .sha256 = std::string(64, 'b'), .pixels = "RGBA, 8 bit"};
}

// Nothing was tried yet.
inline ReportData report_data(const RunPlan& plan) {
  ReportData out{
      .plan = plan, .directory = "/tmp/out.png.run", .run = "0123", .versions = {"0.1.0", "Docker 20.10.24", "3.4.1"}};
  out.started_ms = k_then;
  out.ended_ms = k_then + 10'000;
  for (const render::Subtask& subtask : plan.plan.subtasks) out.subtasks.push_back({.subtask = subtask});
  return out;
}

}  // namespace gt::run
