#include "lib/run/group_runner.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "lib/base/text.h"
#include "lib/docker/outputs.h"
#include "lib/run/failure.h"
#include "lib/run/lux_params.h"
#include "lib/run/other_results.h"
#include "lib/run/pause.h"

namespace gt::run {
namespace {

using namespace std::chrono_literals;
using End = docker::WaitResult::End;

constexpr auto k_watch = 100ms;
// From what the script says on one stream to what Blender said before on the other.
constexpr auto k_settled = 500ms;

// The engine's own trouble, which another try may not meet. ContainerFailed: it does not end, or somebody removed it.
bool is_engine_trouble(ErrorCode code) {
  return code == ErrorCode::EngineUnreachable || code == ErrorCode::EngineRefused || code == ErrorCode::ContainerFailed;
}

}  // namespace

GroupRunner::GroupRunner(const GroupParts& parts, GroupTask task) : parts_(parts), task_(std::move(task)) {
  for (const std::int64_t number : task_.subtasks) pieces_.push_back(piece_of(parts_.plan, parts_.plan.plan.subtask(number)));
}

void GroupRunner::lock_subtasks() {
  for (const std::int64_t number : task_.subtasks) {
    std::optional<Fd> lock = parts_.directory.lock(number);
    if (!lock)
      throw Error(ErrorCode::FileExists, "subtask " + std::to_string(number) + " is being rendered by another submit-task",
                  {.file = parts_.directory.path().string()}, "wait for it");
    locks_.push_back(std::move(*lock));
  }
}

docker::JobSpec GroupRunner::make_spec() {
  docker::JobSpec spec = make_job_spec(parts_.plan, parts_.context, pieces_, paths_, parts_.directory.path(), task_.memory);
  spec.wish = [this] { return decide(); };
  spec.live_log.on_line = [this](docker::Stream, std::string_view line) { on_line(line); };
  spec.on_remove_failure = [this](const Error& error) {
    parts_.progress.warn("a container was not removed: " + error.message() +
                         "; submit-task --reap removes it when this process has ended");
  };
  return spec;
}

docker::Wish GroupRunner::decide() {
  const docker::Wish wish = parts_.wish();
  if (wish != docker::Wish::GoOn) return wish;
  if (has_error_) return docker::Wish::Stop;
  const auto limit = parts_.plan.limits.subtask_timeout;
  const Clock::time_point last{Clock::duration(last_result_.load())};
  if (limit && Clock::now() - last > *limit) is_overdue_ = true;
  return is_overdue_ ? docker::Wish::Stop : docker::Wish::GoOn;
}

void GroupRunner::on_line(std::string_view line) {
  using Kind = LogLine::Kind;
  LogLine seen = read_log_line(line);
  if (seen.kind == Kind::Other) return;
  const bool is_ours = std::find(task_.subtasks.begin(), task_.subtasks.end(), seen.number) != task_.subtasks.end();
  const std::lock_guard lock(mutex_);
  switch (seen.kind) {
    case Kind::Begins:
      if (is_ours) parts_.progress.begin(current_ = seen.number);
      break;
    case Kind::Failed:
      if (is_ours) log_failures_.emplace(seen.number, std::move(seen.text));
      break;
    case Kind::Percent:
      if (current_ != 0) parts_.progress.percent(current_, static_cast<int>(seen.number));
      break;
    case Kind::Fault: log_faults_.emplace(current_, std::move(seen.text)); break;
    case Kind::DiskFull: disk_full_ = std::move(seen.text); break;
    case Kind::Done:
      if (is_ours) said_done_.emplace(seen.number, Clock::now());
      break;
    case Kind::Other: break;
  }
}

bool GroupRunner::is_open(const Piece& piece) const {
  return finished_.count(piece.subtask) == 0 && failures_.count(piece.subtask) == 0;
}

bool GroupRunner::is_there(const Piece& piece) const {
  struct stat info {};
  return ::lstat((paths_.output / piece.name).c_str(), &info) == 0;
}

void GroupRunner::take(const Piece& piece) {
  const render::Subtask& subtask = parts_.plan.plan.subtask(piece.subtask);
  Taken taken = take_result(parts_.plan, subtask, paths_.output, parts_.directory);
  for (const Finding& note : taken.notes)
    parts_.progress.warn(name_of(parts_.plan, subtask) + ": left where it was: " + printable(note.where.file, 4096) + " " +
                         note.message);
  if (auto* failure = std::get_if<Failure>(&taken.result)) {
    fail(piece.subtask, failure->cause, failure->message);
  } else {
    keep(piece, std::move(std::get<Result>(taken.result)));
  }
  last_result_ = Clock::now().time_since_epoch().count();
}

void GroupRunner::keep(const Piece& piece, Result result) {
  Record record = parts_.directory.record(piece.subtask);
  record.attempts.push_back(attempt());
  record.result = std::move(result);
  parts_.directory.write(record);
  finished_.insert(piece.subtask);
  parts_.progress.finish(piece.subtask);
}

// Those that the script has come to; all while it does not say which it is at. To look for thousands of frames that are to
// come, ten times a second, would take time from the one that is being rendered.
std::span<const Piece> GroupRunner::begun() const {
  const std::lock_guard lock(mutex_);
  const auto current =
      std::find_if(pieces_.begin(), pieces_.end(), [this](const Piece& one) { return one.subtask == current_; });
  return {pieces_.begin(), current == pieces_.end() ? current : current + 1};
}

// In the order in which they are rendered.
void GroupRunner::take_results(std::span<const Piece> pieces) {
  for (const Piece& piece : pieces)
    if (is_open(piece) && is_there(piece)) take(piece);
}

// Results that no line of the log will condemn any more, as far as can be known while the container runs.
void GroupRunner::tell_results() {
  std::vector<std::int64_t> settled;
  {
    const std::lock_guard lock(mutex_);
    for (const std::int64_t subtask : finished_) {
      const auto said = said_done_.find(subtask);
      const bool is_settled = said != said_done_.end() && Clock::now() - said->second >= k_settled;
      if (is_settled && log_faults_.count(subtask) == 0 && told_.insert(subtask).second) settled.push_back(subtask);
    }
  }
  if (!settled.empty() && parts_.on_results) parts_.on_results(settled);
}

// Other scripts do not rename their results when they are whole: they are taken when the container has ended.
void GroupRunner::watch(const std::stop_token& stop) {
  if (!parts_.plan.uses_blendercrop()) return;
  try {
    do {
      take_results(begun());
      tell_results();
    } while (pause_for(stop, k_watch));
  } catch (...) {
    error_ = std::current_exception();
    has_error_ = true;
  }
}

ContainerEnd GroupRunner::run_container(const docker::JobSpec& spec) {
  const std::jthread watcher([this](const std::stop_token& stop) { watch(stop); });
  return parts_.runner.run(spec, std::nullopt);
}

GroupEnd GroupRunner::run() {
  lock_subtasks();
  paths_ = parts_.directory.make_container(task_.subtasks.front());
  give_films(parts_.plan, parts_.plan.plan.subtask(task_.subtasks.front()), parts_.directory, paths_);
  attempt_ = begin_attempt(paths_.name, task_.memory);
  begin_ = Clock::now();
  last_result_ = begin_.time_since_epoch().count();
  ContainerEnd end;
  std::optional<Failure> trouble;
  try {
    if (!parts_.plan.uses_blendercrop()) parts_.progress.begin(task_.subtasks.front());  // it does not say so itself
    end = run_container(make_spec());
  } catch (const Error& error) {
    if (!is_engine_trouble(error.code())) throw;
    trouble = Failure{Cause::EngineTrouble, error.what()};
  }
  if (error_) std::rethrow_exception(error_);
  // What a script leaves that says that it failed is no result. Of blendercrop's only whole ones have their names.
  const bool is_good = parts_.plan.uses_blendercrop() || (end.result.end == End::Exited && end.result.exit_code == 0);
  for (const auto& log : {paths_.stdout_log, paths_.stderr_log}) parts_.directory.give(log);
  warn_of(end);
  if (is_good && !trouble) take_results(pieces_);
  blame_log_faults();
  if (trouble) {
    blame_first(*trouble);
  } else {
    conclude(end);
  }
  add_to_records(end);
  GroupEnd out{.ticket = task_.ticket};
  for (const Piece& piece : pieces_) {
    const auto failure = failures_.find(piece.subtask);
    if (failure != failures_.end()) {
      out.failed.push_back({piece.subtask, failure->second.cause, failure->second.message});
    } else if (finished_.count(piece.subtask) != 0) {
      out.finished.push_back(piece.subtask);
    } else {
      parts_.progress.stop(piece.subtask);
      out.not_reached.push_back(piece.subtask);
    }
  }
  return out;
}

void GroupRunner::fail(std::int64_t subtask, Cause cause, const std::string& what) {
  const std::string name = name_of(parts_.plan, parts_.plan.plan.subtask(subtask));
  failures_.insert_or_assign(subtask, Failure{cause, name + what});
}

// A subtask during which Blender said that something failed has failed, whatever file it left.
void GroupRunner::blame_log_faults() {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, text] : log_faults_) {
    const std::int64_t subtask = number == 0 ? task_.subtasks.front() : number;
    if (finished_.erase(subtask) != 0) {
      Record record = parts_.directory.record(subtask);
      record.result.reset();
      record.attempts.pop_back();
      parts_.directory.write(record);
    }
    if (failures_.count(subtask) == 0) fail(subtask, Cause::LogSaysFailure, ": " + text + log_text(paths_));
  }
}

void GroupRunner::blame_first(const Failure& failure) {
  const auto first = std::find_if(pieces_.begin(), pieces_.end(), [this](const Piece& piece) { return is_open(piece); });
  if (first != pieces_.end()) fail(first->subtask, failure.cause, failure.message);
}

// What is still open has failed, or was not reached.
void GroupRunner::conclude(const ContainerEnd& end) {
  attempt_.exit_code = end.result.exit_code;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [subtask, text] : log_failures_) {
      if (finished_.count(subtask) == 0 && failures_.count(subtask) == 0)
        fail(subtask, disk_full_.empty() ? Cause::RenderFailed : Cause::DiskFull, ": " + text + log_text(paths_));
    }
  }
  if (end.result.end == End::Cancelled) {
    if (is_overdue_) blame_first({Cause::TimedOut, " " + subtask_timeout_text(parts_.plan.limits) + log_text(paths_)});
    return;
  }
  if (end.result.end == End::Exited && end.result.exit_code == 0) {
    const std::string what = parts_.plan.plan.renderer == task::Renderer::Blender ? "picture" : "result";
    for (const Piece& piece : pieces_) {
      if (is_open(piece))
        fail(piece.subtask, Cause::NoResult, ": the container ended with exit code 0 but left no " + what + log_text(paths_));
    }
    return;
  }
  Failure failure = failure_of(end.result, {.has_begun = current_ != 0 || !parts_.plan.uses_blendercrop(),
                                            .own_script = parts_.plan.is_own_script,
                                            .memory = task_.memory});
  if (!disk_full_.empty()) failure.cause = Cause::DiskFull;
  failure.message = " " + failure.message + log_text(paths_);
  blame_first(failure);
}

Attempt GroupRunner::attempt() const { return end_attempt(attempt_, begin_); }

// What is known only now: what failed, and the container's name and memory, which one record says for all.
void GroupRunner::add_to_records(const ContainerEnd& end) {
  attempt_.container = end.container;
  attempt_.peak_memory = end.peak_memory;
  if (failures_.empty() && !finished_.empty()) {
    Record record = parts_.directory.record(*finished_.begin());
    record.attempts.back().container = end.container;
    record.attempts.back().peak_memory = end.peak_memory;
    parts_.directory.write(record);
  }
  for (const auto& [subtask, failure] : failures_) {
    Record record = parts_.directory.record(subtask);
    Attempt failed = attempt();
    failed.cause = failure.cause;
    failed.message = failure.message;
    record.attempts.push_back(std::move(failed));
    parts_.directory.write(record);
  }
}

void GroupRunner::warn_of(const ContainerEnd& end) {
  for (const Finding& finding : end.findings) parts_.progress.warn(finding.message);
  const std::string whose = name_of(parts_.plan, parts_.plan.plan.subtask(task_.subtasks.front())) +
                            (task_.subtasks.size() > 1 ? " and others" : "") + ": ";
  const std::string where = " in " + printable(paths_.directory.string(), 4096);
  if (end.log.left_out > 0) {
    parts_.progress.warn(whose + std::to_string(end.log.left_out) + " bytes of its output were left out of the logs" + where +
                         " (--log-limit SIZE keeps more)");
  }
  if (end.log.may_have_gap)
    parts_.progress.warn(whose + "the engine was away for a time, and part of the output may be missing from the logs" + where);
}

}  // namespace gt::run
