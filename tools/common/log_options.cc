#include "tools/common/log_options.h"

#include <CLI/CLI.hpp>

#include "lib/base/files.h"

namespace gt::tools {

void add_log_options(CLI::App& app, LogArguments& arguments) {
  app.add_option("--log-config", arguments.config_file, "Levels of loggers, in the form of Golem's logging.ini")
      ->type_name("FILE");
  app.add_option("--log-level", arguments.rules, "Level of one logger, such as golem.task=DEBUG; repeatable")
      ->type_name("LOGGER=LEVEL")
      ->allow_extra_args(false);
  app.add_flag("-v,--verbose", arguments.verbose, "The same as --log-level golem=DEBUG: what containers say, line by line");
}

log::Config read_log_config(const LogArguments& arguments, std::vector<Finding>& findings) {
  log::Config config;
  if (!arguments.config_file.empty())
    config = log::read_config(Input::read(arguments.config_file).bytes(), arguments.config_file, findings);
  if (arguments.verbose) config.set_level("golem", log::Level::Debug);
  for (const std::string& rule : arguments.rules) log::add_rule(config, rule);
  return config;
}

}  // namespace gt::tools
