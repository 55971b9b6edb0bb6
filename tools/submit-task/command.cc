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
#include "lib/run/lux_scene.h"
#include "lib/run/probe.h"
#include "lib/run/render_task.h"
#include "tools/common/version.h"
#include "tools/submit-task/dry_run.h"
#include "tools/submit-task/event_display.h"
#include "tools/submit-task/options.h"
#include "tools/submit-task/text_display.h"
#include "tools/submit-task/ticker.h"

namespace gt::submit {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_tool = "submit-task";
constexpr std::chrono::milliseconds k_tick{100};
constexpr int k_cores_per_blender = 4;  // up to which one makes better use of them than two

void tell(Display& display, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) display.on_finding(finding);
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

// By default a still has one container, whose process has the scene once and all cores, and so has each film. One Blender
// leaves less than a core in fifty idle between two frames on two cores, where a second one costs a tenth (bench/README.md):
// frames have one for every four cores. What a script of the task does with cores is not known.
std::optional<int> wanted_jobs(const Options& options, const render::Plan& plan, bool own_script, int cores) {
  if (options.jobs || own_script) return options.jobs;
  return plan.is_animation ? std::max(cores / k_cores_per_blender, 1) : 1;
}

run::Limits make_limits(const Options& options, const task::Definition& definition, const run::RunPlan& plan,
                        const run::Machine& machine) {
  run::Limits limits = run::share_machine(machine, wanted_jobs(options, plan.plan, plan.is_own_script, machine.cores),
                                          plan.plan.parts(), definition.estimated_memory);
  limits.most_memory_bytes = options.isolation.memory_bytes.value_or(machine.memory_total);
  limits.memory_bytes = options.isolation.memory_bytes.value_or(limits.memory_bytes);
  limits.retries = options.retries;
  limits.subtask_timeout = run::to_timeout(options.subtask_timeout.value_or(definition.subtask_timeout));
  limits.full_timeout = run::to_timeout(options.full_timeout.value_or(definition.full_task_timeout));
  return limits;
}

std::string script_text(const render::Plan& plan, const run::TaskFiles& files) {
  const bool is_lux = plan.renderer == task::Renderer::LuxRender;
  if (!files.own_script) return std::string(is_lux ? embedded::k_docker_luxtask_py : embedded::k_docker_blendertask_py);
  // What it makes of films and parameters, nobody knows.
  if (is_lux)
    throw Error(ErrorCode::PlanInvalid, "a LuxRender task cannot bring a script of its own", {.path = "main_program_file"},
                "name luxtask.py, as the old program did");
  return std::string(Input::read(files.own_script->string()).bytes());
}

// The images of the task; the old program ran Python tasks without any.
std::vector<task::Image> images_of(const Options& options, const task::Definition& definition) {
  std::vector<task::Image> images = definition.docker_images;
  if (images.empty() && definition.renderer == task::Renderer::None) images.push_back({.repository = "golem/base", .id = {}});
  return run::rename_images(std::move(images), options.image_rules);
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
  const bool is_program = plan.plan.renderer == task::Renderer::None;
  const fs::path output = is_program
                              ? run::find_output_directory(options.output)
                              : run::find_output(task.definition, options.map, options.output, plan.plan.format, request.files);
  if (!is_program) require_free(output, options);
  const std::vector<task::Image> images = images_of(options, task.definition);
  if (!images.empty()) plan.image = images.front();
  plan.script = script_text(plan.plan, request.files);
  plan.is_own_script = request.files.own_script.has_value();
  if (plan.uses_blendercrop()) plan.crop_script = std::string(embedded::k_blendercrop_py);
  if (plan.plan.renderer == task::Renderer::LuxRender) {
    run::LuxScene scene = run::make_lux_scene(task.definition, plan.plan, request.files, options.map);
    plan.lux = std::move(scene.texts);
    request.scene_findings = std::move(scene.findings);
  }
  plan.scene = run::plan_staging(request.files).scene;
  plan.limits = make_limits(options, task.definition, plan, s.machine);
  plan.isolation = options.isolation;
  plan.output = output.string();
  if (!task.sha256.empty()) plan.inputs.push_back({.name = "the task", .size = task.size, .sha256 = task.sha256});
  request.verification = task.definition.verification;
  request.context.run_id = s.run_id;
  request.owner = s.owner;
  request.run_directory = options.run_directory ? fs::path(*options.run_directory) : fs::path(output.string() + ".run");
  request.tools_version = GT_TOOLS_VERSION;
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
                          .image = std::move(image),
                          .scene_findings = request.scene_findings});
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
void require_good(const std::vector<Finding>& findings, Display& display) {
  std::vector<Finding> others;
  for (const Finding& finding : findings)
    if (finding.severity != Finding::Severity::Error) others.push_back(finding);
  tell(display, others);
  if (others.size() != findings.size()) throw check_error(findings);
}

// What runs that were killed left behind, before a new one adds to it.
void reap(run::ContainerRunner& runner, Display& display) {
  const docker::Reaped reaped = runner.reap();
  tell(display, reaped.findings);
  if (reaped.removed.empty()) return;
  display.on_finding({Finding::Severity::Note, fmt::format("removed {} container{} of runs that were killed",
                                                           reaped.removed.size(), reaped.removed.size() == 1 ? "" : "s")});
}

// Loggers of containers share the display with those who tell how far the run is.
struct Loggers {
  Loggers(const Options& options, Display& display)
      : loggers(options.log, [&display](std::string_view line) { display.write_log(line); }) {}

  run::RunContext context(const Surroundings& s) {
    return {.run_id = s.run_id,
            .job_log = loggers.get("golem.task.docker.job"),
            .container_log = loggers.get("golem.task.docker.job.container")};
  }

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

void render(const Options& options, const LoadedTask& task, run::RenderRequest request, const Surroundings& s,
            Display& display) {
  const task::Definition& definition = task.definition;
  require_good(check(options, task, request, s, {}), display);
  const Connection connection = s.connect(options.engine);
  tell(display, connection.notes);
  run::ContainerRunner& runner = *connection.runner;
  reap(runner, display);
  request.run.image = run::choose_image(images_of(options, definition), runner);
  display.begin({.plan = request.run,
                 .run_id = s.run_id,
                 .run_directory = request.run_directory,
                 .subtasks = static_cast<std::int64_t>(request.run.plan.subtasks.size())});
  Loggers loggers(options, display);
  run::RenderRequest run = request;
  run.context = loggers.context(s);
  const run::RunOutcome outcome = run::render_task(std::move(run), runner, display, s.stop);
  display.rendered({.pictures = outcome.pictures, .from_before = outcome.from_before, .run_directory = request.run_directory});
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

void check_only(const Options& options, const LoadedTask& task, run::RenderRequest request, const Surroundings& s,
                Display& display) {
  const Connection connection = s.connect(options.engine);
  tell(display, connection.notes);
  run::ContainerRunner& runner = *connection.runner;
  request.run.image = run::choose_image(images_of(options, task.definition), runner);
  std::optional<run::BlenderFacts> facts;
  if (request.run.uses_blendercrop()) {
    const ScratchDirectory place;
    facts = run::probe_image(request.run, std::string(embedded::k_docker_probe_py), place.path, runner);
  }
  const std::vector<Finding> findings = check(options, task, request, s, std::move(facts));
  tell(display, findings);
  const auto errors = std::count_if(findings.begin(), findings.end(),
                                    [](const Finding& finding) { return finding.severity == Finding::Severity::Error; });
  if (errors > 0) throw Error(ErrorCode::PlanInvalid, fmt::format("{} error{}, see above", errors, errors == 1 ? "" : "s"));
  s.streams.out << "nothing stands in the way\n" << std::flush;
}

// The run directory only, for --run-subtask.
void prepare(const Options& options, const task::Definition& definition, run::RenderRequest request, const Surroundings& s,
             Display& display) {
  const Connection connection = s.connect(options.engine);
  tell(display, connection.notes);
  request.run.image = run::choose_image(images_of(options, definition), *connection.runner);
  const std::string directory = request.run_directory.string();
  run::prepare_task(std::move(request), s.stop);
  s.streams.out << directory << '\n' << std::flush;
}

// Single subtasks of a run directory, without its task.
void run_subtasks(const Options& options, const Surroundings& s, Display& display) {
  const Connection connection = s.connect(options.engine);
  tell(display, connection.notes);
  const fs::path directory = options.run_directory.value_or("");
  std::error_code ignored;
  // Without a plan there is nothing to tell yet: what follows says why.
  if (fs::exists(directory / "plan", ignored)) {
    const run::RunPlan plan = run::read_run_plan(directory / "plan");
    display.begin({.plan = plan,
                   .run_id = s.run_id,
                   .run_directory = directory,
                   .scope = RunBegin::Scope::Subtasks,
                   .subtasks = static_cast<std::int64_t>(options.subtasks.size())});
  }
  Loggers loggers(options, display);
  run::render_subtasks(directory, options.subtasks, loggers.context(s), *connection.runner, display, s.stop);
}

// What became of the subtasks that an earlier run of the directory tried; nothing if there is none.
std::vector<run::Record> state_of(const run::RenderRequest& request) {
  std::vector<run::Record> out;
  std::error_code ignored;
  if (!fs::exists(request.run_directory / "plan", ignored)) return out;
  const run::RunDirectory directory(request.run_directory, request.owner, run::Keep::Everything, run::Use::Shared);
  for (const render::Subtask& subtask : request.run.plan.subtasks) {
    run::Record record = directory.record(subtask.number);
    if (!record.attempts.empty()) out.push_back(std::move(record));
  }
  return out;
}

void reap_only(const Options& options, const Surroundings& s, Display& display) {
  const Connection connection = s.connect(options.engine);
  tell(display, connection.notes);
  const docker::Reaped reaped = connection.runner->reap();
  tell(display, reaped.findings);
  for (const std::string& name : reaped.removed) s.streams.out << printable(name, 300) << '\n';
  s.streams.out << std::flush;
  if (!reaped.findings.empty()) throw Error(ErrorCode::ContainerFailed, "not every container could be removed");
}

void submit(const Options& options, const Surroundings& s, Display& display) {
  if (options.reap) return reap_only(options, s, display);
  tell(display, options.findings);
  if (!options.subtasks.empty()) return run_subtasks(options, s, display);
  const LoadedTask task = s.load(options.task);
  tell(display, task.findings);
  run::RenderRequest request = make_request(options, task, s);
  tell(display, request.run.plan.notes);
  switch (options.action) {
    case Action::Render: return render(options, task, std::move(request), s, display);
    case Action::Check: return check_only(options, task, std::move(request), s, display);
    case Action::DryRun: return print_dry_run(request, s.streams.out);
    case Action::PrintPlan: s.streams.out << run::to_json(request.run, state_of(request)) << std::flush; return;
    case Action::Prepare: return prepare(options, task.definition, std::move(request), s, display);
  }
}

// Tells how it ended, too.
ExitCode submit_and_tell(const OptionParser& parser, const Surroundings& s, Display& display) {
  tools::Ending ending;
  try {
    try {
      submit(parser.options(s.owner), s, display);
    } catch (const std::system_error& error) {
      // std::filesystem and std::thread: the system is in the way, it is no fault of this program.
      throw Error(ErrorCode::System, error.what());
    }
  } catch (...) {
    ending = tools::ending_of(std::current_exception());
  }
  display.end(ending);
  return ending.code;
}

ExitCode submit_and_tell(const OptionParser& parser, const Surroundings& s) {
  if (parser.telling() == Telling::Events) {
    EventDisplay display(s.streams.err, s.clock);
    return submit_and_tell(parser, s, display);
  }
  const StatusStyle style = parser.telling() == Telling::Problems ? StatusStyle::Silent : s.status;
  TextDisplay display({.streams = s.streams, .style = style, .clock = s.clock, .size = s.terminal_size});
  std::optional<Ticker> ticker;
  if (display.is_redrawn()) ticker.emplace(k_tick, [&display] { display.tick(); });
  return submit_and_tell(parser, s, display);
}

}  // namespace

int submit_task_command(int argc, const char* const* argv, const Surroundings& surroundings) noexcept {
  CLI::App app("", k_tool);
  const OptionParser parser(app);
  tools::add_common_options(app);
  ExitCode code = ExitCode::Done;
  // What is wrong with the words of the command line themselves is said there, and help is given.
  const int parsed =
      tools::run_command(app, argc, argv, surroundings.streams, [&] { code = submit_and_tell(parser, surroundings); });
  return parsed == 0 ? static_cast<int>(code) : parsed;
}

}  // namespace gt::submit
