#include "lib/run/limits.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "lib/run/owner.h"

using gt::run::container_memory;
using gt::run::Limits;
using gt::run::Machine;
using gt::run::share_machine;
using namespace std::chrono_literals;

namespace {
constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;
constexpr Machine k_machine{.cores = 8, .memory_total = 32 * k_gib, .memory_available = 24 * k_gib};
}  // namespace

TEST_CASE("a container gets the larger of estimate and share, never more than there is") {
  struct Row {
    std::int64_t estimated;
    int jobs;
    std::uint64_t memory;
  };
  constexpr auto k_signed = static_cast<std::int64_t>(k_gib);
  for (const Row& row : {Row{0, 1, 24 * k_gib}, Row{0, 4, 6 * k_gib}, Row{8 * k_signed, 4, 8 * k_gib},
                         Row{k_signed, 4, 6 * k_gib}, Row{100 * k_signed, 4, 32 * k_gib}, Row{-5, 2, 12 * k_gib},
                         Row{std::numeric_limits<std::int64_t>::max(), 2, 32 * k_gib}}) {
    CAPTURE(row.estimated);
    CHECK(container_memory(row.estimated, k_machine, row.jobs) == row.memory);
  }
  CHECK(container_memory(5, {}, 2) == 5);
  CHECK(container_memory(0, {}, 2) == 0);
}

TEST_CASE("jobs share cores, and there are no more of them than subtasks") {
  const Limits one_strip = share_machine(k_machine, {}, 1, 0);
  CHECK(one_strip.jobs == 1);
  CHECK(one_strip.threads == 8);
  CHECK(one_strip.memory_bytes == 24 * k_gib);
  const Limits three = share_machine(k_machine, 3, 10, 0);
  CHECK(three.jobs == 3);
  CHECK(three.threads == 4);
  const Limits many = share_machine(k_machine, 20, 100, 0);
  CHECK(many.jobs == 20);
  CHECK(many.threads == 2);
  CHECK(share_machine({.cores = 0}, {}, 5, 0).jobs == 1);
}

TEST_CASE("memory is read from /proc/meminfo") {
  const Machine machine = gt::run::with_memory({}, "MemTotal:       24690000 kB\nMemFree: 5 kB\nMemAvailable:   100 kB\n");
  CHECK(machine.memory_total == 24690000ULL * 1024);
  CHECK(machine.memory_available == 100ULL * 1024);
  CHECK(gt::run::with_memory({.cores = 2}, "").memory_total == 0);
  CHECK(gt::run::with_memory({}, "MemTotal: 99999999999999999999 kB\n").memory_total == 0);
  CHECK(gt::run::with_memory({}, "MemTotal:").memory_total == 0);
}

TEST_CASE("timeouts of tasks: nothing sensible is none") {
  CHECK(gt::run::to_timeout(1.5) == 1500ms);
  CHECK(gt::run::to_timeout(0.0001) == 1ms);
  for (const double none : {0.0, -1.0, std::nan(""), HUGE_VAL, 1e300}) CHECK_FALSE(gt::run::to_timeout(none));
}

TEST_CASE("under sudo the user who called it owns what is made") {
  using gt::run::Owner;
  const Owner other = Owner::find(0, 0, "1000", "1001");
  CHECK(other.uid == 1000);
  CHECK(other.gid == 1001);
  CHECK(other.is_other);
  for (const auto& [uid, gid] : {std::pair{"", ""}, {"1000", ""}, {"x", "1"}, {"-1", "1"}, {"0", "0"}, {"1000 ", "1"}}) {
    CHECK_FALSE(Owner::find(0, 0, uid, gid).is_other);
  }
  CHECK(Owner::find(1000, 1000, "7", "7").uid == 1000);
}
