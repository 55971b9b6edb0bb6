// Groups in containers of this machine's engine, each in a thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "lib/run/executor.h"
#include "lib/run/group_runner.h"

namespace gt::run {

class LocalExecutor : public Executor {
 public:
  // What `parts` refers to must outlive the executor; its wish is asked besides cancel().
  LocalExecutor(const GroupParts& parts, int capacity) : parts_(parts), capacity_(capacity) {}
  ~LocalExecutor() override;  // ends what is under way

  int capacity() const override { return capacity_; }
  void submit(GroupTask task) override;
  std::vector<GroupEnd> poll(std::chrono::milliseconds timeout) override;
  void cancel(docker::Wish how) override { wish_ = how; }

 private:
  void run(GroupTask task) noexcept;
  void add(GroupEnd news);

  GroupParts parts_;
  int capacity_;
  std::atomic<docker::Wish> wish_ = docker::Wish::GoOn;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<GroupEnd> news_;
  std::vector<std::jthread> threads_;
};

}  // namespace gt::run
