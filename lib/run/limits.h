// How much of this machine each container gets.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gt::run {

struct Machine {
  int cores = 1;
  std::uint64_t memory_total = 0;      // bytes; 0 is unknown
  std::uint64_t memory_available = 0;  // what can be had without swapping
};

// Fills in the memory from the text of /proc/meminfo; what is not there stays as it is.
Machine with_memory(Machine machine, std::string_view meminfo);

struct Limits {
  int jobs = 1;                         // containers at a time
  int threads = 1;                      // of Blender in each
  std::uint64_t memory_bytes = 0;       // of each; 0: no limit
  std::uint64_t most_memory_bytes = 0;  // of one that needed more than that, tried again; 0: as much as it takes
  int retries = 2;                      // of a subtask, after engine trouble and unexplained deaths
  std::optional<std::chrono::milliseconds> subtask_timeout;
  std::optional<std::chrono::milliseconds> full_timeout;
};

// Larger of what the task was estimated to need and an even share of what is available, never more than the machine has.
// 0, no limit, only when nothing is known.
std::uint64_t container_memory(std::int64_t estimated, const Machine& machine, int jobs);

// `wanted_jobs` is what the user asked for, absent: one per core. No more jobs than subtasks, so that a lone container
// gets the whole machine. Several have twice their share of threads: what one leaves idle while it loads, saves or has ended,
// the others use.
Limits share_machine(const Machine& machine, std::optional<int> wanted_jobs, std::int64_t subtasks,
                     std::int64_t estimated_memory);

// Seconds as tasks save them; 0, negative and not-a-number are none.
std::optional<std::chrono::milliseconds> to_timeout(double seconds);

}  // namespace gt::run
