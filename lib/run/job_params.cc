#include "lib/run/job_params.h"

namespace gt::run {
namespace {

using Json = nlohmann::ordered_json;

std::string_view to_word(render::Setting setting) { return setting == render::Setting::Off ? "off" : "scene"; }

Json make_params(const JobTemplate& common, const render::Plan& plan, const render::Subtask& subtask) {
  Json params = Json::object();
  params["scene_file"] = common.scene;
  params["script_src"] = common.crop_script;
  params["output_basename"] = k_output_base;
  params["output_format"] = plan.format.blender;
  params["frames"] = subtask.frames;
  params["resolution"] = plan.resolution;
  params["rows"] = {subtask.rows.first, subtask.rows.end};
  params["engine"] = plan.engine.empty() ? Json(nullptr) : Json(plan.engine);
  params["threads"] = common.limits.threads;
  params["adaptive"] = to_word(plan.adaptive);
  params["compositing"] = to_word(plan.compositing);
  return params;
}

}  // namespace

docker::JobSpec make_job_spec(const JobTemplate& common, const render::Plan& plan, const render::Subtask& subtask,
                              const std::filesystem::path& run_directory) {
  const std::filesystem::path run = std::filesystem::absolute(run_directory);
  const SubtaskPaths paths = subtask_paths(run, subtask.number);
  docker::JobSpec spec;
  spec.image = common.image;
  spec.script = common.script;
  spec.params = make_params(common, plan, subtask);
  spec.resources_dir = resources_path(run);
  spec.work_dir = paths.work;
  spec.output_dir = paths.output;
  spec.live_log = {.stdout_file = paths.stdout_log,
                   .stderr_file = paths.stderr_log,
                   .logger = common.container_log,
                   .label = "subtask " + std::to_string(subtask.number) + " "};
  spec.logger = common.job_log;
  spec.isolation = common.isolation;
  spec.isolation.memory_bytes = common.limits.memory_bytes;
  if (!spec.isolation.cpus) spec.isolation.cpus = common.limits.threads;
  spec.labels = {{"io.gt-tools.run", common.run_id}, {"io.gt-tools.subtask", std::to_string(subtask.number)}};
  return spec;
}

}  // namespace gt::run
