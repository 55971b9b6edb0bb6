#include "lib/run/progress.h"

#include <utility>

namespace gt::run {

void throw_if_stopped(const StopFlag& stop) {
  switch (stop.load()) {
    case Stop::None: return;
    case Stop::Interrupt:
    case Stop::InterruptNow: throw Error(ErrorCode::Interrupted, "interrupted");
    case Stop::Terminate:
    case Stop::TerminateNow: throw Error(ErrorCode::Terminated, "terminated");
  }
}

void Progress::tell(Event event) {
  if (event.subtask != 0) {
    const render::Subtask& subtask = plan_.subtask(event.subtask);
    event.step = subtask.step;
    event.frame = subtask.frame;
    event.rows = subtask.rows;
  }
  event.finished = finished_;
  event.running = static_cast<std::int64_t>(running_.size());
  event.failed = failed_;
  event.total = total_;
  observer_.on_event(event);
}

std::chrono::milliseconds Progress::end(std::int64_t subtask) {
  const auto found = running_.find(subtask);
  if (found == running_.end()) return {};
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - found->second);
  running_.erase(found);
  return elapsed;
}

void Progress::begin(std::int64_t subtask) {
  const std::lock_guard lock(mutex_);
  if (running_.emplace(subtask, Clock::now()).second) tell({.kind = Event::Kind::Started, .subtask = subtask});
}

void Progress::percent(std::int64_t subtask, int percent) {
  const std::lock_guard lock(mutex_);
  if (running_.count(subtask) != 0) tell({.kind = Event::Kind::Progress, .subtask = subtask, .percent = percent});
}

void Progress::finish(std::int64_t subtask) {
  const std::lock_guard lock(mutex_);
  ++finished_;
  const auto elapsed = end(subtask);
  tell({.kind = Event::Kind::Finished, .subtask = subtask, .elapsed = elapsed});
}

void Progress::retry(std::int64_t subtask, Cause cause, std::string text) {
  const std::lock_guard lock(mutex_);
  const auto elapsed = end(subtask);
  tell({.kind = Event::Kind::Retried, .subtask = subtask, .cause = cause, .text = std::move(text), .elapsed = elapsed});
}

void Progress::fail(std::int64_t subtask, Cause cause, std::string text) {
  const std::lock_guard lock(mutex_);
  ++failed_;
  const auto elapsed = end(subtask);
  tell({.kind = Event::Kind::Failed, .subtask = subtask, .cause = cause, .text = std::move(text), .elapsed = elapsed});
}

void Progress::stop(std::int64_t subtask) {
  const std::lock_guard lock(mutex_);
  if (running_.count(subtask) == 0) return;
  const auto elapsed = end(subtask);
  tell({.kind = Event::Kind::Stopped, .subtask = subtask, .elapsed = elapsed});
}

void Progress::published(std::string path) {
  const std::lock_guard lock(mutex_);
  tell({.kind = Event::Kind::Published, .text = std::move(path)});
}

void Progress::warn(std::string message) {
  const std::lock_guard lock(mutex_);
  if (warnings_.insert(message).second) observer_.on_finding({.message = std::move(message)});
}

std::vector<std::string> Progress::warnings() const {
  const std::lock_guard lock(mutex_);
  return {warnings_.begin(), warnings_.end()};
}

}  // namespace gt::run
