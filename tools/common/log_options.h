// What is logged, on the command line.
#pragma once

#include <string>
#include <vector>

#include "lib/log/config.h"

namespace CLI {
class App;
}

namespace gt::tools {

struct LogArguments {
  std::string config_file;
  std::vector<std::string> rules;
  bool verbose = false;
};
void add_log_options(CLI::App& app, LogArguments& arguments);

// The file first, then --verbose, then the rules in their order: the later wins. Throws what reading a file, read_config
// and add_rule throw.
log::Config read_log_config(const LogArguments& arguments, std::vector<Finding>& findings);

}  // namespace gt::tools
