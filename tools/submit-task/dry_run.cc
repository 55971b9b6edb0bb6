#include "tools/submit-task/dry_run.h"

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <vector>

#include "lib/base/text.h"
#include "lib/run/pictures.h"

namespace gt::submit {
namespace {

std::string shown(const std::filesystem::path& path) { return printable(path.lexically_normal().string(), 4096); }

std::string memory_text(std::uint64_t bytes) {
  if (bytes == 0) return "no memory limit";
  return fmt::format("memory {} MiB", bytes >> 20);
}

std::string cpus_text(double cpus) {
  if (cpus == 0) return "all cores";
  return fmt::format("{} core{}", cpus, cpus == 1 ? "" : "s");
}

std::string timeout_text(const run::Limits& limits) {
  if (!limits.subtask_timeout) return "no time limit";
  return fmt::format("time {} s", static_cast<double>(limits.subtask_timeout->count()) / 1000);
}

// Parameters that are long texts of ours, or lists that are told in other words.
bool is_long(std::string_view name) { return name == "script_src" || name == "scene_text" || name == "subtasks"; }

// The parameters by name; of a script's text only that it is there.
std::string params_text(const nlohmann::ordered_json& params) {
  std::string out;
  for (const auto& [name, value] : params.items()) {
    if (!out.empty()) out += ' ';
    out += name + '=';
    out += is_long(name) ? "(text)" : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return printable(out, 4096);
}

std::string isolation_text(const docker::Isolation& isolation, const run::Limits& limits) {
  std::vector<std::string> parts = {
      memory_text(isolation.memory_bytes.value_or(0)), cpus_text(isolation.cpus.value_or(0)),
      isolation.pids == 0 ? "any number of processes" : fmt::format("{} processes", isolation.pids), timeout_text(limits),
      fmt::format("user {}:{}", isolation.uid, isolation.gid)};
  parts.push_back(isolation.network == "none" ? "no network" : "network " + printable(isolation.network));
  parts.emplace_back(isolation.drop_capabilities ? "no capabilities" : "the engine's capabilities");
  if (!isolation.no_new_privileges) parts.emplace_back("new privileges allowed");
  parts.emplace_back(isolation.read_only_root ? "read-only root" : "writable root");
  if (!isolation.gpus.empty()) parts.push_back("GPUs " + printable(isolation.gpus));
  if (!isolation.runtime.empty()) parts.push_back("runtime " + printable(isolation.runtime));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// The place, and for rows of how many.
std::string subtask_text(const render::Plan& plan, const render::Subtask& subtask) {
  const bool has_rows = subtask.step == render::Step::Strip && (!plan.is_animation || plan.strips > 1);
  return place_of(plan, subtask) + (has_rows ? fmt::format(" of {}", plan.resolution[1]) : std::string());
}

std::string_view builtin_script(const render::Plan& plan) {
  return plan.renderer == task::Renderer::LuxRender ? "docker_luxtask.py" : "docker_blendertask.py";
}

void print_container(const run::RunPlan& run, const run::RunContext& context, const render::Group& group,
                     const std::filesystem::path& directory, std::ostream& out) {
  std::vector<run::Piece> pieces;
  for (const std::int64_t number : group) pieces.push_back(run::piece_of(run, run.plan.subtask(number)));
  const run::ContainerPaths paths = run::container_paths(directory, group.front(), 1);
  const docker::JobSpec spec = run::make_job_spec(run, context, pieces, paths, directory, run.limits.memory_bytes);
  for (const std::int64_t number : group)
    out << fmt::format("  subtask  {}: {}\n", number, subtask_text(run.plan, run.plan.subtask(number)));
  out << fmt::format("  image    {}\n", printable(spec.image.name(), 300));
  out << "  command  /usr/bin/python /golem/work/job.py\n";
  out << fmt::format("  mount    {} at /golem/work\n", shown(spec.work_dir));
  out << fmt::format("  mount    {} at /golem/resources, read-only\n", shown(spec.resources_dir));
  out << fmt::format("  mount    {} at /golem/output\n", shown(spec.output_dir));
  out << fmt::format("  limits   {}\n", isolation_text(spec.isolation, run.limits));
  out << fmt::format("  params   {}\n", params_text(spec.params));
}

// One picture, or the first and the last of many.
std::string pictures_text(const run::RunPlan& run) {
  if (run.plan.renderer == task::Renderer::None) return "files in " + shown(run.output);
  const std::string first = shown(run::picture_path(run, run.plan.frames.front()));
  if (run.plan.frames.size() == 1) return "picture " + first;
  return fmt::format("{} pictures, {} to {}", run.plan.frames.size(), first,
                     shown(run::picture_path(run, run.plan.frames.back())));
}

}  // namespace

void print_dry_run(const run::RenderRequest& request, std::ostream& out) {
  for (const run::StagedFile& file : run::plan_staging(request.files).files) {
    out << fmt::format("copy {} to /golem/resources/{}\n", shown(file.source), shown(file.relative));
  }
  const std::string script = request.files.own_script ? shown(*request.files.own_script)
                                                      : "the built-in " + std::string(builtin_script(request.run.plan));
  out << fmt::format("script {}\n", script);
  const run::RunPlan& run = request.run;
  std::vector<std::int64_t> all;
  for (const render::Subtask& subtask : run.plan.subtasks) all.push_back(subtask.number);
  const std::vector<render::Group> groups = make_groups(run, all, run.limits.jobs);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    out << fmt::format("container {} of {}\n", i + 1, groups.size());
    print_container(run, request.context, groups[i], request.run_directory, out);
  }
  out << fmt::format("{} container{}, {} at a time, {} threads each; {}\n", groups.size(), groups.size() == 1 ? "" : "s",
                     run.limits.jobs, run.limits.threads, pictures_text(run));
}

}  // namespace gt::submit
