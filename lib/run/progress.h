// Counts what becomes of subtasks and tells the observer, whichever thread it happens in.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lib/render/plan.h"
#include "lib/run/observer.h"

namespace gt::run {

class Progress {
 public:
  // `finished` of `total` subtasks were done before. The plan is the caller's, and all subtasks are of it.
  Progress(Observer& observer, const render::Plan& plan, std::int64_t total, std::int64_t finished)
      : observer_(observer), plan_(plan), total_(total), finished_(finished) {}

  void begin(std::int64_t subtask);
  void percent(std::int64_t subtask, int percent);
  void finish(std::int64_t subtask);
  void retry(std::int64_t subtask, Cause cause, std::string text);
  void fail(std::int64_t subtask, Cause cause, std::string text);
  // One that is under way ends without a result; nothing if it is not under way.
  void stop(std::int64_t subtask);
  void published(std::string path);
  // Once for each text: an engine says the same of each container.
  void warn(std::string message);
  std::vector<std::string> warnings() const;  // so far, sorted

 private:
  using Clock = std::chrono::steady_clock;

  void tell(Event event);
  std::chrono::milliseconds end(std::int64_t subtask);  // it is no longer under way

  Observer& observer_;
  const render::Plan& plan_;
  mutable std::mutex mutex_;  // guards what follows, and the observer
  std::int64_t total_;
  std::int64_t finished_;
  std::int64_t failed_ = 0;
  std::map<std::int64_t, Clock::time_point> running_;
  std::set<std::string> warnings_;
};

}  // namespace gt::run
