// What a run has done, for programs and for people: report.json (schemas/gt-run-report-1.json) and report.html.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/run/report_data.h"

namespace gt::run {

class Report {
 public:
  // Begins the run's time. What is referred to must outlive the report.
  Report(const RunPlan& plan, const RunDirectory& directory, std::string run_id, Versions versions);

  // Of a frame's thumbnail, if it is shown.
  std::optional<std::int64_t> thumbnail_side(std::int64_t frame) const;
  // A picture that is there now: its digest is that of this moment.
  void add_picture(std::int64_t frame, const std::filesystem::path& file, std::string thumbnail);
  // The directory of a program's files, which are those of its result.
  void add_files(const std::filesystem::path& directory, const Result& result);

  // What ended the run before all was done.
  struct Trouble {
    ErrorCode code = ErrorCode::ContainerFailed;
    std::string text;
  };
  // Into the run directory, from the records that are there. Throws what writing files does, and RunState for a damaged record.
  // `warnings` are what did not stop it.
  void write(const std::optional<Trouble>& trouble, std::vector<std::string> warnings) const;

 private:
  const RunPlan& plan_;
  const RunDirectory& directory_;
  std::string run_id_;
  Versions versions_;
  std::int64_t begin_ms_;
  std::set<std::int64_t> thumbnail_frames_;
  std::vector<PictureReport> pictures_;
};

}  // namespace gt::run
