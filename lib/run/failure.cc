#include "lib/run/failure.h"

#include <csignal>
#include <string>

#include "lib/base/text.h"
#include "lib/run/results.h"

namespace gt::run {
namespace {

// "subtask 3 of 6 (rows 36 to 53)"; rows count from 0 at the top.
std::string name_of(const SubtaskContext& context) {
  const render::Rows& rows = context.subtask.rows;
  return "subtask " + std::to_string(context.subtask.number) + " of " + std::to_string(context.plan.subtasks.size()) +
         " (rows " + std::to_string(rows.first) + " to " + std::to_string(rows.end - 1) + ")";
}

std::string log_text(const SubtaskContext& context) {
  const std::string tail = log_tail(context.paths.stderr_log);
  std::string out = "; its logs are in " + printable(context.paths.directory.string(), 4096);
  if (tail.empty()) return out + ", stderr.log is empty";
  return out + ", stderr.log ends with:" + tail;
}

std::string seconds_text(std::chrono::milliseconds time) {
  std::string out = std::to_string(time.count() / 1000);
  const auto rest = time.count() % 1000;
  if (rest != 0) out += "." + std::to_string(1000 + rest).substr(1);
  return out + " s";
}

std::string exit_text(int code) {
  std::string out = "ended with exit code " + std::to_string(code);
  if (code == 128 + SIGKILL) out += " (killed)";
  if (code == 128 + SIGSEGV) out += " (segmentation fault)";
  if (code == 128 + SIGABRT) out += " (aborted)";
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

}  // namespace

void require_success(const docker::WaitResult& result, const SubtaskContext& context) {
  const std::string name = name_of(context);
  switch (result.end) {
    case docker::WaitResult::End::Exited:
      if (result.exit_code == 0) return;
      [[fallthrough]];
    case docker::WaitResult::End::Killed:
    case docker::WaitResult::End::Cancelled:
      throw Error(ErrorCode::ContainerFailed,
                  name + " " + exit_text(result.exit_code) + killer_text(result.killer) + log_text(context));
    case docker::WaitResult::End::TimedOut: {
      const auto limit = context.limits.subtask_timeout.value_or(std::chrono::milliseconds(0));
      throw Error(ErrorCode::ContainerTimeout, name + " took longer than " + seconds_text(limit) +
                                                   " (--subtask-timeout SECONDS allows more, 0 any time)" + log_text(context));
    }
    case docker::WaitResult::End::OutOfMemory:
      throw Error(ErrorCode::ContainerMemory,
                  name + " needed more than its " + std::to_string(context.limits.memory_bytes >> 20) +
                      " MiB of memory (--memory SIZE allows more, --jobs 1 gives one container all there is)" +
                      log_text(context));
    case docker::WaitResult::End::EngineLost:
      throw Error(ErrorCode::EngineUnreachable, name + " was lost: the container engine stopped answering" + log_text(context));
  }
}

void check_subtask(const SubtaskContext& context) {
  try {
    check_result(context.plan, context.subtask, context.paths.output);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::ResultInvalid) throw;
    throw Error(error.code(), name_of(context) + ": " + error.what() + log_text(context));
  }
}

Error full_timeout_error(const Limits& limits) {
  const auto limit = limits.full_timeout.value_or(std::chrono::milliseconds(0));
  return Error(ErrorCode::ContainerTimeout,
               "the whole task took longer than " + seconds_text(limit) + "; no picture was written", {},
               "--timeout SECONDS allows more, 0 any time");
}

}  // namespace gt::run
