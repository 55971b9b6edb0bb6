// What a run has done, for programs and for people: report.json (schemas/gt-run-report-1.json) and report.html.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "lib/run/run_directory.h"
#include "lib/run/run_plan.h"

namespace gt::run {

class Report {
 public:
  // Begins the run's time. What is referred to must outlive the report.
  Report(const RunPlan& plan, const RunDirectory& directory, std::string run_id);

  // Into the run directory, from the records that are there. `error` is what ended the run, empty for none.
  void write(const std::vector<std::filesystem::path>& pictures, const std::string& error) const;

 private:
  const RunPlan& plan_;
  const RunDirectory& directory_;
  std::string run_id_;
  std::chrono::system_clock::time_point begin_;
};

}  // namespace gt::run
