// --upgrade on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <vector>

#include "lib/convert/load.h"
#include "lib/rewrite/upgrade.h"

namespace gt::tools {

inline void add_upgrade_option(CLI::App& app, bool& upgrade) {
  app.add_flag("--upgrade", upgrade, "Write the task with the classes and fields of March 2016; list what had no place");
}

// Returns what had no place, with the file's name.
inline std::vector<Finding> upgrade_loaded(convert::Loaded& loaded) {
  try {
    std::vector<Finding> findings = rewrite::upgrade(loaded.graph).findings;
    for (Finding& finding : findings) finding.where.file = loaded.input.name();
    return findings;
  } catch (const Error& error) {
    throw error.in_file(loaded.input.name());
  }
}

}  // namespace gt::tools
