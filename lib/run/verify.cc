#include "lib/run/verify.h"

#include <algorithm>
#include <random>

#include "lib/run/failure.h"

namespace gt::run {
namespace {

using Which = task::Verification::Which;

constexpr std::int64_t k_least_height = 8;

// `size` pixels somewhere within [first, end).
render::Rows place(std::int64_t size, const render::Rows& within, std::mt19937_64& random) {
  const std::int64_t length = std::clamp<std::int64_t>(size, 1, within.height());
  const auto room = static_cast<std::uint64_t>(within.height() - length + 1);
  const std::int64_t first = within.first + static_cast<std::int64_t>(random() % room);
  return {first, first + length};
}

bool is_chosen(const task::Verification& wanted, std::int64_t subtask, std::mt19937_64& random) {
  switch (wanted.which) {
    case Which::None: return false;
    case Which::ForAll: return true;
    case Which::ForFirst: return subtask == 1;
    // The same on every machine, which std::uniform_real_distribution is not.
    case Which::Random: return static_cast<double>(random() >> 11) * 0x1p-53 < wanted.probability;
  }
  return false;
}

Failure failure_in(const docker::WaitResult& end, const ContainerPaths& paths, std::uint64_t memory) {
  Failure failure = failure_of(end, {.has_begun = true, .memory = memory});
  failure.message = ": its verification " + failure.message + log_text(paths);
  return failure;
}

void mark_verified(const RunDirectory& directory, std::int64_t subtask) {
  Record record = directory.record(subtask);
  if (!record.result) return;
  record.result->is_verified = true;
  directory.write(record);
}

void reject(const RunDirectory& directory, std::int64_t subtask, const Failure& failure, const Attempt& attempt) {
  Record record = directory.record(subtask);
  record.result.reset();
  Attempt failed = attempt;
  failed.cause = failure.cause;
  failed.message = failure.message;
  record.attempts.push_back(std::move(failed));
  directory.write(record);
}

}  // namespace

std::vector<Verification> choose_verifications(const task::Verification& wanted, const render::Plan& plan, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const std::int64_t height = std::max(wanted.box_size[1] / 2 * 2, k_least_height);
  std::vector<Verification> out;
  for (const render::Subtask& subtask : plan.subtasks) {
    if (!is_chosen(wanted, subtask.number, random)) continue;
    out.push_back({.subtask = subtask.number,
                   .rows = place(height, subtask.rows, random),
                   .columns = place(wanted.box_size[0], {0, plan.resolution[0]}, random)});
  }
  return out;
}

Verification whole_of(const RunPlan& plan, std::int64_t subtask) {
  return {.subtask = subtask, .rows = plan.plan.subtask(subtask).rows, .columns = {0, plan.plan.resolution[0]}};
}

GroupEnd run_verifications(const GroupParts& parts, const GroupTask& task) {
  GroupEnd out{.ticket = task.ticket};
  std::vector<const Verification*> wanted;
  std::vector<Piece> pieces;
  for (const Verification& box : task.boxes) {
    wanted.push_back(&box);
    pieces.push_back(piece_of(parts.plan, box));
  }
  const ContainerPaths paths = parts.directory.make_container(pieces.front().subtask);
  docker::JobSpec spec = make_job_spec(parts.plan, parts.context, pieces, paths, parts.directory.path(), task.memory);
  spec.wish = parts.wish;
  Attempt attempt = begin_attempt(paths.name, task.memory);
  const auto begin = std::chrono::steady_clock::now();
  ContainerEnd end;
  try {
    const auto limit = parts.plan.limits.subtask_timeout;
    end = parts.runner.run(spec, limit ? std::optional(*limit * static_cast<std::int64_t>(pieces.size())) : std::nullopt);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::EngineUnreachable && error.code() != ErrorCode::EngineRefused) throw;
    out.failed.push_back({pieces.front().subtask, Cause::EngineTrouble, error.what()});
    return out;
  }
  attempt = end_attempt(std::move(attempt), begin);
  attempt.container = end.container;
  attempt.peak_memory = end.peak_memory;
  if (end.result.end == docker::WaitResult::End::Cancelled) return out;
  for (const Verification* verification : wanted) {
    const std::string name = name_of(parts.plan, parts.plan.plan.subtask(verification->subtask));
    if (end.result.end != docker::WaitResult::End::Exited || end.result.exit_code != 0) {
      const Failure failure = failure_in(end.result, paths, task.memory);
      out.failed.push_back({verification->subtask, failure.cause, name + failure.message});
      return out;
    }
    std::optional<Failure> failure = check_verification(parts.plan, *verification, paths.output, parts.directory);
    if (!failure) {
      mark_verified(parts.directory, verification->subtask);
      out.finished.push_back(verification->subtask);
      continue;
    }
    failure->message = name + failure->message + log_text(paths);
    reject(parts.directory, verification->subtask, *failure, attempt);
    out.failed.push_back({verification->subtask, failure->cause, failure->message});
  }
  return out;
}

}  // namespace gt::run
