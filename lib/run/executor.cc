#include "lib/run/executor.h"

#include <system_error>
#include <thread>
#include <vector>

#include "lib/base/text.h"
#include "lib/run/failure.h"
#include "lib/run/results.h"

namespace gt::run {

void throw_if_stopped(const StopFlag& stop) {
  switch (stop.load()) {
    case Stop::None: return;
    case Stop::Interrupt:
    case Stop::InterruptNow: throw Error(ErrorCode::Interrupted, "interrupted; no picture was written");
    case Stop::Terminate:
    case Stop::TerminateNow: throw Error(ErrorCode::Terminated, "terminated; no picture was written");
  }
}

void Executor::run() {
  const Limits& limits = parts_.common.limits;
  if (limits.full_timeout) deadline_ = Clock::now() + *limits.full_timeout;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < limits.jobs; ++i) {
      try {
        workers.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        // One worker does the same, later; without any there is no run.
        if (workers.empty()) throw;
        break;
      }
    }
  }
  throw_if_stopped(parts_.stop);
  if (first_error_) std::rethrow_exception(first_error_);
  if (finished_ != static_cast<std::int64_t>(parts_.plan.subtasks.size())) throw full_timeout_error(limits);
}

void Executor::work() {
  while (!must_end()) {
    const std::size_t index = next_++;
    if (index >= parts_.plan.subtasks.size()) return;
    const render::Subtask& subtask = parts_.plan.subtasks[index];
    // The boundary of a subtask: an exception that left a thread would end the process and leave the containers.
    try {
      run_subtask(subtask);
    } catch (...) {
      fail(std::current_exception());
    }
  }
}

void Executor::run_subtask(const render::Subtask& subtask) {
  const Clock::time_point started = Clock::now();
  report(Event::Kind::Started, subtask, started);
  try {
    const SubtaskPaths paths = parts_.directory.make_subtask(subtask.number);
    const bool ended = run_container(subtask, paths);
    if (ended) check_subtask({.plan = parts_.plan, .subtask = subtask, .paths = paths, .limits = parts_.common.limits});
    report(ended ? Event::Kind::Finished : Event::Kind::Stopped, subtask, started);
  } catch (...) {
    report(Event::Kind::Failed, subtask, started);
    throw;
  }
}

bool Executor::run_container(const render::Subtask& subtask, const SubtaskPaths& paths) {
  const JobTemplate& common = parts_.common;
  docker::JobSpec spec = make_job_spec(common, parts_.plan, subtask, parts_.directory.path());
  spec.wish = [this] { return wish(); };
  spec.on_remove_failure = [this](const Error& error) {
    warn("a container was not removed: " + error.message() + "; submit-task --reap removes it when this process has ended");
  };
  const ContainerEnd end = parts_.runner.run(spec, common.limits.subtask_timeout);
  give_to(common.owner, paths.stdout_log);
  give_to(common.owner, paths.stderr_log);
  for (const Finding& finding : end.findings) warn(finding.message);
  warn_of_log(end.log, subtask, paths);
  if (end.result.end == docker::WaitResult::End::Cancelled) return false;
  require_success(end.result, {.plan = parts_.plan, .subtask = subtask, .paths = paths, .limits = common.limits});
  return true;
}

bool Executor::must_end() const { return failed_ || parts_.stop.load() != Stop::None || is_overdue(); }

bool Executor::is_overdue() const { return deadline_ && Clock::now() >= *deadline_; }

void Executor::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (!first_error_) first_error_ = std::move(error);
  failed_ = true;
}

docker::Wish Executor::wish() const {
  const Stop stop = parts_.stop.load();
  if (stop == Stop::InterruptNow || stop == Stop::TerminateNow) return docker::Wish::Kill;
  return must_end() ? docker::Wish::Stop : docker::Wish::GoOn;
}

void Executor::warn(std::string message) {
  const std::lock_guard lock(mutex_);
  if (warnings_.insert(message).second) parts_.observer.on_finding({.message = std::move(message)});
}

void Executor::warn_of_log(const docker::LogReport& log, const render::Subtask& subtask, const SubtaskPaths& paths) {
  const std::string whose = "subtask " + std::to_string(subtask.number) + ": ";
  const std::string where = " in " + printable(paths.directory.string(), 4096);
  if (log.left_out > 0) {
    warn(whose + std::to_string(log.left_out) + " bytes of its output were left out of the logs" + where +
         " (--log-limit SIZE keeps more)");
  }
  if (log.may_have_gap)
    warn(whose + "the engine was away for a time, and part of the output may be missing from the logs" + where);
}

void Executor::report(Event::Kind kind, const render::Subtask& subtask, Clock::time_point started) {
  const std::lock_guard lock(mutex_);
  running_ += kind == Event::Kind::Started ? 1 : -1;
  if (kind == Event::Kind::Finished) ++finished_;
  parts_.observer.on_event({.kind = kind,
                            .subtask = subtask.number,
                            .rows = subtask.rows,
                            .finished = finished_,
                            .running = running_,
                            .total = static_cast<std::int64_t>(parts_.plan.subtasks.size()),
                            .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started)});
}

}  // namespace gt::run
