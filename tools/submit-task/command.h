// submit-task as a function: everything it has of the outside is passed in, so that tests call it in-process.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/run/choose_engine.h"
#include "lib/run/container_runner.h"
#include "lib/run/limits.h"
#include "lib/run/observer.h"
#include "lib/run/owner.h"
#include "tools/common/command.h"
#include "tools/submit-task/display.h"
#include "tools/submit-task/load.h"

namespace gt::submit {

struct Connection {
  std::unique_ptr<run::ContainerRunner> runner;
  std::vector<Finding> notes;
};

struct Surroundings {
  tools::Streams streams;                   // out: the result; err: messages and progress
  StatusStyle status = StatusStyle::Lines;  // unless the user wants another
  run::Machine machine;
  run::Owner owner;
  std::string run_id;  // unique on this machine
  const run::StopFlag& stop;
  std::function<LoadedTask(const std::string& path)> load;
  // Called only when a container is needed. Throws EngineUnreachable.
  std::function<Connection(run::EngineKind)> connect;
  std::function<Clock::time_point()> clock = [] { return Clock::now(); };
  std::function<TerminalSize()> terminal_size = [] { return TerminalSize(); };  // of the terminal that streams.err is
};

// Returns the exit code of the tool; never throws.
int submit_task_command(int argc, const char* const* argv, const Surroundings& surroundings) noexcept;

}  // namespace gt::submit
