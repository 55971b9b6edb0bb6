// What a run has done, gathered for its reports.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/run/run_directory.h"
#include "lib/run/run_plan.h"

namespace gt::run {

// Of what takes part in a run; empty where not known.
struct Versions {
  std::string tools = {};    // "0.1.0"
  std::string engine = {};   // "Docker 20.10.24"
  std::string blender = {};  // "3.4.1", as it says in its containers
};

// A picture that was published.
struct PictureReport {
  std::int64_t frame = 1;
  std::string file = {};  // as the user named it
  std::uint64_t size = 0;
  std::string sha256 = {};
  std::string thumbnail = {};  // a small PNG; empty: none was made
};

struct AttemptReport {
  Attempt attempt = {};
  // The part of the container's time that went by with this subtask, whose result was the next to come. 0: not known.
  std::int64_t started_ms = 0;
  std::int64_t elapsed_ms = 0;
};

struct SubtaskReport {
  enum class State : std::uint8_t { NotTried, Failed, Done };
  render::Subtask subtask = {};
  std::vector<AttemptReport> attempts = {};
  std::optional<Result> result = {};

  State state() const {
    if (result) return State::Done;
    return attempts.empty() ? State::NotTried : State::Failed;
  }
};
std::string_view to_string(SubtaskReport::State state);  // "not tried", "failed", "done"

struct Totals {
  std::int64_t done = 0;  // subtasks
  std::int64_t failed = 0;
  std::int64_t not_tried = 0;
  std::int64_t tries = 0;
  std::int64_t containers = 0;
  std::int64_t container_ms = 0;  // of all containers together
  std::uint64_t peak_memory = 0;  // of the one that needed most
};

struct ReportData {
  enum class Outcome : std::uint8_t { Done, Failed, Interrupted };
  const RunPlan& plan;              // the caller's
  std::filesystem::path directory;  // where the reports lie
  std::string run = {};
  Versions versions = {};
  Outcome outcome = Outcome::Done;
  std::string error_code = {};  // empty: none
  std::string error = {};
  std::vector<std::string> warnings = {};  // of the run: a log that was cut, a container that stayed
  std::int64_t started_ms = 0;             // since 1970
  std::int64_t ended_ms = 0;
  std::vector<SubtaskReport> subtasks = {};
  std::vector<PictureReport> pictures = {};  // by frame
  std::string preview = {};                  // a PNG of the frame that was rendered last, as far as it is there
  Totals totals = {};
};
std::string_view to_string(ReportData::Outcome outcome);  // "done", "failed", "interrupted"

// Fills in the subtasks from the records that are in `directory`, totals, Blender's version and the preview.
void add_records(ReportData& data, const RunDirectory& directory);

}  // namespace gt::run
