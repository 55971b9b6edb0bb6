// Loggers with names, all of which write to one place.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "lib/log/config.h"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}
}  // namespace spdlog

namespace gt::log {

class Loggers {
 public:
  // `write_line` gets one line at a time with its newline, from any thread, never two at once:
  //   DEBUG    [golem.task.docker.job.container    ] stdout: Fra:1 Mem:12.3M
  // as Golem's own configuration had it. Control characters and what is not UTF-8 are shown as \xNN: a container must not
  // be able to command a terminal.
  Loggers(Config config, std::function<void(std::string_view)> write_line);

  // The same object for the same name. Thread-safe.
  std::shared_ptr<spdlog::logger> get(const std::string& name);

 private:
  Config config_;
  std::shared_ptr<spdlog::sinks::sink> sink_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<spdlog::logger>> loggers_;
};

}  // namespace gt::log
