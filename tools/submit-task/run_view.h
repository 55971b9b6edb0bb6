// How far a run is: what its events have told so far, and what follows from that.
#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include "tools/submit-task/display.h"

namespace gt::submit {

class RunView {
 public:
  struct Running {
    std::string place;           // "rows 0 to 134"
    std::optional<int> percent;  // of Blender's own; absent until it says one
    Clock::time_point since;
  };
  enum class Parts : std::uint8_t { Strips, Frames, StripsOfFrames, Subtasks };

  void begin(const RunBegin& begin, Clock::time_point now);
  void take(const run::Event& event, Clock::time_point now);

  // What the subtasks are to the user.
  Parts parts() const { return parts_; }
  bool is_rendering() const { return plan_.renderer != task::Renderer::None; }  // or runs a program
  std::int64_t total() const { return total_; }
  std::int64_t finished() const { return finished_; }
  std::int64_t failed() const { return failed_; }
  std::int64_t retried() const { return retried_; }
  std::int64_t frames() const { return static_cast<std::int64_t>(plan_.frames.size()); }
  // Whose strips are all there, whether put together or not yet.
  std::int64_t frames_done() const { return std::max(complete_, published_); }
  const std::map<std::int64_t, Running>& running() const { return running_; }
  // The last that failed or is tried again; 0: none.
  std::int64_t last_trouble() const { return last_trouble_; }
  run::Cause last_cause() const { return last_cause_; }

  std::chrono::milliseconds elapsed(Clock::time_point now) const;
  // 0 to 1: what is under way counts as far as Blender says it is.
  double part_done() const;
  // By the time that the subtasks of this run have taken, the later ones for more; absent until one is finished.
  std::optional<std::chrono::milliseconds> remaining(Clock::time_point now) const;

 private:
  double guess_done(const Running& running, Clock::time_point now) const;

  Parts parts_ = Parts::Subtasks;
  render::Plan plan_;
  std::int64_t total_ = 0;
  std::int64_t finished_ = 0;
  std::int64_t failed_ = 0;
  std::int64_t retried_ = 0;
  std::map<std::int64_t, std::int64_t> strips_done_;  // of frames, in this run
  std::int64_t complete_ = 0;                         // frames, of these
  std::int64_t published_ = 0;                        // those that an earlier run had done, too
  std::map<std::int64_t, Running> running_;
  std::size_t most_running_ = 1;
  std::int64_t last_trouble_ = 0;
  run::Cause last_cause_ = run::Cause::Done;
  Clock::time_point since_;
  std::optional<double> usual_ms_;  // that a subtask takes
};

}  // namespace gt::submit
