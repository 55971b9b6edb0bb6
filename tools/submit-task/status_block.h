// The lines that a terminal shows of a run that goes on.
#pragma once

#include <string>
#include <vector>

#include "tools/submit-task/run_view.h"

namespace gt::submit {

struct BlockLine {
  enum class Look : std::uint8_t { Plain, Strong, Bad };
  std::string text;  // printable ASCII
  Look look = Look::Plain;
  bool operator==(const BlockLine&) const = default;
};

// At least one line; fewer than the terminal has, and each shorter than it is wide, so that nothing wraps or scrolls. Where
// there is no room for all, the least important go: first the subtasks under way.
std::vector<BlockLine> status_block(const RunView& view, TerminalSize size, Clock::time_point now);

// "0:07", "12:40", "1:02:05"
std::string clock_text(std::chrono::milliseconds time);
// "a few seconds", "about 40 s", "about 3 min", "about 2 h 10 min"
std::string about_text(std::chrono::milliseconds time);

}  // namespace gt::submit
