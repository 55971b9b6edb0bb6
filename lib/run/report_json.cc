#include "lib/run/report_json.h"

#include <nlohmann/json.hpp>

#include "lib/base/text.h"

namespace gt::run {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(valid_utf8(text)); }

Json ms_or_null(const std::optional<std::chrono::milliseconds>& time) { return time ? Json(time->count()) : Json(nullptr); }

Json to_json(const AttemptReport& one) {
  const Attempt& attempt = one.attempt;
  return {{"cause", to_string(attempt.cause)},
          {"message", valid_utf8(attempt.message)},
          {"exit_code", attempt.exit_code},
          {"directory", valid_utf8(attempt.directory)},
          {"container", valid_utf8(attempt.container)},
          {"host", valid_utf8(attempt.host)},
          {"started_ms", one.started_ms},
          {"elapsed_ms", one.elapsed_ms},
          {"memory_limit", attempt.memory_limit},
          {"peak_memory", attempt.peak_memory}};
}

Json to_json(const Result& result) {
  return {{"size", result.size},         {"sha256", result.sha256},
          {"pixels", result.pixels},     {"is_uniform", result.is_uniform},
          {"is_black", result.is_black}, {"is_verified", result.is_verified}};
}

Json to_json(const SubtaskReport& subtask) {
  Json out = {{"number", subtask.subtask.number},
              {"step", to_string(subtask.subtask.step)},
              {"frame", subtask.subtask.frame},
              {"rows", {subtask.subtask.rows.first, subtask.subtask.rows.end}},
              {"state", to_string(subtask.state())},
              {"attempts", Json::array()},
              {"result", subtask.result ? to_json(*subtask.result) : Json(nullptr)}};
  for (const AttemptReport& attempt : subtask.attempts) out["attempts"].push_back(to_json(attempt));
  return out;
}

Json to_json(const Totals& totals, std::int64_t wall_ms) {
  return {{"wall_ms", wall_ms},      {"container_ms", totals.container_ms}, {"containers", totals.containers},
          {"tries", totals.tries},   {"peak_memory", totals.peak_memory},   {"done", totals.done},
          {"failed", totals.failed}, {"not_tried", totals.not_tried}};
}

Json to_json(const Limits& limits) {
  return {{"jobs", limits.jobs},
          {"threads", limits.threads},
          {"memory", limits.memory_bytes},
          {"most_memory", limits.most_memory_bytes},
          {"retries", limits.retries},
          {"subtask_timeout_ms", ms_or_null(limits.subtask_timeout)},
          {"full_timeout_ms", ms_or_null(limits.full_timeout)}};
}

Json to_json(const docker::Isolation& isolation) {
  return {{"uid", isolation.uid},
          {"gid", isolation.gid},
          {"network", valid_utf8(isolation.network)},
          {"drop_capabilities", isolation.drop_capabilities},
          {"no_new_privileges", isolation.no_new_privileges},
          {"read_only_root", isolation.read_only_root},
          {"pids", isolation.pids},
          {"gpus", text_or_null(isolation.gpus)},
          {"runtime", text_or_null(isolation.runtime)}};
}

Json settings(const render::Plan& plan) {
  return {{"renderer", plan.renderer == task::Renderer::None ? Json(nullptr) : Json(to_string(plan.renderer))},
          {"resolution", plan.resolution},
          {"picture_format", text_or_null(plan.format.saved)},
          {"engine", text_or_null(plan.engine)},
          {"adaptive", to_string(plan.adaptive)},
          {"compositing", to_string(plan.compositing)},
          {"is_animation", plan.is_animation},
          {"frames", plan.frames},
          {"strips", plan.strips}};
}

Json notes(const render::Plan& plan) {
  Json out = Json::array();
  for (const Finding& finding : plan.notes) out.push_back(valid_utf8(to_string(finding)));
  return out;
}

Json warnings(const ReportData& data) {
  Json out = Json::array();
  for (const std::string& warning : data.warnings) out.push_back(valid_utf8(warning));
  return out;
}

}  // namespace

std::string to_json(const ReportData& data) {
  const RunPlan& plan = data.plan;
  Json out = {{"format", "gt-run-report-1"},
              {"run", data.run},
              {"outcome", to_string(data.outcome)},
              {"error_code", text_or_null(data.error_code)},
              {"error", text_or_null(data.error)},
              {"started_ms", data.started_ms},
              {"ended_ms", data.ended_ms},
              {"versions",
               {{"gt_tools", text_or_null(data.versions.tools)},
                {"container_engine", text_or_null(data.versions.engine)},
                {"blender", text_or_null(data.versions.blender)}}},
              {"image", {{"name", valid_utf8(plan.image.name())}, {"id", valid_utf8(plan.image.id)}}},
              {"output", valid_utf8(plan.output)},
              {"settings", settings(plan.plan)},
              {"notes", notes(plan.plan)},
              {"warnings", warnings(data)},
              {"limits", to_json(plan.limits)},
              {"isolation", to_json(plan.isolation)},
              {"totals", to_json(data.totals, data.ended_ms - data.started_ms)},
              {"inputs", Json::array()},
              {"pictures", Json::array()},
              {"subtasks", Json::array()}};
  for (const InputFile& file : plan.inputs)
    out["inputs"].push_back({{"name", valid_utf8(file.name)}, {"size", file.size}, {"sha256", file.sha256}});
  for (const PictureReport& picture : data.pictures)
    out["pictures"].push_back({{"frame", picture.frame},
                               {"file", valid_utf8(picture.file)},
                               {"size", picture.size},
                               {"sha256", text_or_null(picture.sha256)}});
  for (const SubtaskReport& subtask : data.subtasks) out["subtasks"].push_back(to_json(subtask));
  return out.dump(2) + "\n";
}

}  // namespace gt::run
