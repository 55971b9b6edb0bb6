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

  // Since the container was created.
  enum class EngineSoFar : std::uint8_t { Steady, WasAway };

  // `wish` may be empty; it is the caller's, as the engine is.
  Waiter(Engine& engine, std::string id, std::chrono::milliseconds stop_grace, const std::function<Wish()>& wish,
         EngineSoFar so_far = EngineSoFar::Steady)
      : engine_(engine),
        id_(std::move(id)),
        stop_grace_(stop_grace),
        wish_(wish),
        lost_engine_(so_far == EngineSoFar::WasAway) {}

  Ending run(std::optional<std::chrono::milliseconds> timeout);

 private:
  Wish wish() const { return wish_ ? wish_() : Wish::GoOn; }
  bool is_over() const { return deadline_ && Clock::now() >= *deadline_; }
  Inspection inspect_patiently();
  bool sleep_unless_wished(std::chrono::milliseconds time) const;
  enum class Kind : std::uint8_t { Gentle, Sudden };
  bool has_ended_by(Clock::time_point limit, Kind kind);
  Ending end_container(WaitResult::End reason, std::chrono::milliseconds grace);
  std::optional<Ending> ending_of(const Inspection& seen) const;
  WaitResult::Killer killer_of(int exit_code) const;

  Engine& engine_;
  std::string id_;
  std::chrono::milliseconds stop_grace_;
  const std::function<Wish()>& wish_;
  std::optional<Clock::time_point> deadline_;
  bool lost_engine_;  // at some time, so that it may have restarted
};

}  // namespace gt::docker
