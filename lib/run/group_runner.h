// One group of subtasks in one container: results are checked and kept as they come, and what went wrong belongs to the
// subtask that it happened to.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "lib/run/blender_log.h"
#include "lib/run/container_runner.h"
#include "lib/run/executor.h"
#include "lib/run/job_params.h"
#include "lib/run/progress.h"
#include "lib/run/result_check.h"
#include "lib/run/run_directory.h"

namespace gt::run {

// Everything is the caller's and must outlive the runner.
struct GroupParts {
  const RunPlan& plan;
  const RunContext& context;
  const RunDirectory& directory;
  ContainerRunner& runner;
  Progress& progress;
  std::function<docker::Wish()> wish;  // asked ten times a second
  // Told of subtasks whose results are good, while their container goes on with others. From another thread.
  std::function<void(const std::vector<std::int64_t>&)> on_results = {};
};

class GroupRunner {
 public:
  GroupRunner(const GroupParts& parts, GroupTask task);

  // Returns when the container is gone and all that can be told of its subtasks is in their records. Throws what concerns the
  // whole run: ImageMissing, a file that cannot be written, a subtask that somebody else renders.
  GroupEnd run();

 private:
  using Clock = std::chrono::steady_clock;

  void lock_subtasks();
  docker::JobSpec make_spec();
  ContainerEnd run_container(const docker::JobSpec& spec);
  docker::Wish decide();
  void on_line(std::string_view line);

  void watch(const std::stop_token& stop);
  std::span<const Piece> begun() const;
  void take_results(std::span<const Piece> pieces);
  void tell_results();
  void take(const Piece& piece);
  void keep(const Piece& piece, Result result);
  void fail(std::int64_t subtask, Cause cause, const std::string& what);
  bool is_open(const Piece& piece) const;  // neither finished nor failed
  bool is_there(const Piece& piece) const;

  void conclude(const ContainerEnd& end);
  void blame_first(const Failure& failure);
  void blame_log_faults();
  void add_to_records(const ContainerEnd& end);
  void warn_of(const ContainerEnd& end);
  Attempt attempt() const;

  GroupParts parts_;
  GroupTask task_;
  std::vector<Piece> pieces_;
  std::vector<Fd> locks_;
  ContainerPaths paths_;
  Attempt attempt_;
  Clock::time_point begin_;
  // Used by the watching thread while it runs, then by run().
  std::set<std::int64_t> finished_;
  std::set<std::int64_t> told_;  // of those
  std::map<std::int64_t, Failure> failures_;
  std::exception_ptr error_;  // of the watching thread
  std::atomic<bool> has_error_ = false;
  std::atomic<bool> is_overdue_ = false;
  std::atomic<Clock::rep> last_result_ = 0;
  mutable std::mutex mutex_;  // guards what the log says
  std::int64_t current_ = 0;  // the subtask that the script says it is at; 0: none yet
  std::map<std::int64_t, Clock::time_point> said_done_;
  std::map<std::int64_t, std::string> log_failures_;  // that the script told
  std::map<std::int64_t, std::string> log_faults_;    // by the subtask that it was at
  std::string disk_full_;
};

}  // namespace gt::run
