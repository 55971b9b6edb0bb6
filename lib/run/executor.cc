#include "lib/run/executor.h"

#include <system_error>
#include <thread>
#include <vector>

#include "lib/run/failure.h"
#include "lib/run/results.h"

namespace gt::run {

void throw_if_stopped(const StopFlag& stop) {
  switch (stop.load()) {
    case Stop::None: return;
    case Stop::Interrupt: throw Error(ErrorCode::Interrupted, "interrupted; no picture was written");
    case Stop::Terminate: throw Error(ErrorCode::Terminated, "terminated; no picture was written");
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
  spec.on_remove_failure = [this](const Error& error) { warn(error); };
  const docker::WaitResult result = parts_.runner.run(spec, {.stdout_file = paths.stdout_log, .stderr_file = paths.stderr_log},
                                                      common.limits.subtask_timeout, [this] { return must_end(); });
  give_to(common.owner, paths.stdout_log);
  give_to(common.owner, paths.stderr_log);
  if (result.end == docker::WaitResult::End::Cancelled) return false;
  require_success(result, {.plan = parts_.plan, .subtask = subtask, .paths = paths, .limits = common.limits});
  return true;
}

bool Executor::must_end() const { return failed_ || parts_.stop.load() != Stop::None || is_overdue(); }

bool Executor::is_overdue() const { return deadline_ && Clock::now() >= *deadline_; }

void Executor::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (!first_error_) first_error_ = std::move(error);
  failed_ = true;
}

void Executor::warn(const Error& error) {
  const std::lock_guard lock(mutex_);
  parts_.observer.on_finding({Finding::Severity::Warning,
                              "a container was not removed: " + error.message() +
                                  "; docker ps -a --filter label=io.gt-tools.run=" + parts_.common.run_id + " lists it",
                              {}});
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
