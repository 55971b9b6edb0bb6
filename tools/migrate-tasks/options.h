// The command lines of migrate-tasks.
#pragma once

#include <string>
#include <vector>

#include "lib/batch/runner.h"

namespace CLI {
class App;
}

namespace gt::tools {

struct MigrateArguments {
  std::vector<std::string> sources;
  std::string output;
  std::string target = "docker";
  std::string compat;
  bool repair = false;
  bool upgrade = false;
  std::vector<std::string> maps;
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  unsigned jobs = 0;  // 0: as many as there are cores
  bool null = false;
  bool follow = false;
  bool dry_run = false;
  bool diff = false;
  bool overwrite = false;
  bool no_sync = false;
  bool quiet = false;
  std::string quarantine;
  std::string report;
};

// Of migrating itself; verify has those that say what is derived, and from what.
void add_migrate_options(CLI::App& app, MigrateArguments& arguments);
void add_verify_options(CLI::App& app, MigrateArguments& arguments);

// Throws Usage for options that do not go together.
void check_options(const MigrateArguments& arguments);
batch::RunOptions run_options(const MigrateArguments& arguments, batch::Action action);
batch::Walk::Options walk_options(const MigrateArguments& arguments);

}  // namespace gt::tools
