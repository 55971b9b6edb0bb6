// Runs the subtasks of a plan in worker threads, one container each, until all are done, one fails, or the run is stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "lib/base/error.h"
#include "lib/render/plan.h"
#include "lib/run/container_runner.h"
#include "lib/run/job_params.h"
#include "lib/run/run_directory.h"

namespace gt::run {

// Asked for from outside, by a signal handler: an atomic is all that it may touch. The first signal stops the containers, a
// second one (...Now) kills them at once.
enum class Stop : int { None, Interrupt, Terminate, InterruptNow, TerminateNow };
using StopFlag = std::atomic<Stop>;

// Throws Interrupted or Terminated if a stop was asked for.
void throw_if_stopped(const StopFlag& stop);

struct Event {
  enum class Kind : std::uint8_t { Started, Finished, Failed, Stopped };
  Kind kind = Kind::Started;
  std::int64_t subtask = 0;
  render::Rows rows;
  std::int64_t finished = 0;  // subtasks, after this event
  std::int64_t running = 0;
  std::int64_t total = 0;
  std::chrono::milliseconds elapsed{0};  // of this subtask
};

// Told of progress, by one thread at a time. Must not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;
  // What did not stop the run but needs the user: a container that could not be removed, a log that was cut.
  virtual void on_finding(const Finding& finding) = 0;
};

class Executor {
 public:
  // Everything is the caller's and must outlive the executor.
  struct Parts {
    const render::Plan& plan;
    const JobTemplate& common;
    RunDirectory& directory;
    ContainerRunner& runner;
    Observer& observer;
    const StopFlag& stop;
  };
  explicit Executor(const Parts& parts) : parts_(parts) {}

  // Returns when every subtask has left a result that passed its checks. Else, after all containers are gone, throws what
  // went wrong first: ContainerFailed, ContainerTimeout, ContainerMemory, ResultInvalid, Engine..., Interrupted, Terminated.
  void run();

 private:
  using Clock = std::chrono::steady_clock;

  void work();
  void run_subtask(const render::Subtask& subtask);
  // True if the subtask ended by itself with exit code 0.
  bool run_container(const render::Subtask& subtask, const SubtaskPaths& paths);
  bool must_end() const;
  bool is_overdue() const;
  docker::Wish wish() const;
  void fail(std::exception_ptr error);
  void warn(std::string message);
  void warn_of_log(const docker::LogReport& log, const render::Subtask& subtask, const SubtaskPaths& paths);
  void report(Event::Kind kind, const render::Subtask& subtask, Clock::time_point started);

  Parts parts_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::optional<Clock::time_point> deadline_;
  std::mutex mutex_;  // guards what follows, and the observer
  std::exception_ptr first_error_;
  std::set<std::string> warnings_;  // that were given: an engine says the same of each container
  std::int64_t finished_ = 0;
  std::int64_t running_ = 0;
};

}  // namespace gt::run
