// The command line of submit-task.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/files.h"
#include "lib/render/plan.h"
#include "lib/run/relocate.h"
#include "lib/run/run_directory.h"

namespace CLI {
class App;
}

namespace gt::submit {

struct Options {
  std::string task;
  run::PathMap map;
  std::vector<std::string> image_rules;
  render::PlanOptions plan;
  std::optional<std::string> output;
  std::optional<std::string> run_directory;
  Clobber clobber = Clobber::Replace;
  run::Keep keep = run::Keep::Logs;
  std::optional<int> jobs;
  std::optional<double> full_timeout;  // seconds
  std::optional<double> subtask_timeout;
  bool dry_run = false;
  bool quiet = false;
};

// Declares the options on `app`, and holds what it reads; must live as long as `app` is used.
class OptionParser {
 public:
  explicit OptionParser(CLI::App& app);
  ~OptionParser();
  OptionParser(const OptionParser&) = delete;
  OptionParser& operator=(const OptionParser&) = delete;

  // After parsing. Throws Usage for a --map that says nothing.
  Options options() const;

 private:
  struct Raw;
  CLI::App& app_;
  std::unique_ptr<Raw> raw_;
};

}  // namespace gt::submit
