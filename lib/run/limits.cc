#include "lib/run/limits.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace gt::run {
namespace {

// "MemTotal:       24690000 kB" after the key.
std::optional<std::uint64_t> meminfo_bytes(std::string_view meminfo, std::string_view key) {
  std::size_t at = meminfo.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  at = meminfo.find_first_not_of(' ', at + key.size());
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t kilobytes = 0;
  const char* end = meminfo.data() + meminfo.size();
  const auto [stop, error] = std::from_chars(meminfo.data() + at, end, kilobytes);
  if (error != std::errc{} || kilobytes > (UINT64_MAX >> 10)) return std::nullopt;
  return kilobytes << 10;
}

}  // namespace

Machine with_memory(Machine machine, std::string_view meminfo) {
  machine.memory_total = meminfo_bytes(meminfo, "MemTotal:").value_or(machine.memory_total);
  machine.memory_available = meminfo_bytes(meminfo, "MemAvailable:").value_or(machine.memory_available);
  return machine;
}

std::uint64_t container_memory(std::int64_t estimated, const Machine& machine, int jobs) {
  const std::uint64_t share = machine.memory_available / static_cast<std::uint64_t>(std::max(jobs, 1));
  const std::uint64_t needed = estimated > 0 ? static_cast<std::uint64_t>(estimated) : 0;
  const std::uint64_t memory = std::max(share, needed);
  return machine.memory_total == 0 ? memory : std::min(memory, machine.memory_total);
}

Limits share_machine(const Machine& machine, std::optional<int> wanted_jobs, std::int64_t subtasks,
                     std::int64_t estimated_memory) {
  Limits limits;
  const int cores = std::max(machine.cores, 1);
  limits.jobs = static_cast<int>(std::min<std::int64_t>(wanted_jobs.value_or(cores), std::max<std::int64_t>(subtasks, 1)));
  const int share = std::max(cores / limits.jobs, 1);
  limits.threads = limits.jobs == 1 ? share : std::min(2 * share, cores);
  limits.memory_bytes = container_memory(estimated_memory, machine, limits.jobs);
  return limits;
}

std::optional<std::chrono::milliseconds> to_timeout(double seconds) {
  // A century is none; more would not fit the clock.
  constexpr double k_longest = 100.0 * 365 * 24 * 3600;
  if (!(seconds > 0) || seconds > k_longest) return std::nullopt;
  return std::chrono::milliseconds(std::llround(std::ceil(seconds * 1000)));
}

}  // namespace gt::run
