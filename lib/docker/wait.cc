#include "lib/docker/wait.h"

#include <algorithm>
#include <csignal>
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
// What dockerd says of a container that it finds dead when it starts again, and whose end it did not see.
constexpr int k_exit_code_unseen = 255;

}  // namespace

Ending Waiter::run(std::optional<milliseconds> timeout) {
  if (timeout) deadline_ = Clock::now() + std::min<milliseconds>(*timeout, k_longest_timeout);
  for (;;) {
    if (wish() != Wish::GoOn) return end_container(WaitResult::End::Cancelled, stop_grace_);
    if (is_over()) return end_container(WaitResult::End::TimedOut, std::min(k_timeout_grace, stop_grace_));
    bool gave_up = false;
    lost_engine_ |= !engine_.wait_container(id_, [&] { return gave_up = wish() != Wish::GoOn || is_over(); });
    if (gave_up) continue;
    const Inspection seen = inspect_patiently();
    if (seen.found == Inspection::Found::NoAnswer) return {{.end = WaitResult::End::EngineLost}, JobStatus::Running};
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
  WaitResult result{.end = WaitResult::End::Exited, .exit_code = seen.exit_code};
  // A helper process may be killed for its memory and the script still succeed.
  if (seen.memory == MemoryVerdict::OutOfMemory && seen.exit_code != 0) {
    result.end = WaitResult::End::OutOfMemory;
  } else if (result.killer = killer_of(seen.exit_code); result.killer != WaitResult::Killer::None) {
    result.end = WaitResult::End::Killed;
  } else if (seen.memory == MemoryVerdict::Suspected) {
    result.end = WaitResult::End::OutOfMemory;
  }
  return Ending{result, JobStatus::Exited};
}

// Who sent the signal that the exit code tells of; None if it was the script itself, as far as can be known.
WaitResult::Killer Waiter::killer_of(int exit_code) const {
  if (lost_engine_ && exit_code == k_exit_code_unseen) return WaitResult::Killer::Engine;
  if (exit_code <= 128 || exit_code > 128 + SIGRTMAX) return WaitResult::Killer::None;
  if (engine_.was_killed_by_client(id_)) return WaitResult::Killer::OtherClient;
  const bool is_shutdown = exit_code == 128 + SIGTERM || exit_code == 128 + SIGKILL;
  return lost_engine_ && is_shutdown ? WaitResult::Killer::Engine : WaitResult::Killer::None;
}

// An engine that restarts is back in seconds, and with live-restore the container went on meanwhile.
Inspection Waiter::inspect_patiently() {
  const Clock::time_point limit = Clock::now() + engine_.options().patience;
  for (milliseconds pause{50};; pause = std::min(pause * 2, k_longest_pause)) {
    const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now());
    Inspection seen = engine_.inspect_container(id_, std::min(std::max(left, k_longest_pause), engine_.options().timeout));
    if (seen.found != Inspection::Found::NoAnswer) return seen;
    lost_engine_ = true;
    if (Clock::now() + pause > limit || !sleep_unless_wished(pause)) return seen;
  }
}

bool Waiter::sleep_unless_wished(milliseconds time) const {
  const Clock::time_point end = Clock::now() + time;
  while (Clock::now() < end) {
    if (wish() != Wish::GoOn) return false;
    std::this_thread::sleep_for(std::min<Clock::duration>(k_poll, end - Clock::now()));
  }
  return true;
}

// True as soon as the container has ended, false at `limit`; a gentle end has no more time once a kill is wished.
bool Waiter::has_ended_by(Clock::time_point limit, Kind kind) {
  const auto is_late = [&] { return Clock::now() >= limit || (kind == Kind::Gentle && wish() == Wish::Kill); };
  for (;;) {
    engine_.wait_container(id_, is_late);
    const Inspection seen = engine_.inspect_container(id_, engine_.options().timeout);
    if (seen.found == Inspection::Found::Gone || seen.has_ended()) return true;
    if (is_late()) return false;
    std::this_thread::sleep_for(k_recheck);
  }
}

Ending Waiter::end_container(WaitResult::End reason, milliseconds grace) {
  JobStatus status = JobStatus::Stopped;
  const bool is_gentle = wish() != Wish::Kill;
  const bool has_ended_itself = engine_.kill_container(id_, is_gentle ? "SIGTERM" : "SIGKILL") == Engine::Signalled::NotRunning;
  if (!is_gentle) status = JobStatus::Killed;
  if (is_gentle && !has_ended_itself && !has_ended_by(Clock::now() + grace, Kind::Gentle)) {
    status = JobStatus::Killed;
    engine_.kill_container(id_, "SIGKILL");
  }
  if (status == JobStatus::Killed && !has_ended_by(Clock::now() + k_kill_confirmation, Kind::Sudden))
    throw Error(ErrorCode::ContainerFailed, "container " + id_.substr(0, 12) + " does not end after SIGKILL");
  const Inspection seen = inspect_patiently();
  if (seen.found == Inspection::Found::NoAnswer) return {{.end = WaitResult::End::EngineLost}, JobStatus::Running};
  std::optional<Ending> ending = ending_of(seen);
  if (!ending) throw Error(ErrorCode::ContainerFailed, "container " + id_.substr(0, 12) + " runs on after its end");
  if (has_ended_itself) return *ending;
  return {{.end = reason, .exit_code = ending->result.exit_code, .killer = WaitResult::Killer::Job}, status};
}

}  // namespace gt::docker
