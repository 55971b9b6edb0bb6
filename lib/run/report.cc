#include "lib/run/report.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "lib/base/files.h"
#include "lib/run/content_hash.h"
#include "lib/run/record.h"

namespace gt::run {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

std::int64_t to_ms(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Json to_json(const Attempt& attempt) {
  return {{"cause", to_string(attempt.cause)}, {"message", attempt.message},       {"exit_code", attempt.exit_code},
          {"directory", attempt.directory},    {"container", attempt.container},   {"host", attempt.host},
          {"started_ms", attempt.started_ms},  {"elapsed_ms", attempt.elapsed_ms}, {"memory_limit", attempt.memory_limit},
          {"peak_memory", attempt.peak_memory}};
}

Json to_json(const Result& result) {
  return {{"size", result.size},         {"sha256", result.sha256},
          {"pixels", result.pixels},     {"is_uniform", result.is_uniform},
          {"is_black", result.is_black}, {"is_verified", result.is_verified}};
}

Json to_json(const render::Subtask& subtask, const Record& record) {
  Json out = {{"number", subtask.number},
              {"frame", subtask.frame},
              {"rows", {subtask.rows.first, subtask.rows.end}},
              {"state", record.result             ? "done"
                        : record.attempts.empty() ? "not tried"
                                                  : "failed"},
              {"attempts", Json::array()},
              {"result", record.result ? to_json(*record.result) : Json(nullptr)}};
  for (const Attempt& attempt : record.attempts) out["attempts"].push_back(to_json(attempt));
  return out;
}

Json picture_json(const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return {{"file", path.string()}, {"size", 0}, {"sha256", ""}};
  return {{"file", path.string()}, {"size", info.st_size}, {"sha256", sha256_of_file(fd.get(), path.string())}};
}

}  // namespace

Report::Report(const RunPlan& plan, const RunDirectory& directory, std::string run_id)
    : plan_(plan), directory_(directory), run_id_(std::move(run_id)), begin_(std::chrono::system_clock::now()) {}

void Report::write(const std::vector<fs::path>& pictures, const std::string& error) const {
  Json out = {{"format", "gt-run-report-1"},
              {"run", run_id_},
              {"outcome", error.empty() ? "done" : "failed"},
              {"error", error},
              {"started_ms", to_ms(begin_)},
              {"ended_ms", to_ms(std::chrono::system_clock::now())},
              {"image", {{"name", plan_.image.name()}, {"id", plan_.image_id}}},
              {"output", plan_.output},
              {"resolution", plan_.plan.resolution},
              {"picture_format", plan_.plan.format.saved},
              {"engine", plan_.plan.engine},
              {"strips", plan_.plan.strips},
              {"inputs", Json::array()},
              {"pictures", Json::array()},
              {"subtasks", Json::array()}};
  for (const InputFile& file : plan_.inputs)
    out["inputs"].push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
  for (const fs::path& picture : pictures) out["pictures"].push_back(picture_json(picture));
  for (const render::Subtask& subtask : plan_.plan.subtasks)
    out["subtasks"].push_back(to_json(subtask, directory_.record(subtask.number)));
  const fs::path file = directory_.path() / "report.json";
  write_file(file.string(), out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  directory_.give(file);
}

}  // namespace gt::run
