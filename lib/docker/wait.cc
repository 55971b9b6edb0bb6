#include "lib/docker/wait.h"

#include <algorithm>
#include <thread>

namespace gt::docker {
namespace {

using std::chrono::milliseconds;

// Between SIGTERM and SIGKILL when the time is over: what it still does is lost anyway.
constexpr milliseconds k_timeout_grace{500};
// SIGKILL needs no longer than this, unless the kernel holds the process.
constexpr milliseconds k_kill_confirmation{10'000};
// Between two questions when the engine says that a running container has ended.
constexpr milliseconds k_recheck{50};
constexpr milliseconds k_poll{100};
constexpr milliseconds k_longest_pause{1000};
// Tasks say how long they may take: a clock counts nanoseconds and must not overflow.
constexpr std::chrono::hours k_longest_timeout{10 * 365 * 24};

}  // namespace

Ending Waiter::run(std::optional<milliseconds> timeout) {
  if (timeout) deadline_ = Clock::now() + std::min<milliseconds>(*timeout, k_longest_timeout);
  for (;;) {
    if (is_cancelled()) return end_container(WaitResult::End::Cancelled, stop_grace_);
    if (is_over()) return end_container(WaitResult::End::TimedOut, std::min(k_timeout_grace, stop_grace_));
    bool gave_up = false;
    engine_.wait_container(id_, [&] { return gave_up = is_cancelled() || is_over(); });
    if (gave_up) continue;
    const Inspection seen = inspect_patiently();
    if (seen.found == Inspection::Found::NoAnswer) return {{WaitResult::End::EngineLost, 0}, JobStatus::Running};
    if (const std::optional<Ending> ending = ending_of(seen)) return *ending;
    std::this_thread::sleep_for(k_recheck);
  }
}

// Throws if it is gone; nullopt while it runs.
std::optional<Ending> Waiter::ending_of(const Inspection& seen) const {
  const std::string name = "container " + id_.substr(0, 12);
  if (seen.found == Inspection::Found::Gone)
    throw Error(ErrorCode::ContainerFailed, name + " was removed by someone else before its end was known");
  if (seen.status == "created") throw Error(ErrorCode::ContainerFailed, name + " was never started");
  if (!seen.has_ended()) return {};
  // A helper process may be killed for its memory and the script still succeed.
  const bool is_memory = seen.out_of_memory && seen.exit_code != 0;
  return Ending{{is_memory ? WaitResult::End::OutOfMemory : WaitResult::End::Exited, seen.exit_code}, JobStatus::Exited};
}

// An engine that restarts is back in seconds, and with live-restore the container went on meanwhile.
Inspection Waiter::inspect_patiently() const {
  const Clock::time_point limit = Clock::now() + engine_.options().patience;
  for (milliseconds pause{50};; pause = std::min(pause * 2, k_longest_pause)) {
    const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now());
    Inspection seen = engine_.inspect_container(id_, std::min(std::max(left, k_longest_pause), engine_.options().timeout));
    if (seen.found != Inspection::Found::NoAnswer) return seen;
    if (Clock::now() + pause > limit || !sleep_unless_cancelled(pause)) return seen;
  }
}

bool Waiter::sleep_unless_cancelled(milliseconds time) const {
  const Clock::time_point end = Clock::now() + time;
  while (Clock::now() < end) {
    if (is_cancelled()) return false;
    std::this_thread::sleep_for(std::min<Clock::duration>(k_poll, end - Clock::now()));
  }
  return true;
}

// True as soon as the container has ended, false at `limit`.
bool Waiter::has_ended_by(Clock::time_point limit) const {
  for (;;) {
    engine_.wait_container(id_, [limit] { return Clock::now() >= limit; });
    const Inspection seen = engine_.inspect_container(id_, engine_.options().timeout);
    if (seen.found == Inspection::Found::Gone || seen.has_ended()) return true;
    if (Clock::now() >= limit) return false;
    std::this_thread::sleep_for(k_recheck);
  }
}

Ending Waiter::end_container(WaitResult::End reason, milliseconds grace) const {
  JobStatus status = JobStatus::Stopped;
  const bool has_ended_itself = engine_.kill_container(id_, "SIGTERM") == Engine::Signalled::NotRunning;
  if (!has_ended_itself && !has_ended_by(Clock::now() + grace)) {
    status = JobStatus::Killed;
    engine_.kill_container(id_, "SIGKILL");
    if (!has_ended_by(Clock::now() + k_kill_confirmation))
      throw Error(ErrorCode::ContainerFailed, "container " + id_.substr(0, 12) + " does not end after SIGKILL");
  }
  const Inspection seen = inspect_patiently();
  if (seen.found == Inspection::Found::NoAnswer) return {{WaitResult::End::EngineLost, 0}, JobStatus::Running};
  const std::optional<Ending> ending = ending_of(seen);
  if (!ending) throw Error(ErrorCode::ContainerFailed, "container " + id_.substr(0, 12) + " runs on after its end");
  if (has_ended_itself) return *ending;
  return {{reason, ending->result.exit_code}, status};
}

}  // namespace gt::docker
