#include "lib/run/failure.h"

#include <csignal>
#include <string>

#include "lib/base/text.h"

namespace gt::run {
namespace {

using End = docker::WaitResult::End;

// Of docker_blendertask.py.
constexpr int k_first_script_code = 1;
constexpr int k_exit_script_failed = 3;
constexpr int k_exit_no_result = 6;
constexpr int k_exit_subtasks_failed = 8;
constexpr int k_last_script_code = 9;

std::string seconds_text(std::chrono::milliseconds time) {
  std::string out = std::to_string(time.count() / 1000);
  const auto rest = time.count() % 1000;
  if (rest != 0) out += "." + std::to_string(1000 + rest).substr(1);
  return out + " s";
}

std::string exit_text(int code) {
  std::string out = "ended with exit code " + std::to_string(code);
  if (code == 128 + SIGKILL) out += " (killed)";
  if (code == 128 + SIGTERM) out += " (terminated)";
  if (code == 128 + SIGSEGV) out += " (segmentation fault)";
  if (code == 128 + SIGABRT) out += " (aborted)";
  if (code == 128 + SIGBUS) out += " (bus error)";
  return out;
}

std::string killer_text(docker::WaitResult::Killer killer) {
  switch (killer) {
    case docker::WaitResult::Killer::OtherClient: return ", killed by another client of the engine";
    case docker::WaitResult::Killer::Engine: return ", killed by a restart of the engine";
    case docker::WaitResult::Killer::None:
    case docker::WaitResult::Killer::Job: break;
  }
  return {};
}

Cause cause_of_exit(int code, const EndContext& context) {
  if (code > 128) return Cause::Killed;
  const bool is_known = !context.own_script && code >= k_first_script_code && code <= k_last_script_code;
  if (!is_known) return Cause::RenderFailed;
  if (code == k_exit_no_result) return Cause::NoResult;
  if (code == k_exit_subtasks_failed) return Cause::RenderFailed;
  // Before anything was rendered it is the scene, or what is asked of it.
  if (!context.has_begun) return Cause::SceneFailed;
  return code == k_exit_script_failed ? Cause::RenderFailed : Cause::SceneFailed;
}

}  // namespace

std::string name_of(const RunPlan& plan, const render::Subtask& subtask) {
  return "subtask " + std::to_string(subtask.number) + " of " + std::to_string(plan.plan.subtasks.size()) + " (" +
         place_of(plan.plan, subtask) + ")";
}

std::string log_text(const ContainerPaths& paths) {
  const std::string tail = log_tail(paths.stderr_log);
  std::string out = "; its logs are in " + printable(paths.directory.string(), 4096);
  if (tail.empty()) return out + ", stderr.log is empty";
  return out + ", stderr.log ends with:" + tail;
}

Failure failure_of(const docker::WaitResult& end, const EndContext& context) {
  switch (end.end) {
    case End::Exited: return {cause_of_exit(end.exit_code, context), exit_text(end.exit_code)};
    case End::Killed: return {Cause::Killed, exit_text(end.exit_code) + killer_text(end.killer)};
    case End::Cancelled: return {Cause::Stopped, "was stopped"};
    case End::TimedOut: return {Cause::TimedOut, "took too long"};
    case End::OutOfMemory:
      return {Cause::OutOfMemory, "needed more than its " + std::to_string(context.memory >> 20) +
                                      " MiB of memory (--memory SIZE allows more, --jobs 1 gives one container all there is)"};
    case End::EngineLost: return {Cause::EngineTrouble, "was lost: the container engine stopped answering"};
  }
  return {Cause::Killed, exit_text(end.exit_code)};
}

std::string subtask_timeout_text(const Limits& limits) {
  return "took longer than " + seconds_text(limits.subtask_timeout.value_or(std::chrono::milliseconds(0))) +
         " (--subtask-timeout SECONDS allows more, 0 any time)";
}

Error full_timeout_error(const Limits& limits) {
  const auto limit = limits.full_timeout.value_or(std::chrono::milliseconds(0));
  return Error(ErrorCode::ContainerTimeout, "the whole task took longer than " + seconds_text(limit), {},
               "--timeout SECONDS allows more, 0 any time; the same command goes on from here");
}

}  // namespace gt::run
