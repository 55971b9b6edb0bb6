// Carries a plan out: gives groups of subtasks to an executor until all are done, tries again what may succeed, and ends when
// nothing more can be done.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/run/executor.h"
#include "lib/run/progress.h"
#include "lib/run/run_directory.h"

namespace gt::run {

// A subtask for which nothing is left to be tried.
struct Loss {
  std::int64_t subtask = 1;
  Cause cause = Cause::RenderFailed;
  std::string message;
};

class Scheduler {
 public:
  // Everything is the caller's and must outlive the scheduler.
  struct Parts {
    const RunPlan& plan;
    const RunDirectory& directory;
    Executor& executor;
    Progress& progress;
    const StopFlag& stop;
    // Told of each subtask whose result is good, and no longer to be verified.
    std::function<void(std::int64_t)> on_done = {};
  };
  explicit Scheduler(const Parts& parts) : parts_(parts) {}

  // Returns the subtasks that failed, in their order, when all others are done or, where one loss is the picture's, are ended.
  // Throws Interrupted, Terminated, ContainerTimeout (of the whole run), and what concerns the whole run, after all that was
  // under way has ended.
  std::vector<Loss> run();

 private:
  using Clock = std::chrono::steady_clock;

  void plan_groups();
  std::vector<Verification> boxes_of(std::int64_t subtask) const;
  void take_results(const std::set<std::int64_t>& subtasks);
  void add(GroupTask task);
  void submit_waiting();
  void take(GroupEnd end);
  void take_early(const std::vector<std::int64_t>& subtasks);
  void take_failure(const GroupTask& task, const SubtaskFailure& failure);
  void again(const GroupTask& task, std::int64_t subtask, std::uint64_t memory);
  std::optional<std::uint64_t> more_memory(std::uint64_t memory) const;
  void done(std::int64_t subtask);
  void end_early(docker::Wish how);
  bool is_overdue() const;
  void throw_if_ended() const;

  Parts parts_;
  std::deque<GroupTask> waiting_;
  std::map<std::int64_t, GroupTask> under_way_;
  std::int64_t next_ticket_ = 1;
  std::map<std::int64_t, int> tries_;  // of subtasks, after trouble that another try may not meet
  std::map<std::int64_t, Loss> losses_;
  std::set<std::int64_t> planned_;  // of those that are to be rendered, given to a group once
  std::set<std::int64_t> good_;     // with results, whether verified or not
  std::set<std::int64_t> done_;     // and told of
  bool is_ending_ = false;
  std::exception_ptr error_;
  std::optional<Clock::time_point> deadline_;
};

}  // namespace gt::run
