#include "tools/submit-task/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <system_error>

#include "embedded/scripts.h"
#include "lib/base/remove_tree.h"
#include "lib/base/text.h"
#include "lib/log/loggers.h"
#include "lib/run/check.h"
#include "lib/run/images.h"
#include "lib/run/probe.h"
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

// By default a still has one container, whose process has the scene once and all cores; frames have one for each core.
std::optional<int> wanted_jobs(const Options& options, const render::Plan& plan, bool own_script) {
  if (options.jobs || plan.is_animation || own_script) return options.jobs;
  return 1;
}

run::Limits make_limits(const Options& options, const task::Definition& definition, const run::RunPlan& plan,
                        const run::Machine& machine) {
  run::Limits limits = run::share_machine(machine, wanted_jobs(options, plan.plan, plan.is_own_script), plan.plan.parts(),
                                          definition.estimated_memory);
  limits.most_memory_bytes = options.isolation.memory_bytes.value_or(machine.memory_total);
  limits.memory_bytes = options.isolation.memory_bytes.value_or(limits.memory_bytes);
  limits.retries = options.retries;
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
  run::RenderRequest request;
  run::RunPlan& plan = request.run;
  plan.plan = make_plan(options, task.definition);
  request.files = run::find_task_files(task.definition, options.map, {options.search, &plan.plan.notes});
  const fs::path output = run::find_output(task.definition, options.map, options.output, plan.plan.format, request.files);
  require_free(output, options);
  const std::vector<task::Image> images = run::rename_images(task.definition.docker_images, options.image_rules);
  if (!images.empty()) plan.image = images.front();
  plan.script = script_text(request.files);
  plan.is_own_script = request.files.own_script.has_value();
  plan.crop_script = std::string(embedded::k_blendercrop_py);
  plan.scene = run::plan_staging(request.files).scene;
  plan.limits = make_limits(options, task.definition, plan, s.machine);
  plan.isolation = options.isolation;
  plan.output = output.string();
  if (!task.sha256.empty()) plan.inputs.push_back({.name = "the task", .size = task.size, .sha256 = task.sha256});
  request.verification = task.definition.verification;
  request.context.run_id = s.run_id;
  request.owner = s.owner;
  request.run_directory = options.run_directory ? fs::path(*options.run_directory) : fs::path(output.string() + ".run");
  request.clobber = options.clobber;
  request.keep = options.keep;
  request.restart = options.restart;
  return request;
}

// Bytes that are free where the run directory is, or will be made; 0 if that is not known.
std::uint64_t free_disk(fs::path directory) {
  std::error_code failed;
  directory = fs::absolute(directory);
  while (!fs::exists(directory, failed) && directory.has_relative_path()) directory = directory.parent_path();
  const fs::space_info space = fs::space(directory, failed);
  return failed ? 0 : space.available;
}

std::vector<Finding> check(const Options& options, const LoadedTask& task, const run::RenderRequest& request,
                           const Surroundings& s, std::optional<run::BlenderFacts> image) {
  return run::check_task({.plan = request.run,
                          .files = request.files,
                          .machine = s.machine,
                          .saved_output = options.output.value_or(task.definition.output_file),
                          .estimated_memory = task.definition.estimated_memory,
                          .free_disk = free_disk(request.run_directory),
                          .image = std::move(image)});
}

Error check_error(const std::vector<Finding>& findings) {
  std::vector<std::string> errors;
  for (const Finding& finding : findings)
    if (finding.severity == Finding::Severity::Error) errors.push_back(finding.message);
  if (errors.size() == 1) return Error(ErrorCode::PlanInvalid, errors.front());
  return Error(ErrorCode::PlanInvalid,
               fmt::format("{} reasons why this cannot be rendered:\n  {}", errors.size(), fmt::join(errors, "\n  ")));
}

// The first step of each run: warnings are told, errors end it before anything starts.
void require_good(const std::vector<Finding>& findings, const Options& options, const Surroundings& s) {
  std::vector<Finding> others;
  for (const Finding& finding : findings)
    if (finding.severity != Finding::Severity::Error) others.push_back(finding);
  print(others, options, s);
  if (others.size() != findings.size()) throw check_error(findings);
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

std::string strips_text(const render::Plan& plan) {
  const std::size_t frames = plan.frames.size();
  std::string out = plan.is_animation ? fmt::format("{} frame{}", frames, frames == 1 ? "" : "s") : std::string();
  if (plan.is_animation && plan.strips == 1) return out;
  if (plan.is_animation) out += ", ";
  return out + fmt::format("{} strip{}{}", plan.strips, plan.strips == 1 ? "" : "s", plan.is_animation ? " each" : "");
}

void announce(const run::RenderRequest& request, const Options& options, const Surroundings& s) {
  if (options.quiet) return;
  const run::RunPlan& run = request.run;
  s.streams.err << fmt::format("rendering {} x {} pixels, {}, {} container{} at a time, with {}\n", run.plan.resolution[0],
                               run.plan.resolution[1], strips_text(run.plan), run.limits.jobs, run.limits.jobs == 1 ? "" : "s",
                               printable(run.image.name(), 300));
}

// Loggers of containers, and whoever shows progress, share the terminal.
struct Screen {
  Screen(const Options& options, const Surroundings& s)
      : status(s.streams, options.quiet ? StatusStyle::Silent : s.status),
        loggers(options.log, [this](std::string_view line) { status.write_line(line); }) {}

  run::RunContext context(const Surroundings& s) {
    return {.run_id = s.run_id,
            .job_log = loggers.get("golem.task.docker.job"),
            .container_log = loggers.get("golem.task.docker.job.container")};
  }

  StatusLine status;
  log::Loggers loggers;
};

// An animation of which some frames failed: the others are there.
Error losses_error(const run::RunOutcome& outcome, const run::RenderRequest& request) {
  std::string text =
      fmt::format("{} of {} subtasks failed, {} picture{} there; the same command tries these again:", outcome.losses.size(),
                  request.run.plan.subtasks.size(), outcome.pictures.size(), outcome.pictures.size() == 1 ? " is" : "s are");
  for (const run::Loss& loss : outcome.losses) text += "\n  " + loss.message;
  return Error(run::error_code_of(outcome.losses.front().cause), text);
}

void render(const Options& options, const LoadedTask& task, run::RenderRequest request, const Surroundings& s) {
  const task::Definition& definition = task.definition;
  require_good(check(options, task, request, s, {}), options, s);
  const Connection connection = s.connect(options.engine);
  print(connection.notes, options, s);
  run::ContainerRunner& runner = *connection.runner;
  reap(runner, options, s);
  request.run.image = run::choose_image(run::rename_images(definition.docker_images, options.image_rules), runner);
  request.run.image_id = request.run.image.id;
  announce(request, options, s);
  const auto started = std::chrono::steady_clock::now();
  run::RunOutcome outcome;
  {
    Screen screen(options, s);
    run::RenderRequest run = request;
    run.context = screen.context(s);
    outcome = run::render_task(std::move(run), runner, screen.status, s.stop);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  if (!options.quiet) {
    const std::string before =
        outcome.from_before == 0 ? "" : fmt::format(", {} subtasks were done before", outcome.from_before);
    s.streams.err << fmt::format("rendered in {:.1f} s{}; logs and report are in {}\n", seconds.count(), before,
                                 printable(request.run_directory.string(), 4096));
  }
  for (const fs::path& picture : outcome.pictures) s.streams.out << picture.string() << '\n';
  s.streams.out << std::flush;
  if (!outcome.losses.empty()) throw losses_error(outcome, request);
}

// A directory that goes with its contents.
struct ScratchDirectory {
  ScratchDirectory() {
    std::string pattern = (fs::temp_directory_path() / "gt-tools-check-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw os_error(errno, "make a directory", pattern);
    path = pattern;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() { remove_tree(path); }
  fs::path path;
};

void check_only(const Options& options, const LoadedTask& task, run::RenderRequest request, const Surroundings& s) {
  const Connection connection = s.connect(options.engine);
  print(connection.notes, options, s);
  run::ContainerRunner& runner = *connection.runner;
  const std::vector<task::Image> images = run::rename_images(task.definition.docker_images, options.image_rules);
  request.run.image = run::choose_image(images, runner);
  std::optional<run::BlenderFacts> facts;
  if (!request.run.is_own_script) {
    const ScratchDirectory place;
    facts = run::probe_image(request.run, std::string(embedded::k_docker_probe_py), place.path, runner);
  }
  const std::vector<Finding> findings = check(options, task, request, s, std::move(facts));
  tools::print_findings(s.streams, k_tool, findings);
  const auto errors = std::count_if(findings.begin(), findings.end(),
                                    [](const Finding& finding) { return finding.severity == Finding::Severity::Error; });
  if (errors > 0) throw Error(ErrorCode::PlanInvalid, fmt::format("{} error{}, see above", errors, errors == 1 ? "" : "s"));
  if (!options.quiet) s.streams.err << "nothing stands in the way\n";
}

// The run directory only, for --run-subtask.
void prepare(const Options& options, const task::Definition& definition, run::RenderRequest request, const Surroundings& s) {
  const Connection connection = s.connect(options.engine);
  print(connection.notes, options, s);
  const std::vector<task::Image> images = run::rename_images(definition.docker_images, options.image_rules);
  request.run.image = run::choose_image(images, *connection.runner);
  request.run.image_id = request.run.image.id;
  const std::string directory = request.run_directory.string();
  run::prepare_task(std::move(request), s.stop);
  s.streams.out << directory << '\n' << std::flush;
}

// Single subtasks of a run directory, without its task.
void run_subtasks(const Options& options, const Surroundings& s) {
  const Connection connection = s.connect(options.engine);
  print(connection.notes, options, s);
  Screen screen(options, s);
  run::render_subtasks(options.run_directory.value_or(""), options.subtasks, screen.context(s), *connection.runner,
                       screen.status, s.stop);
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
  if (!options.subtasks.empty()) return run_subtasks(options, s);
  const LoadedTask task = s.load(options.task);
  print(task.findings, options, s);
  run::RenderRequest request = make_request(options, task, s);
  print(request.run.plan.notes, options, s);
  switch (options.action) {
    case Action::Render: return render(options, task, std::move(request), s);
    case Action::Check: return check_only(options, task, std::move(request), s);
    case Action::DryRun: return print_dry_run(request, s.streams.out);
    case Action::PrintPlan: s.streams.out << run::to_json(request.run) << std::flush; return;
    case Action::Prepare: return prepare(options, task.definition, std::move(request), s);
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
