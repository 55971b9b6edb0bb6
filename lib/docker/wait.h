// Waiting for a container's end, through whatever happens to the engine meanwhile.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "lib/docker/engine.h"
#include "lib/docker/job.h"

namespace gt::docker {

struct Ending {
  WaitResult result;
  JobStatus status = JobStatus::Exited;
};

class Waiter {
 public:
  using Clock = std::chrono::steady_clock;

  Waiter(Engine& engine, std::string id, std::chrono::milliseconds stop_grace, const std::function<bool()>& cancelled)
      : engine_(engine), id_(std::move(id)), stop_grace_(stop_grace), cancelled_(cancelled) {}

  Ending run(std::optional<std::chrono::milliseconds> timeout);

 private:
  bool is_cancelled() const { return cancelled_ && cancelled_(); }
  bool is_over() const { return deadline_ && Clock::now() >= *deadline_; }
  Inspection inspect_patiently() const;
  bool sleep_unless_cancelled(std::chrono::milliseconds time) const;
  bool has_ended_by(Clock::time_point limit) const;
  Ending end_container(WaitResult::End reason, std::chrono::milliseconds grace) const;
  std::optional<Ending> ending_of(const Inspection& seen) const;

  Engine& engine_;
  std::string id_;
  std::chrono::milliseconds stop_grace_;
  const std::function<bool()>& cancelled_;
  std::optional<Clock::time_point> deadline_;
};

}  // namespace gt::docker
