// Which log messages are shown, by the name of their logger: the part of Python's logging that Golem's logging.ini used.
//
// Names are dotted paths: golem.task.docker is above golem.task.docker.job, and root above all. A logger without a level of its
// own has that of the nearest one above it that has one; root has WARNING until another is set.
//
// All output goes to one place. A message is on its way there from its logger up to root, and arrives as soon as it meets a
// logger with handlers; root always has one. A logger with propagate=0 and without handlers therefore silences itself and all
// below it, as in Python.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"

namespace gt::log {

enum class Level : std::uint8_t { Debug, Info, Warning, Error, Critical };
std::string_view to_string(Level level);  // "DEBUG" ...

// The level of that name in any case, WARN and FATAL too; nullopt for NOTSET, which is none. Throws Usage for other words.
std::optional<Level> to_level(std::string_view name);

struct Rule {
  std::optional<Level> level = {};
  bool propagates = true;
  bool has_handlers = false;
};

class Config {
 public:
  // "root" and the empty name are the root.
  void set_rule(std::string_view logger, const Rule& rule);
  void set_level(std::string_view logger, std::optional<Level> level);

  Level level(std::string_view logger) const;
  bool reaches_output(std::string_view logger) const;
  bool is_shown(std::string_view logger, Level of) const { return of >= level(logger) && reaches_output(logger); }

 private:
  const Rule* find(std::string_view logger) const;

  std::map<std::string, Rule, std::less<>> rules_;  // the root under ""
};

// Reads the form of Python's logging.config.fileConfig: [loggers] with its keys, and for each key X [logger_X] with level,
// qualname (the logger's name, which root needs not) and propagate. Handlers and formatters are accepted and ignored, which a
// finding says. Throws LogConfig with the line for everything else. `file` is for messages.
Config read_config(std::string_view text, std::string_view file, std::vector<Finding>& findings);

// LOGGER=LEVEL; throws Usage.
void add_rule(Config& config, std::string_view rule);

}  // namespace gt::log
