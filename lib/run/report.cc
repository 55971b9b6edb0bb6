#include "lib/run/report.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "lib/base/files.h"
#include "lib/run/content_hash.h"
#include "lib/run/report_html.h"
#include "lib/run/report_json.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

ReportData::Outcome outcome_of(const std::optional<Report::Trouble>& trouble) {
  if (!trouble) return ReportData::Outcome::Done;
  const bool was_stopped = trouble->code == ErrorCode::Interrupted || trouble->code == ErrorCode::Terminated;
  return was_stopped ? ReportData::Outcome::Interrupted : ReportData::Outcome::Failed;
}

}  // namespace

Report::Report(const RunPlan& plan, const RunDirectory& directory, std::string run_id, Versions versions)
    : plan_(plan), directory_(directory), run_id_(std::move(run_id)), versions_(std::move(versions)), begin_ms_(now_ms()) {
  // A still has the run's preview.
  if (!plan_.plan.is_animation) return;
  const std::vector<std::int64_t>& frames = plan_.plan.frames;
  for (const std::size_t index : evenly_chosen(frames.size(), k_most_thumbnails)) thumbnail_frames_.insert(frames[index]);
}

std::optional<std::int64_t> Report::thumbnail_side(std::int64_t frame) const {
  if (thumbnail_frames_.count(frame) == 0) return std::nullopt;
  return k_thumbnail_side;
}

void Report::add_picture(std::int64_t frame, const fs::path& file, std::string thumbnail) {
  PictureReport picture{.frame = frame, .file = file.string(), .thumbnail = std::move(thumbnail)};
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (fd && ::fstat(fd.get(), &info) == 0) {
    picture.size = static_cast<std::uint64_t>(info.st_size);
    picture.sha256 = sha256_of_file(fd.get(), file.string());
  }
  pictures_.push_back(std::move(picture));
}

void Report::add_files(const fs::path& directory, const Result& result) {
  pictures_.push_back({.file = directory.string(), .size = result.size, .sha256 = result.sha256});
}

void Report::write(const std::optional<Trouble>& trouble, std::vector<std::string> warnings) const {
  ReportData data{.plan = plan_, .directory = directory_.path(), .run = run_id_, .versions = versions_};
  data.outcome = outcome_of(trouble);
  data.warnings = std::move(warnings);
  if (trouble) data.error_code = to_string(trouble->code);
  if (trouble) data.error = trouble->text;
  data.started_ms = begin_ms_;
  data.ended_ms = now_ms();
  data.pictures = pictures_;
  std::sort(data.pictures.begin(), data.pictures.end(),
            [](const PictureReport& a, const PictureReport& b) { return a.frame < b.frame; });
  add_records(data, directory_);
  const fs::path json = directory_.path() / "report.json";
  const fs::path html = directory_.path() / "report.html";
  write_file(json.string(), to_json(data));
  write_file(html.string(), to_html(data));
  for (const fs::path& file : {json, html}) directory_.give(file);
}

}  // namespace gt::run
