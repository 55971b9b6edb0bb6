// Who is told how far a run is, and how it is stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "lib/base/error.h"
#include "lib/render/plan.h"
#include "lib/run/record.h"

namespace gt::run {

// Asked for from outside, by a signal handler: an atomic is all that it may touch. The first signal stops the containers, a
// second one (...Now) kills them at once.
enum class Stop : int { None, Interrupt, Terminate, InterruptNow, TerminateNow };
using StopFlag = std::atomic<Stop>;

// Throws Interrupted or Terminated if a stop was asked for.
void throw_if_stopped(const StopFlag& stop);

struct Event {
  enum class Kind : std::uint8_t {
    Started,    // a container was given the subtask, or began with it
    Progress,   // `percent` of it
    Finished,   // its result is good
    Retried,    // it failed and is tried again
    Failed,     // for good
    Stopped,    // before its end, since the run ends
    Published,  // a picture is there: `text` is its path
  };
  Kind kind = Kind::Started;
  std::int64_t subtask = 0;                 // 0: of none
  render::Step step = render::Step::Strip;  // the subtask's
  std::int64_t frame = 0;                   // the same
  render::Rows rows = {};                   // the same
  int percent = 0;
  Cause cause = Cause::Done;  // of Retried and Failed
  std::string text = {};      // of Retried and Failed: what happened
  std::int64_t finished = 0;  // subtasks, after this event
  std::int64_t running = 0;
  std::int64_t failed = 0;
  std::int64_t total = 0;
  std::chrono::milliseconds elapsed{0};  // since the subtask began
};

// Told of progress, by one thread at a time. Must not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_event(const Event& event) = 0;
  // What did not stop the run but needs the user: a container that could not be removed, a log that was cut.
  virtual void on_finding(const Finding& finding) = 0;
};

}  // namespace gt::run
