// migrate-tasks as a function of its arguments and streams.
#pragma once

#include <atomic>
#include <istream>

#include "tools/common/command.h"

namespace gt::tools {

struct Surroundings {
  std::istream& in;                // the list for the source "-"
  const std::atomic<bool>& stop;   // set by a signal: finish what is under way
  const std::atomic<int>& signal;  // which one
  bool is_terminal = false;        // `err` of the streams: a line that is painted again and again, no lines for a log
};

int migrate_tasks_command(int argc, const char* const* argv, const Streams& streams, const Surroundings& surroundings) noexcept;

}  // namespace gt::tools
