#include "lib/run/local_executor.h"

#include <utility>

#include "lib/run/verify.h"

namespace gt::run {

LocalExecutor::~LocalExecutor() { wish_ = docker::Wish::Stop; }

void LocalExecutor::submit(GroupTask task) {
  const std::lock_guard lock(mutex_);
  threads_.emplace_back([this, task = std::move(task)]() mutable { run(std::move(task)); });
}

// The boundary of a group: an exception that left a thread would end the process and leave the containers.
void LocalExecutor::run(GroupTask task) noexcept {
  GroupParts parts = parts_;
  parts.wish = [this] { return std::max(wish_.load(), parts_.wish()); };
  const std::int64_t ticket = task.ticket;
  parts.on_results = [this, ticket](const std::vector<std::int64_t>& subtasks) {
    add({.ticket = ticket, .is_over = false, .finished = subtasks});
  };
  GroupEnd end;
  try {
    end = task.kind == GroupTask::Kind::Verify ? run_verifications(parts, task) : GroupRunner(parts, std::move(task)).run();
  } catch (...) {
    end.error = std::current_exception();
  }
  end.ticket = ticket;
  add(std::move(end));
}

void LocalExecutor::add(GroupEnd news) {
  const std::lock_guard lock(mutex_);
  news_.push_back(std::move(news));
  changed_.notify_all();
}

std::vector<GroupEnd> LocalExecutor::poll(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] { return !news_.empty(); });
  return std::exchange(news_, {});
}

}  // namespace gt::run
