#include "lib/run/scheduler.h"

#include <algorithm>

#include "lib/run/failure.h"
#include "lib/run/verify.h"

namespace gt::run {
namespace {

using namespace std::chrono_literals;

constexpr auto k_poll = 100ms;

}  // namespace

std::vector<Loss> Scheduler::run() {
  if (parts_.plan.limits.full_timeout) deadline_ = Clock::now() + *parts_.plan.limits.full_timeout;
  for (const render::Subtask& subtask : parts_.plan.plan.subtasks)
    if (parts_.directory.record(subtask.number).result) good_.insert(subtask.number);
  plan_groups();
  take_results(good_);
  while (!waiting_.empty() || !under_way_.empty()) {
    if (parts_.stop.load() == Stop::InterruptNow || parts_.stop.load() == Stop::TerminateNow) {
      end_early(docker::Wish::Kill);
    } else if (parts_.stop.load() != Stop::None || is_overdue()) {
      end_early(docker::Wish::Stop);
    }
    submit_waiting();
    for (GroupEnd& end : parts_.executor.poll(k_poll)) take(std::move(end));
  }
  throw_if_ended();
  std::vector<Loss> losses;
  for (const auto& [subtask, loss] : losses_) losses.push_back(loss);
  return losses;
}

void Scheduler::throw_if_ended() const {
  throw_if_stopped(parts_.stop);
  if (error_) std::rethrow_exception(error_);
  if (losses_.empty() && is_overdue() && good_.size() < parts_.plan.plan.subtasks.size())
    throw full_timeout_error(parts_.plan.limits);
}

// Those of which all that they are made of is there.
void Scheduler::plan_groups() {
  std::vector<std::int64_t> open;
  for (const render::Subtask& subtask : parts_.plan.plan.subtasks) {
    const std::vector<std::int64_t> needs = parts_.plan.plan.needs(subtask.number);
    const bool is_ready = std::all_of(needs.begin(), needs.end(), [this](std::int64_t one) { return good_.count(one) != 0; });
    if (is_ready && good_.count(subtask.number) == 0 && planned_.insert(subtask.number).second) open.push_back(subtask.number);
  }
  for (render::Group& group : make_groups(parts_.plan, open, parts_.executor.capacity()))
    add({.subtasks = std::move(group), .memory = parts_.plan.limits.memory_bytes});
}

// What a result that is there must still be compared with, rendered again; none if it is good as it is.
std::vector<Verification> Scheduler::boxes_of(std::int64_t subtask) const {
  const Record record = parts_.directory.record(subtask);
  if (!record.result || record.result->is_verified) return {};
  std::vector<Verification> out;
  for (const Verification& box : parts_.plan.verifications)
    if (box.subtask == subtask) out.push_back(box);
  if (record.result->is_black && parts_.plan.uses_blendercrop()) out = {whole_of(parts_.plan, subtask)};
  return out;
}

// Results that are there are done, or to be verified.
void Scheduler::take_results(const std::set<std::int64_t>& subtasks) {
  GroupTask verify{.kind = GroupTask::Kind::Verify, .memory = parts_.plan.limits.memory_bytes};
  for (const std::int64_t subtask : subtasks) {
    if (done_.count(subtask) != 0) continue;
    const std::vector<Verification> boxes = boxes_of(subtask);
    if (boxes.empty()) done(subtask);
    verify.boxes.insert(verify.boxes.end(), boxes.begin(), boxes.end());
  }
  if (!verify.boxes.empty() && !is_ending_) add(std::move(verify));
}

void Scheduler::add(GroupTask task) {
  task.ticket = next_ticket_++;
  waiting_.push_back(std::move(task));
}

void Scheduler::submit_waiting() {
  while (!waiting_.empty() && static_cast<int>(under_way_.size()) < parts_.executor.capacity()) {
    GroupTask task = std::move(waiting_.front());
    waiting_.pop_front();
    parts_.executor.submit(task);
    under_way_.emplace(task.ticket, std::move(task));
  }
}

void Scheduler::done(std::int64_t subtask) {
  if (done_.insert(subtask).second && parts_.on_done) parts_.on_done(subtask);
}

// Of a group that goes on. What is to be verified waits for its end: until then its records are the group's.
void Scheduler::take_early(const std::vector<std::int64_t>& subtasks) {
  for (const std::int64_t subtask : subtasks)
    if (boxes_of(subtask).empty()) done(subtask);
}

void Scheduler::take(GroupEnd end) {
  if (!end.is_over) return take_early(end.finished);
  const auto node = under_way_.extract(end.ticket);
  const GroupTask& task = node.mapped();
  if (end.error) {
    if (!error_) error_ = end.error;
    end_early(docker::Wish::Stop);
    return;
  }
  good_.insert(end.finished.begin(), end.finished.end());
  take_results({end.finished.begin(), end.finished.end()});
  for (const SubtaskFailure& failure : end.failed) take_failure(task, failure);
  if (is_ending_) return;
  // Together once more, without the one that failed.
  if (!end.not_reached.empty()) add({.subtasks = std::move(end.not_reached), .memory = task.memory});
  plan_groups();
}

std::optional<std::uint64_t> Scheduler::more_memory(std::uint64_t memory) const {
  const std::uint64_t most = parts_.plan.limits.most_memory_bytes;
  if (memory == 0 || (most != 0 && memory >= most)) return std::nullopt;
  return most == 0 ? memory * 2 : std::min(memory * 2, most);
}

void Scheduler::again(const GroupTask& task, std::int64_t subtask, std::uint64_t memory) {
  if (task.kind == GroupTask::Kind::Render) return add({.subtasks = {subtask}, .memory = memory});
  // What was verified before the container died is marked so.
  GroupTask verify{.kind = GroupTask::Kind::Verify, .memory = memory};
  for (const Verification& box : task.boxes)
    if (!boxes_of(box.subtask).empty() && losses_.count(box.subtask) == 0) verify.boxes.push_back(box);
  if (!verify.boxes.empty()) add(std::move(verify));
}

void Scheduler::take_failure(const GroupTask& task, const SubtaskFailure& failure) {
  const Retry retry = retry_of(failure.cause);
  if (is_ending_ && (failure.cause == Cause::Stopped || retry != Retry::Never)) return;
  if (retry == Retry::Again && tries_[failure.subtask] < parts_.plan.limits.retries) {
    ++tries_[failure.subtask];
    parts_.progress.retry(failure.subtask, failure.cause, failure.message);
    return again(task, failure.subtask, task.memory);
  }
  if (const auto memory = more_memory(task.memory); retry == Retry::WithMoreMemory && memory) {
    parts_.progress.retry(failure.subtask, failure.cause, failure.message);
    return again(task, failure.subtask, *memory);
  }
  good_.erase(failure.subtask);
  if (!losses_.emplace(failure.subtask, Loss{failure.subtask, failure.cause, failure.message}).second) return;
  parts_.progress.fail(failure.subtask, failure.cause, failure.message);
  // A still without one of its strips is no picture; of an animation the other frames are wanted all the same.
  if (!parts_.plan.plan.is_animation || scope_of(failure.cause) == Scope::Run) end_early(docker::Wish::Stop);
}

void Scheduler::end_early(docker::Wish how) {
  is_ending_ = true;
  waiting_.clear();
  parts_.executor.cancel(how);
}

bool Scheduler::is_overdue() const { return deadline_ && Clock::now() >= *deadline_; }

}  // namespace gt::run
