#include "lib/run/report_data.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <tuple>

#include "lib/base/files.h"
#include "lib/base/text.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

// Blender says its version before anything of ours is rendered.
constexpr std::size_t k_first_bytes = std::size_t{64} << 10;
constexpr std::size_t k_most_logs = 16;
constexpr std::uint64_t k_largest_preview = std::uint64_t{32} << 20;

// Attempts are timed from the start of their container, which renders its subtasks one after the other.
void share_out_time(std::vector<SubtaskReport>& subtasks) {
  std::map<std::string, std::vector<AttemptReport*>> containers;
  for (SubtaskReport& subtask : subtasks)
    for (AttemptReport& one : subtask.attempts)
      if (one.attempt.started_ms > 0) containers[one.attempt.directory].push_back(&one);
  for (auto& [directory, attempts] : containers) {
    std::stable_sort(attempts.begin(), attempts.end(), [](const AttemptReport* a, const AttemptReport* b) {
      return a->attempt.started_ms + a->attempt.elapsed_ms < b->attempt.started_ms + b->attempt.elapsed_ms;
    });
    std::int64_t before = 0;
    for (AttemptReport* one : attempts) {
      const std::int64_t end = one->attempt.started_ms + one->attempt.elapsed_ms;
      one->started_ms = std::max(before, one->attempt.started_ms);
      one->elapsed_ms = end - one->started_ms;
      before = end;
    }
  }
}

// One record says it for all that were in the container.
void share_out_containers(std::vector<SubtaskReport>& subtasks) {
  std::map<std::string, std::pair<std::string, std::uint64_t>> known;
  for (const SubtaskReport& subtask : subtasks)
    for (const AttemptReport& one : subtask.attempts)
      if (!one.attempt.container.empty()) known[one.attempt.directory] = {one.attempt.container, one.attempt.peak_memory};
  for (SubtaskReport& subtask : subtasks)
    for (AttemptReport& one : subtask.attempts)
      if (const auto found = known.find(one.attempt.directory); found != known.end())
        std::tie(one.attempt.container, one.attempt.peak_memory) = found->second;
}

Totals totals_of(const std::vector<SubtaskReport>& subtasks) {
  Totals out;
  std::map<std::string, std::int64_t> containers;
  for (const SubtaskReport& subtask : subtasks) {
    switch (subtask.state()) {
      case SubtaskReport::State::Done: ++out.done; break;
      case SubtaskReport::State::Failed: ++out.failed; break;
      case SubtaskReport::State::NotTried: ++out.not_tried; break;
    }
    for (const AttemptReport& one : subtask.attempts) {
      ++out.tries;
      out.peak_memory = std::max(out.peak_memory, one.attempt.peak_memory);
      std::int64_t& longest = containers[one.attempt.directory];
      longest = std::max(longest, one.attempt.elapsed_ms);
    }
  }
  out.containers = static_cast<std::int64_t>(containers.size());
  for (const auto& [directory, ms] : containers) out.container_ms += ms;
  return out;
}

std::string version_in(const fs::path& log) {
  constexpr std::string_view k_mark = "gt-tools: Blender ";
  std::ifstream file(log, std::ios::binary);
  std::string text(k_first_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  std::size_t at = text.find(k_mark);
  while (at != std::string::npos && at > 0 && text[at - 1] != '\n') at = text.find(k_mark, at + 1);
  if (at == std::string::npos) return {};
  at += k_mark.size();
  return printable(std::string_view(text).substr(at, text.find_first_of("\r\n", at) - at), 60);
}

// All containers are of one image: the first that says it says it for all.
std::string blender_version(const std::vector<SubtaskReport>& subtasks, const fs::path& directory) {
  std::set<std::string> seen;
  for (const SubtaskReport& subtask : subtasks) {
    for (const AttemptReport& one : subtask.attempts) {
      if (!seen.insert(one.attempt.directory).second) continue;
      if (std::string version = version_in(directory / one.attempt.directory / "stdout.log"); !version.empty()) return version;
      if (seen.size() == k_most_logs) return {};
    }
  }
  return {};
}

std::string read_preview(const fs::path& file) {
  std::error_code failed;
  if (!fs::exists(file, failed)) return {};
  return std::string(Input::read(file.string(), k_largest_preview).bytes());
}

}  // namespace

std::string_view to_string(SubtaskReport::State state) {
  constexpr std::string_view k_words[] = {"not tried", "failed", "done"};
  return k_words[static_cast<std::size_t>(state)];
}

std::string_view to_string(ReportData::Outcome outcome) {
  constexpr std::string_view k_words[] = {"done", "failed", "interrupted"};
  return k_words[static_cast<std::size_t>(outcome)];
}

void add_records(ReportData& data, const RunDirectory& directory) {
  for (const render::Subtask& subtask : data.plan.plan.subtasks) {
    Record record = directory.record(subtask.number);
    SubtaskReport& out = data.subtasks.emplace_back();
    out.subtask = subtask;
    out.result = std::move(record.result);
    for (Attempt& attempt : record.attempts) out.attempts.push_back({.attempt = std::move(attempt)});
  }
  share_out_time(data.subtasks);
  share_out_containers(data.subtasks);
  data.totals = totals_of(data.subtasks);
  data.versions.blender = blender_version(data.subtasks, directory.path());
  data.preview = read_preview(directory.path() / "preview.png");
}

}  // namespace gt::run
