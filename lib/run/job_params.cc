#include "lib/run/job_params.h"

#include <fmt/format.h>

#include "lib/run/lux_params.h"

namespace gt::run {
namespace {

using Json = nlohmann::ordered_json;

// Base of the names of results of a task's own script. Blender replaces '#' in names, so it holds none.
constexpr std::string_view k_output_base = "strip";

Json range(const render::Rows& rows) { return {rows.first, rows.end}; }

Json to_params(const Piece& piece) {
  return {{"number", piece.subtask},         {"frame", piece.frame}, {"rows", range(piece.rows)},
          {"columns", range(piece.columns)}, {"name", piece.name},   {"mark", piece.mark}};
}

// What a task's own script, made after the old program's, knows a subtask by.
void add_own_script_params(const RunPlan& plan, const Piece& piece, Json& params) {
  if (plan.plan.renderer == task::Renderer::Blender) {
    params["output_basename"] = k_output_base;
    params["frames"] = {piece.frame};
    params["rows"] = range(piece.rows);
  }
  params["start_task"] = piece.subtask;
  params["end_task"] = piece.subtask;
  params["total_tasks"] = plan.plan.subtasks.size();
}

Json make_params(const RunPlan& plan, const std::vector<Piece>& pieces) {
  Json params = Json::object();
  switch (plan.plan.renderer) {
    case task::Renderer::LuxRender: return lux_params(plan, plan.plan.subtask(pieces.front().subtask));
    case task::Renderer::Blender: break;
    default: add_own_script_params(plan, pieces.front(), params); return params;
  }
  params["scene_file"] = plan.scene;
  params["script_src"] = plan.crop_script;
  params["output_format"] = plan.plan.format.blender;
  params["resolution"] = plan.plan.resolution;
  params["subtasks"] = Json::array();
  for (const Piece& piece : pieces) params["subtasks"].push_back(to_params(piece));
  params["engine"] = plan.plan.engine.empty() ? Json(nullptr) : Json(plan.plan.engine);
  params["threads"] = plan.limits.threads;
  params["adaptive"] = to_string(plan.plan.adaptive);
  params["compositing"] = to_string(plan.plan.compositing);
  if (plan.is_own_script) add_own_script_params(plan, pieces.front(), params);
  return params;
}

std::string mark_of(const RunPlan& plan, const render::Subtask& subtask) {
  return fmt::format("gt-tools subtask {} frame {} rows {}-{} of {}", subtask.number, subtask.frame, subtask.rows.first,
                     subtask.rows.end, plan.plan.resolution[1]);
}

// "1-4,7": runs of consecutive numbers.
std::string numbers_of(const std::vector<Piece>& pieces) {
  std::string out;
  for (std::size_t i = 0; i < pieces.size();) {
    std::size_t end = i + 1;
    while (end < pieces.size() && pieces[end].subtask == pieces[end - 1].subtask + 1) ++end;
    if (!out.empty()) out += ',';
    out += std::to_string(pieces[i].subtask);
    if (end - i > 1) out += '-' + std::to_string(pieces[end - 1].subtask);
    i = end;
  }
  return out;
}

std::string name_of_result(const RunPlan& plan, const render::Subtask& subtask) {
  switch (plan.plan.renderer) {
    case task::Renderer::Blender: break;
    case task::Renderer::LuxRender: return lux_result_name(plan, subtask);
    default: return {};
  }
  if (plan.is_own_script) return render::output_name(k_output_base, subtask.frame, plan.plan.format);
  return fmt::format("{:05}{}", subtask.number, plan.plan.format.extension);
}

}  // namespace

Piece piece_of(const RunPlan& plan, const render::Subtask& subtask) {
  return {.subtask = subtask.number,
          .frame = subtask.frame,
          .rows = subtask.rows,
          .columns = {0, plan.plan.resolution[0]},
          .name = name_of_result(plan, subtask),
          .mark = mark_of(plan, subtask)};
}

Piece piece_of(const RunPlan& plan, const Verification& verification) {
  Piece out = piece_of(plan, plan.plan.subtask(verification.subtask));
  out.rows = verification.rows;
  out.columns = verification.columns;
  return out;
}

docker::JobSpec make_job_spec(const RunPlan& plan, const RunContext& context, const std::vector<Piece>& pieces,
                              const ContainerPaths& paths, const std::filesystem::path& run_directory, std::uint64_t memory) {
  const std::string numbers = numbers_of(pieces);
  docker::JobSpec spec;
  spec.image = plan.image;
  spec.script = plan.script;
  spec.params = make_params(plan, pieces);
  spec.resources_dir = std::filesystem::absolute(resources_path(run_directory));
  spec.work_dir = std::filesystem::absolute(paths.work);
  spec.output_dir = std::filesystem::absolute(paths.output);
  spec.live_log = {.stdout_file = paths.stdout_log,
                   .stderr_file = paths.stderr_log,
                   .logger = context.container_log,
                   .label = (pieces.size() == 1 ? "subtask " : "subtasks ") + numbers + " "};
  spec.logger = context.job_log;
  spec.isolation = plan.isolation;
  spec.isolation.memory_bytes = memory;
  if (!spec.isolation.cpus) spec.isolation.cpus = plan.limits.threads;
  spec.labels = {{"io.gt-tools.run", context.run_id}, {"io.gt-tools.subtask", numbers}};
  return spec;
}

}  // namespace gt::run
