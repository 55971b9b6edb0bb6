#include "tools/submit-task/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <system_error>

#include "embedded/scripts.h"
#include "lib/base/text.h"
#include "lib/log/loggers.h"
#include "lib/run/images.h"
#include "lib/run/render_task.h"
#include "tools/submit-task/dry_run.h"
#include "tools/submit-task/options.h"

namespace gt::submit {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_tool = "submit-task";

void print(const std::vector<Finding>& findings, const Options& options, const Surroundings& s) {
  std::vector<Finding> shown;
  for (const Finding& finding : findings) {
    if (!options.quiet || finding.severity != Finding::Severity::Note) shown.push_back(finding);
  }
  tools::print_findings(s.streams, k_tool, shown);
}

void require_free(const fs::path& output, const Options& options) {
  const auto fail = [&](ErrorCode code, std::string message) {
    throw Error(code, std::move(message), {.file = output.string()});
  };
  std::error_code ignored;
  if (options.task != "-" && fs::equivalent(output, options.task, ignored)) {
    fail(ErrorCode::OutputIsInput, "the picture would overwrite the task");
  }
  if (options.clobber == Clobber::Refuse && fs::exists(fs::symlink_status(output, ignored))) {
    fail(ErrorCode::FileExists, "the picture exists already, and --no-clobber was given");
  }
}

run::Limits make_limits(const Options& options, const task::Definition& definition, const render::Plan& plan,
                        const run::Machine& machine) {
  run::Limits limits =
      run::share_machine(machine, options.jobs, static_cast<std::int64_t>(plan.subtasks.size()), definition.estimated_memory);
  limits.memory_bytes = options.isolation.memory_bytes.value_or(limits.memory_bytes);
  limits.subtask_timeout = run::to_timeout(options.subtask_timeout.value_or(definition.subtask_timeout));
  limits.full_timeout = run::to_timeout(options.full_timeout.value_or(definition.full_task_timeout));
  return limits;
}

std::string script_text(const run::TaskFiles& files) {
  if (!files.own_script) return std::string(embedded::k_docker_blendertask_py);
  return std::string(Input::read(files.own_script->string()).bytes());
}

render::Plan make_plan(const Options& options, const task::Definition& definition) {
  try {
    return render::make_plan(definition, options.plan);
  } catch (const Error& error) {
    // What is wrong with the task names its file; what is wrong with an option does not.
    throw error.code() == ErrorCode::Usage ? error : error.in_file(options.task);
  }
}

run::RenderRequest make_request(const Options& options, const LoadedTask& task, const Surroundings& s) {
  render::Plan plan = make_plan(options, task.definition);
  run::TaskFiles files = run::find_task_files(task.definition, options.map);
  const fs::path output = run::find_output(task.definition, options.map, options.output, plan.format, files);
  require_free(output, options);
  const std::vector<task::Image> images = run::rename_images(task.definition.docker_images, options.image_rules);
  run::RenderRequest request;
  request.common = {.image = images.empty() ? task::Image{} : images.front(),
                    .script = script_text(files),
                    .crop_script = std::string(embedded::k_blendercrop_py),
                    .scene = run::plan_staging(files).scene,
                    .limits = make_limits(options, task.definition, plan, s.machine),
                    .owner = s.owner,
                    .isolation = options.isolation,
                    .run_id = s.run_id};
  request.run_directory = options.run_directory ? fs::path(*options.run_directory) : fs::path(output.string() + ".run");
  request.plan = std::move(plan);
  request.files = std::move(files);
  request.output = output;
  request.clobber = options.clobber;
  request.keep = options.keep;
  return request;
}

// What runs that were killed left behind, before a new one adds to it.
void reap(run::ContainerRunner& runner, const Options& options, const Surroundings& s) {
  const docker::Reaped reaped = runner.reap();
  std::vector<Finding> findings = reaped.findings;
  if (!reaped.removed.empty()) {
    findings.push_back({Finding::Severity::Note, fmt::format("removed {} container{} of runs that were killed",
                                                             reaped.removed.size(), reaped.removed.size() == 1 ? "" : "s")});
  }
  print(findings, options, s);
}

void render(const Options& options, const task::Definition& definition, run::RenderRequest request, const Surroundings& s) {
  const Connection connection = s.connect(options.engine);
  print(connection.notes, options, s);
  run::ContainerRunner& runner = *connection.runner;
  reap(runner, options, s);
  request.common.image = run::choose_image(run::rename_images(definition.docker_images, options.image_rules), runner);
  const std::string output = request.output.string();
  const std::string logs = (request.run_directory / "subtasks").string();
  if (!options.quiet) {
    s.streams.err << fmt::format("rendering {} x {} pixels in {} strips, {} at a time, with {}\n", request.plan.resolution[0],
                                 request.plan.resolution[1], request.plan.subtasks.size(), request.common.limits.jobs,
                                 printable(request.common.image.name(), 300));
  }
  const auto started = std::chrono::steady_clock::now();
  {
    StatusLine status(s.streams, options.quiet ? StatusStyle::Silent : s.status);
    log::Loggers loggers(options.log, [&status](std::string_view line) { status.write_line(line); });
    request.common.job_log = loggers.get("golem.task.docker.job");
    request.common.container_log = loggers.get("golem.task.docker.job.container");
    run::render_task(std::move(request), runner, status, s.stop);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  if (!options.quiet)
    s.streams.err << fmt::format("rendered in {:.1f} s; logs are in {}\n", seconds.count(), printable(logs, 4096));
  s.streams.out << output << '\n' << std::flush;
}

void reap_only(const Options& options, const Surroundings& s) {
  const Connection connection = s.connect(options.engine);
  print(connection.notes, options, s);
  const docker::Reaped reaped = connection.runner->reap();
  print(reaped.findings, options, s);
  for (const std::string& name : reaped.removed) s.streams.out << printable(name, 300) << '\n';
  s.streams.out << std::flush;
  if (!reaped.findings.empty()) throw Error(ErrorCode::ContainerFailed, "not every container could be removed");
}

void submit(const Options& options, const Surroundings& s) {
  if (options.reap) return reap_only(options, s);
  print(options.findings, options, s);
  const LoadedTask task = s.load(options.task);
  print(task.findings, options, s);
  run::RenderRequest request = make_request(options, task, s);
  print(request.plan.notes, options, s);
  if (options.dry_run) {
    print_dry_run(request, s.streams.out);
  } else {
    render(options, task.definition, std::move(request), s);
  }
}

}  // namespace

int submit_task_command(int argc, const char* const* argv, const Surroundings& surroundings) noexcept {
  CLI::App app("", k_tool);
  const OptionParser parser(app);
  tools::add_common_options(app);
  return tools::run_command(app, argc, argv, surroundings.streams, [&] {
    try {
      submit(parser.options(surroundings.owner), surroundings);
    } catch (const std::system_error& error) {
      // std::filesystem and std::thread: the system is in the way, it is no fault of this program.
      throw Error(ErrorCode::System, error.what());
    }
  });
}

}  // namespace gt::submit
