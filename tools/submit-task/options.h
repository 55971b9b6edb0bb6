// The command line of submit-task.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/files.h"
#include "lib/docker/isolation.h"
#include "lib/log/config.h"
#include "lib/render/plan.h"
#include "lib/run/choose_engine.h"
#include "lib/run/relocate.h"
#include "lib/run/run_directory.h"
#include "tools/submit-task/isolation_options.h"

namespace CLI {
class App;
}

namespace gt::submit {

// What is done with the task.
enum class Action : std::uint8_t {
  Render,
  DryRun,     // each container is printed
  PrintPlan,  // the plan is printed as JSON
  Check,      // what can be known before it starts, the image's Blender included
  Prepare,    // the run directory is made, for --run-subtask
};

struct Options {
  std::string task;
  Action action = Action::Render;
  std::vector<std::int64_t> subtasks;  // of --run-subtask: these, and there is no task then
  run::PathMap map;
  std::vector<std::filesystem::path> search;  // directories
  std::vector<std::string> image_rules;
  render::PlanOptions plan;
  std::optional<std::string> output;
  std::optional<std::string> run_directory;
  Clobber clobber = Clobber::Replace;
  run::Keep keep = run::Keep::Logs;
  std::optional<int> jobs;
  std::optional<double> full_timeout;  // seconds
  std::optional<double> subtask_timeout;
  docker::Isolation isolation;
  run::EngineKind engine = run::EngineKind::Any;
  bool reap = false;  // and nothing else: there is no task then
  bool restart = false;
  int retries = 2;
  log::Config log;
  std::vector<Finding> findings;  // about the options
};

// What is said on standard error while the run goes on.
enum class Telling : std::uint8_t { Everything, Problems, Events };

// Declares the options on `app`, and holds what it reads; must live as long as `app` is used.
class OptionParser {
 public:
  explicit OptionParser(CLI::App& app);
  ~OptionParser();
  OptionParser(const OptionParser&) = delete;
  OptionParser& operator=(const OptionParser&) = delete;

  // After parsing, whatever the other options are.
  Telling telling() const;
  // After parsing. Containers run as `owner` unless another user was given. Throws Usage for values that say nothing.
  Options options(const run::Owner& owner) const;

 private:
  struct Raw;
  CLI::App& app_;
  std::unique_ptr<Raw> raw_;
  IsolationOptions isolation_;
};

}  // namespace gt::submit
