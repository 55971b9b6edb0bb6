// What is told of a run while it goes on, on standard error: as text (text_display.h) or as events (event_display.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/run/observer.h"
#include "lib/run/run_plan.h"
#include "tools/common/command.h"

namespace gt::submit {

using Clock = std::chrono::steady_clock;

// Lines: for a log. Terminal: a block that is redrawn. What the terminal is like, that is; the user may want another.
enum class StatusStyle : std::uint8_t { Silent, Lines, Terminal, ColorTerminal };

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

// What a run is about to do.
struct RunBegin {
  enum class Scope : std::uint8_t { Whole, Subtasks };  // Subtasks: some of a plan, whose pictures others put together
  const run::RunPlan& plan;
  std::string run_id;
  std::filesystem::path run_directory;
  Scope scope = Scope::Whole;
  std::int64_t subtasks = 0;  // that are to be rendered or were done before
};

// What there is when nothing is left to be rendered; not told if the run ended before that.
struct RunEnd {
  std::vector<std::filesystem::path> pictures;
  std::int64_t from_before = 0;  // subtasks that an earlier run had done
  std::filesystem::path run_directory;
};

// Findings may come at any time; `begin`, events, `rendered` and `end` in this order, each but `end` may be left out.
class Display : public run::Observer {
 public:
  virtual void begin(const RunBegin& begin) = 0;
  virtual void rendered(const RunEnd& end) = 0;
  // The last: how the tool ends.
  virtual void end(const tools::Ending& ending) = 0;
  // A line of a log with its newline; any thread, also while events come.
  virtual void write_log(std::string_view line) = 0;
};

}  // namespace gt::submit
