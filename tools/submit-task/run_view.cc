#include "tools/submit-task/run_view.h"

#include <algorithm>

namespace gt::submit {
namespace {

using run::Event;

// Weight of the newest: frames grow heavier or lighter as an animation goes on.
constexpr double k_newest = 0.3;
// One that has taken its time but goes on is nearly done, as far as anybody knows.
constexpr double k_most_guessed = 0.95;

double to_ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

RunView::Parts parts_of(const RunBegin& begin) {
  const render::Plan& plan = begin.plan.plan;
  if (begin.scope == RunBegin::Scope::Subtasks || plan.renderer != task::Renderer::Blender) return RunView::Parts::Subtasks;
  if (!plan.is_animation) return RunView::Parts::Strips;
  return plan.strips == 1 ? RunView::Parts::Frames : RunView::Parts::StripsOfFrames;
}

}  // namespace

void RunView::begin(const RunBegin& begin, Clock::time_point now) {
  parts_ = parts_of(begin);
  plan_ = begin.plan.plan;
  total_ = begin.subtasks;
  since_ = now;
}

void RunView::take(const Event& event, Clock::time_point now) {
  finished_ = event.finished;
  failed_ = event.failed;
  total_ = event.total;
  switch (event.kind) {
    case Event::Kind::Started:
      running_.insert_or_assign(event.subtask, Running{place_of(plan_, plan_.subtask(event.subtask)), std::nullopt, now});
      most_running_ = std::max(most_running_, running_.size());
      return;
    case Event::Kind::Progress:
      if (const auto found = running_.find(event.subtask); found != running_.end()) found->second.percent = event.percent;
      return;
    case Event::Kind::Published: ++published_; return;
    case Event::Kind::Finished: {
      const auto ms = static_cast<double>(event.elapsed.count());
      if (++strips_done_[event.frame] == plan_.strips) ++complete_;
      if (ms > 0) usual_ms_ = usual_ms_ ? *usual_ms_ + k_newest * (ms - *usual_ms_) : ms;
      break;
    }
    case Event::Kind::Retried: ++retried_; [[fallthrough]];
    case Event::Kind::Failed:
      last_trouble_ = event.subtask;
      last_cause_ = event.cause;
      break;
    case Event::Kind::Stopped: break;
  }
  running_.erase(event.subtask);
}

std::chrono::milliseconds RunView::elapsed(Clock::time_point now) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - since_);
}

double RunView::part_done() const {
  if (total_ <= 0) return 0;
  double done = static_cast<double>(finished_);
  for (const auto& [subtask, running] : running_) done += running.percent.value_or(0) / 100.0;
  return std::min(1.0, done / static_cast<double>(total_));
}

double RunView::guess_done(const Running& running, Clock::time_point now) const {
  if (running.percent.value_or(0) > 0) return *running.percent / 100.0;
  return std::min(k_most_guessed, to_ms(now - running.since) / *usual_ms_);
}

std::optional<std::chrono::milliseconds> RunView::remaining(Clock::time_point now) const {
  if (!usual_ms_) return std::nullopt;
  auto left = static_cast<double>(total_ - finished_ - failed_);
  for (const auto& [subtask, running] : running_) left -= guess_done(running, now);
  if (left <= 0) return std::nullopt;
  // At the end fewer are under way than there were.
  const double at_a_time = std::min(static_cast<double>(most_running_), std::max(1.0, left));
  return std::chrono::milliseconds(static_cast<std::int64_t>(left * *usual_ms_ / at_a_time));
}

}  // namespace gt::submit
