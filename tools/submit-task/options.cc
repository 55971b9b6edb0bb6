#include "tools/submit-task/options.h"

#include <CLI/CLI.hpp>

#include "tools/common/log_options.h"

namespace gt::submit {
namespace {

constexpr const char* k_description =
    "Renders a saved Golem task in Docker containers.\n\n"
    "TASK is a pickle (.gt) or JSON, told by content. A still is split into horizontal strips, one container each, and the\n"
    "strips are joined; the path of the picture is printed.";

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

}  // namespace

// What CLI11 fills in; strings that still need a meaning.
struct OptionParser::Raw {
  Options options;
  std::vector<std::string> maps;
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
  bool no_clobber = false;
  bool keep = false;
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
  app.add_option("--image", options.image_rules, "Use image NEW where the task says OLD; repeatable")
      ->type_name("OLD=NEW")
      ->allow_extra_args(false);
  app.add_option("-o,--output", output, "The picture (default: where the task says)")->type_name("FILE");
  app.add_flag("--no-clobber", no_clobber, "Do not replace a picture that exists");
  app.add_option("--run-dir", run_directory, "Logs and temporary files (default: OUTPUT.run)")->type_name("DIR");
  app.add_flag("--keep", keep, "Keep the temporary files of the run directory too");
}

void OptionParser::Raw::add_plan(CLI::App& app) {
  const CLI::Validator setting = CLI::IsMember({"scene", "off"});
  app.add_option("--strips", strips, "Number of strips (default: the task's total_subtasks)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{65536}));
  app.add_option("--format", format, "Picture format instead of the task's, such as PNG")->type_name("NAME");
  app.add_option("--engine-override", engine, "Render engine instead of the task's; scene: as the scene says")
      ->type_name("NAME");
  app.add_option("--adaptive", adaptive, "Adaptive sampling: scene or off")->type_name("WORD")->check(setting);
  app.add_option("--compositing", compositing, "Compositing: scene or off")->type_name("WORD")->check(setting);
}

void OptionParser::Raw::add_run(CLI::App& app) {
  app.add_option("-j,--jobs", jobs, "Containers at a time (default: cores)")->type_name("N")->check(CLI::Range(1, 1024));
  app.add_option("--subtask-timeout", subtask_timeout, "Longest time of one container in seconds, 0: any (default: the task's)")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--timeout", full_timeout, "Longest time of the whole task in seconds, 0: any (default: the task's)")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--engine", container_engine, "Container engine: docker or podman (default: the one that answers)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"docker", "podman"}));
  app.add_flag("--reap", options.reap, "Remove the containers that killed runs of yours left, and do nothing else")
      ->excludes("TASK");
  app.add_flag("-n,--dry-run", options.dry_run, "Print every container that would be started; start and write nothing");
  app.add_flag("-q,--quiet", options.quiet, "No progress and no notes");
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

Options OptionParser::options(const run::Owner& owner) const {
  const Raw& raw = *raw_;
  Options options = raw.options;
  if (options.task.empty() && !options.reap)
    throw Error(ErrorCode::Usage, "TASK is missing", {}, "name a task file, or - for standard input");
  options.isolation = isolation_.isolation(owner);
  options.log = tools::read_log_config(raw.log, options.findings);
  for (const std::string& rule : raw.maps) options.map.add(rule);
  options.output = given(app_, "--output", raw.output);
  options.run_directory = given(app_, "--run-dir", raw.run_directory);
  options.clobber = raw.no_clobber ? Clobber::Refuse : Clobber::Replace;
  options.keep = raw.keep ? run::Keep::Everything : run::Keep::Logs;
  options.plan.strips = given(app_, "--strips", raw.strips);
  options.plan.format = given(app_, "--format", raw.format);
  options.plan.engine_override = given(app_, "--engine-override", raw.engine);
  options.plan.adaptive = raw.adaptive == "off" ? render::Setting::Off : render::Setting::Scene;
  options.plan.compositing = raw.compositing == "off" ? render::Setting::Off : render::Setting::Scene;
  options.jobs = given(app_, "--jobs", raw.jobs);
  if (!raw.container_engine.empty())
    options.engine = raw.container_engine == "podman" ? run::EngineKind::Podman : run::EngineKind::Docker;
  options.full_timeout = given(app_, "--timeout", raw.full_timeout);
  options.subtask_timeout = given(app_, "--subtask-timeout", raw.subtask_timeout);
  return options;
}

}  // namespace gt::submit
