#include "tools/submit-task/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "lib/base/text.h"
#include "tools/common/log_options.h"

namespace gt::submit {
namespace {

constexpr const char* k_description =
    "Renders a saved Golem task in Docker containers.\n\n"
    "TASK is a pickle (.gt) or JSON, told by content. Stills are split into horizontal strips, animations into frames or\n"
    "strips of frames; the paths of the pictures are printed. The same command goes on where an earlier run ended.";

constexpr const char* k_footer =
    "Examples:\n"
    "  submit-task blocks.gt --map /home/ania/blocks=samples/blocks --output blocks.png\n"
    "  submit-task old.gt --map 'C:\\Users\\ania=/mnt/ania' --engine-override CYCLES\n"
    "  submit-task big.json --jobs 4 --strips 12 --image golem/blender=my/blender:3.4\n"
    "  submit-task big.json --dry-run\n\n"
    "--map replaces a literal prefix of the paths in the task; the longest that matches wins, and a match ends where a path\n"
    "component ends: /home/an is no prefix of /home/ania. Behind a Windows path, backslashes become slashes.\n\n"
    "Exit codes: 0 done; 1 the task cannot be rendered as it stands; 2 wrong usage; 3 a container failed; 4 a file, the\n"
    "engine or the image is missing; 130 interrupted; 143 terminated.";

template <typename T>
std::optional<T> given(const CLI::App& app, const char* name, const T& value) {
  if (app.count(name) == 0) return std::nullopt;
  return value;
}

// "3", "2,5-7"
std::vector<std::int64_t> to_numbers(const std::string& text) {
  constexpr std::int64_t k_most = 1'000'000;
  const Error wrong(ErrorCode::Usage, "--run-subtask " + printable(text) + " is not of the form N, N-M or a list of these");
  std::vector<std::int64_t> out;
  std::string_view rest = text;
  const auto take = [&] {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || number < 1 || number > k_most) throw wrong;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return number;
  };
  for (;;) {
    const std::int64_t first = take();
    std::int64_t last = first;
    if (rest.starts_with('-')) {
      rest.remove_prefix(1);
      last = take();
    }
    if (last < first || last - first > k_most) throw wrong;
    for (std::int64_t number = first; number <= last; ++number) out.push_back(number);
    if (rest.empty()) break;
    if (!rest.starts_with(',')) throw wrong;
    rest.remove_prefix(1);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

// What CLI11 fills in; strings that still need a meaning.
struct OptionParser::Raw {
  Options options;
  std::vector<std::string> maps;
  std::vector<std::string> searches;
  std::string output;
  std::string run_directory;
  std::string format;
  std::string engine;
  std::string container_engine;
  std::string adaptive;
  std::string compositing;
  std::int64_t strips = 0;
  int jobs = 0;
  double full_timeout = 0;
  double subtask_timeout = 0;
  bool quiet = false;
  bool events = false;
  bool no_clobber = false;
  bool keep = false;
  bool wants_dry_run = false;
  bool wants_plan = false;
  bool wants_check = false;
  bool wants_preparation = false;
  std::string subtasks;
  tools::LogArguments log;

  void add_places(CLI::App& app);
  void add_plan(CLI::App& app);
  void add_run(CLI::App& app);
};

void OptionParser::Raw::add_places(CLI::App& app) {
  app.add_option("TASK", options.task, "Task file, pickle or JSON");
  app.add_option("--map", maps, "Files of the task that lay in OLD are in NEW; repeatable")
      ->type_name("OLD=NEW")
      ->allow_extra_args(false);
  app.add_option("--search", searches, "Look for files that are not where the task says, by name, below DIR; repeatable")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("--image", options.image_rules, "Use image NEW where the task says OLD; repeatable")
      ->type_name("OLD=NEW")
      ->allow_extra_args(false);
  app.add_option("-o,--output", output, "The picture (default: where the task says)")->type_name("FILE");
  app.add_flag("--no-clobber", no_clobber, "Do not replace a picture that exists");
  app.add_option("--run-dir", run_directory, "Logs and temporary files (default: OUTPUT.run)")->type_name("DIR");
  app.add_flag("--keep", keep, "Keep the temporary files of the run directory too");
  app.add_flag("--restart", options.restart, "Give up what an earlier run of the run directory has done");
}

void OptionParser::Raw::add_plan(CLI::App& app) {
  const CLI::Validator setting = CLI::IsMember({"scene", "off"});
  const CLI::Validator compositing_setting = CLI::IsMember({"scene", "off", "on"});
  app.add_option("--strips", strips, "Number of strips of each frame (default: by the task's total_subtasks)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{65536}));
  app.add_option("--format", format, "Picture format instead of the task's, such as PNG")->type_name("NAME");
  app.add_option("--engine-override", engine, "Render engine instead of the task's; scene: as the scene says")
      ->type_name("NAME");
  app.add_option("--adaptive", adaptive, "Adaptive sampling: scene or off")->type_name("WORD")->check(setting);
  app.add_option("--compositing", compositing, "Compositing: scene, off or on (default: the task's, else scene)")
      ->type_name("WORD")
      ->check(compositing_setting);
}

void OptionParser::Raw::add_run(CLI::App& app) {
  app.add_option("-j,--jobs", jobs, "Containers at a time (default: 1 for a still, one for every four cores for frames)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--subtask-timeout", subtask_timeout, "Longest time of one container in seconds, 0: any (default: the task's)")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--timeout", full_timeout, "Longest time of the whole task in seconds, 0: any (default: the task's)")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--retries", options.retries, "Tries after the first, when engine or container died (default: 2)")
      ->type_name("N")
      ->check(CLI::Range(0, 100));
  app.add_option("--engine", container_engine, "Container engine: docker or podman (default: the one that answers)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"docker", "podman"}));
  app.add_flag("--reap", options.reap, "Remove the containers that killed runs of yours left, and do nothing else")
      ->excludes("TASK");
  app.add_option("--run-subtask", subtasks, "Render only these of a prepared --run-dir, such as 3 or 2,5-7")
      ->type_name("N")
      ->excludes("TASK");
  CLI::Option* const dry_run =
      app.add_flag("-n,--dry-run", wants_dry_run, "Print every container that would be started; start and write nothing");
  CLI::Option* const print_plan =
      app.add_flag("--print-plan", wants_plan, "Print the plan, and how far a run of it is, as JSON; start nothing");
  CLI::Option* const check =
      app.add_flag("--check", wants_check, "Tell what can be known before it starts, and do nothing else");
  CLI::Option* const prepare = app.add_flag("--prepare", wants_preparation, "Make the run directory only, for --run-subtask");
  const std::vector<CLI::Option*> actions = {dry_run, print_plan, check, prepare};
  for (std::size_t i = 0; i < actions.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) actions[i]->excludes(actions[k]);
  CLI::Option* const quiet_flag = app.add_flag("-q,--quiet", quiet, "No progress and no notes");
  app.add_flag("--json", events, "Tell what happens as events, one JSON object a line, on standard error")
      ->excludes(quiet_flag);
  tools::add_log_options(app, log);
}

OptionParser::OptionParser(CLI::App& app) : app_(app), raw_(std::make_unique<Raw>()), isolation_(app) {
  app.description(k_description);
  app.footer(k_footer);
  raw_->add_places(app);
  raw_->add_plan(app);
  raw_->add_run(app);
}

OptionParser::~OptionParser() = default;

Telling OptionParser::telling() const {
  if (raw_->events) return Telling::Events;
  return raw_->quiet ? Telling::Problems : Telling::Everything;
}

Options OptionParser::options(const run::Owner& owner) const {
  const Raw& raw = *raw_;
  Options options = raw.options;
  if (!raw.subtasks.empty()) options.subtasks = to_numbers(raw.subtasks);
  if (!options.subtasks.empty() && raw.run_directory.empty())
    throw Error(ErrorCode::Usage, "--run-subtask needs --run-dir DIR", {}, "submit-task TASK --prepare makes one");
  if (raw.wants_dry_run) options.action = Action::DryRun;
  if (raw.wants_plan) options.action = Action::PrintPlan;
  if (raw.wants_check) options.action = Action::Check;
  if (raw.wants_preparation) options.action = Action::Prepare;
  if (options.task.empty() && !options.reap && options.subtasks.empty())
    throw Error(ErrorCode::Usage, "TASK is missing", {}, "name a task file, or - for standard input");
  options.isolation = isolation_.isolation(owner);
  options.log = tools::read_log_config(raw.log, options.findings);
  for (const std::string& rule : raw.maps) options.map.add(rule);
  options.search.assign(raw.searches.begin(), raw.searches.end());
  options.output = given(app_, "--output", raw.output);
  options.run_directory = given(app_, "--run-dir", raw.run_directory);
  options.clobber = raw.no_clobber ? Clobber::Refuse : Clobber::Replace;
  options.keep = raw.keep ? run::Keep::Everything : run::Keep::Logs;
  options.plan.strips = given(app_, "--strips", raw.strips);
  options.plan.format = given(app_, "--format", raw.format);
  options.plan.engine_override = given(app_, "--engine-override", raw.engine);
  options.plan.adaptive = raw.adaptive == "off" ? render::Setting::Off : render::Setting::Scene;
  for (const render::Setting setting : {render::Setting::Scene, render::Setting::Off, render::Setting::On})
    if (raw.compositing == to_string(setting)) options.plan.compositing = setting;
  options.jobs = given(app_, "--jobs", raw.jobs);
  if (!raw.container_engine.empty())
    options.engine = raw.container_engine == "podman" ? run::EngineKind::Podman : run::EngineKind::Docker;
  options.full_timeout = given(app_, "--timeout", raw.full_timeout);
  options.subtask_timeout = given(app_, "--subtask-timeout", raw.subtask_timeout);
  return options;
}

}  // namespace gt::submit
