#include "tools/submit-task/dry_run.h"

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <vector>

#include "lib/base/text.h"

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

// The parameters by name; of a script's text only that it is there.
std::string params_text(const nlohmann::ordered_json& params) {
  std::string out;
  for (const auto& [name, value] : params.items()) {
    if (!out.empty()) out += ' ';
    out += name + '=';
    out += name == "script_src" ? "(text)" : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
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

void print_container(const run::RenderRequest& request, const render::Subtask& subtask, std::ostream& out) {
  const docker::JobSpec spec = run::make_job_spec(request.common, request.plan, subtask, request.run_directory);
  const run::Limits& limits = request.common.limits;
  out << fmt::format("container {} of {}: rows {} to {} of {}\n", subtask.number, request.plan.subtasks.size(),
                     subtask.rows.first, subtask.rows.end - 1, request.plan.resolution[1]);
  out << fmt::format("  image    {}\n", printable(spec.image.name(), 300));
  out << "  command  /usr/bin/python /golem/work/job.py\n";
  out << fmt::format("  mount    {} at /golem/work\n", shown(spec.work_dir));
  out << fmt::format("  mount    {} at /golem/resources, read-only\n", shown(spec.resources_dir));
  out << fmt::format("  mount    {} at /golem/output\n", shown(spec.output_dir));
  out << fmt::format("  limits   {}\n", isolation_text(spec.isolation, limits));
  out << fmt::format("  params   {}\n", params_text(spec.params));
}

}  // namespace

void print_dry_run(const run::RenderRequest& request, std::ostream& out) {
  for (const run::StagedFile& file : run::plan_staging(request.files).files) {
    out << fmt::format("copy {} to /golem/resources/{}\n", shown(file.source), shown(file.relative));
  }
  const std::string script = request.files.own_script ? shown(*request.files.own_script) : "the built-in docker_blendertask.py";
  out << fmt::format("script {}\n", script);
  for (const render::Subtask& subtask : request.plan.subtasks) print_container(request, subtask, out);
  const char* noun = request.plan.subtasks.size() == 1 ? "container" : "containers";
  out << fmt::format("{} {}, {} at a time, {} threads each; picture {}\n", request.plan.subtasks.size(), noun,
                     request.common.limits.jobs, request.common.limits.threads, shown(request.output));
}

}  // namespace gt::submit
