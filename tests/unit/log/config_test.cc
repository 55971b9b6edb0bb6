#include "lib/log/config.h"

#include <doctest/doctest.h>

namespace gt::log {
namespace {

std::string error_of(std::string_view text) {
  std::vector<Finding> findings;
  try {
    read_config(text, "logging.ini", findings);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::LogConfig);
    CHECK(error.exit_code() == ExitCode::Usage);
    return error.what();
  }
  return "nothing";
}

Config config_of(std::string_view text) {
  std::vector<Finding> findings;
  return read_config(text, "logging.ini", findings);
}

constexpr std::string_view k_golem = R"(# as the desktop program had it
[loggers]
keys=root, docker,silent , golem

[handlers]
keys=consoleHandler,fileHandler

[formatters]
keys=simpleFormatter

[logger_root]
level=ERROR
handlers=consoleHandler,fileHandler

[logger_golem]
level: info ; from here on
qualname=golem
handlers=
propagate=1

[logger_docker]
level=DEBUG
handlers=consoleHandler
qualname=golem.task.docker.job.container
propagate=0

[logger_silent]
level=NOTSET
qualname=golem.network
propagate=0

[handler_consoleHandler]
class=StreamHandler
level=DEBUG
formatter=simpleFormatter
args=(sys.stdout,)

[handler_fileHandler]
class=FileHandler
args=('golem.log',
    'a')

[formatter_simpleFormatter]
format=%(levelname)-8s [%(name)-35s] %(message)s
datefmt=
)";

TEST_CASE("a logging.ini of that time sets levels by name, and its handlers are said to be ignored") {
  std::vector<Finding> findings;
  const Config config = read_config(k_golem, "logging.ini", findings);
  REQUIRE(findings.size() == 1);
  CHECK(to_string(findings[0]) ==
        "note: logging.ini: line 5: handlers and formatters are ignored: all loggers write to standard error");
  struct Row {
    const char* logger;
    Level level;
    bool reaches;
  };
  for (const Row& row :
       {Row{"", Level::Error, true}, Row{"root", Level::Error, true}, Row{"peer", Level::Error, true},
        Row{"golem", Level::Info, true}, Row{"golem.task", Level::Info, true}, Row{"golem.task.docker.job", Level::Info, true},
        Row{"golem.task.docker.job.container", Level::Debug, true},
        Row{"golem.task.docker.job.container.x", Level::Debug, true},
        Row{"golem.task.docker.job.containers", Level::Info, true}, Row{"golem.network", Level::Info, false},
        Row{"golem.network.p2p", Level::Info, false}, Row{"golemx", Level::Error, true}}) {
    CAPTURE(row.logger);
    CHECK(config.level(row.logger) == row.level);
    CHECK(config.reaches_output(row.logger) == row.reaches);
  }
  CHECK(config.is_shown("golem", Level::Warning));
  CHECK_FALSE(config.is_shown("golem", Level::Debug));
  CHECK_FALSE(config.is_shown("golem.network", Level::Critical));
}

TEST_CASE("without anything root warns") {
  for (const char* text : {"", "\n\n# nothing\n; at all", "[loggers]\nkeys=", "\xef\xbb\xbf[loggers]\r\nkeys=\r\n"}) {
    CHECK(config_of(text).level("golem") == Level::Warning);
    CHECK(config_of(text).reaches_output("golem"));
  }
}

TEST_CASE("levels in every spelling") {
  for (const auto& [name, level] : {std::pair{"DEBUG", Level::Debug},
                                    {"debug", Level::Debug},
                                    {"Info", Level::Info},
                                    {"WARN", Level::Warning},
                                    {"WARNING", Level::Warning},
                                    {"ERROR", Level::Error},
                                    {"CRITICAL", Level::Critical},
                                    {"FATAL", Level::Critical}}) {
    CHECK(config_of("[loggers]\nkeys=root\n[logger_root]\nlevel=" + std::string(name)).level("") == level);
  }
  CHECK(config_of("[loggers]\r\nkeys=root\r\n[logger_root]\r\nlevel=DEBUG\r\n").level("x") == Level::Debug);
}

TEST_CASE("anything else is named with its line") {
  struct Row {
    std::string text;
    std::string error;
  };
  const std::string keys = "[loggers]\nkeys=root,a\n[logger_root]\n[logger_a]\n";
  const Row rows[] = {
      {"level=DEBUG", "line 1: the key 'level' is in no section"},
      {"[loggers]\nkeys", "line 2: keys is no KEY=VALUE"},
      {"[loggers]\n=x", "line 2: =x is no KEY=VALUE"},
      {"[loggers\n", "line 1: [loggers is no [section]"},
      {"\n[main]\n",
       "line 2: there is no use for a section [main]; the sections are loggers, logger_X, handlers, handler_X, "
       "formatters and formatter_X"},
      {"[DEFAULT]\n",
       "line 1: there is no use for a section [DEFAULT]; the sections are loggers, logger_X, handlers, handler_X, "
       "formatters and formatter_X"},
      {"[loggers]\nnames=root", "line 2: [loggers] has no key 'names', only keys"},
      {"[loggers]\nkeys=root", "line 2: there is no section [logger_root] for this key"},
      {"[loggers]\nkeys=\n[logger_a]\nqualname=a", "line 3: 'a' is not among the keys of [loggers]"},
      {"[logger_a]\nqualname=a", "line 1: 'a' is not among the keys of [loggers]"},
      {"[loggers]\nkeys=\n[loggers]", "line 3: the section [loggers] is there already, in line 1"},
      {"[loggers]\nkeys=a\nKEYS=b", "line 3: the key 'keys' is there already, in line 2"},
      {keys, "line 4: [logger_a] has no qualname, the name of its logger"},
      {keys + "qualname=\n", "line 4: [logger_a] has no qualname, the name of its logger"},
      {keys + "qualname=a\nlevel=LOUD",
       "line 6: 'LOUD' is no log level; the levels are DEBUG, INFO, WARNING, ERROR, CRITICAL "
       "and NOTSET"},
      {keys + "qualname=a\nlevel=",
       "line 6: '' is no log level; the levels are DEBUG, INFO, WARNING, ERROR, CRITICAL and NOTSET"},
      {keys + "qualname=a\npropagate=yes", "line 6: propagate is yes, not 0 or 1"},
      {keys + "qualname=a\nchannel=1", "line 6: a logger has no key 'channel', only level, qualname, propagate and handlers"},
      {keys + "qualname=a\n  b", "line 6: b is indented, which would continue the line above it; write each value in one line"},
      {std::string("[loggers]\nkeys=\0", 16), "line 2: there is a byte \\x00, which is no text"},
      {"[loggers]\nkeys=\xff", "line 2: there is a byte \\xff, which is no text"},
      {"[logger_\x1b]", "line 1: '\\x1b' is not among the keys of [loggers]"},
  };
  for (const Row& row : rows) CHECK(error_of(row.text) == "logging.ini: " + row.error);
  CHECK(error_of(std::string((1 << 20) + 1, '#')) == "logging.ini: is larger than 1 MiB, which no logging configuration is");
}

TEST_CASE("single rules of the command line") {
  Config config;
  add_rule(config, "golem=INFO");
  add_rule(config, "root=error");
  add_rule(config, "golem.task=DEBUG");
  CHECK(config.level("golem") == Level::Info);
  CHECK(config.level("golem.task.docker") == Level::Debug);
  CHECK(config.level("peer") == Level::Error);
  add_rule(config, "golem.task=NOTSET");
  CHECK(config.level("golem.task.docker") == Level::Info);
  for (const auto& [rule, text] :
       {std::pair{"golem",
                  "--log-level golem is not of the form LOGGER=LEVEL; such as golem.task.docker.job.container=DEBUG; "
                  "root is the logger above all"},
        {"=INFO",
         "--log-level =INFO is not of the form LOGGER=LEVEL; such as golem.task.docker.job.container=DEBUG; root is the "
         "logger above all"},
        {"golem=10", "'10' is no log level; the levels are DEBUG, INFO, WARNING, ERROR, CRITICAL and NOTSET"}}) {
    try {
      add_rule(config, rule);
      FAIL("accepted " << rule);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::Usage);
      CHECK(std::string(error.what()) == text);
    }
  }
}

}  // namespace
}  // namespace gt::log
