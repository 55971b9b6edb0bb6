// Where groups of subtasks are carried out: on this machine (local_executor.h), or elsewhere. All that the two sides share is
// the run directory: a group's results and records are there when it has ended, whatever is told here.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "lib/docker/job.h"
#include "lib/run/record.h"
#include "lib/run/run_plan.h"

namespace gt::run {

// What one container is to do.
struct GroupTask {
  enum class Kind : std::uint8_t { Render, Verify };
  Kind kind = Kind::Render;
  std::int64_t ticket = 0;                  // the submitter's own number for it
  std::vector<std::int64_t> subtasks = {};  // of Render, in the order in which they are rendered
  std::vector<Verification> boxes = {};     // of Verify
  std::uint64_t memory = 0;                 // bytes; 0: no limit
};

struct SubtaskFailure {
  std::int64_t subtask = 1;  // of Verify: whose verification it was
  Cause cause = Cause::Killed;
  std::string message;
};

// How a group ended, or what of it is good so far.
struct GroupEnd {
  std::int64_t ticket = 0;
  bool is_over = true;  // false: only `finished` is told, of which there may be more
  std::vector<std::int64_t> finished = {};
  std::vector<SubtaskFailure> failed = {};
  std::vector<std::int64_t> not_reached = {};  // the container ended before it was their turn
  std::exception_ptr error = {};               // what concerns the whole run: no image, a disk that is full
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Groups that can be under way at a time.
  virtual int capacity() const = 0;
  // Begins it; no more than capacity().
  virtual void submit(GroupTask task) = 0;
  // What has become of groups since the last call; waits for something until `timeout`.
  virtual std::vector<GroupEnd> poll(std::chrono::milliseconds timeout) = 0;
  // All that is under way is to end; poll() still tells how.
  virtual void cancel(docker::Wish how) = 0;
};

}  // namespace gt::run
