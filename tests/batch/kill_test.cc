// Killed at any moment and resumed: the outputs are those of a run that nobody disturbed.
#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/batch/generate.h"
#include "tests/batch/process.h"

namespace gt::testing {
namespace {

using batch::testing::files_of;
using batch::testing::Scratch;
using Clock = std::chrono::steady_clock;

// The whole files that are in both trees say the same; nothing else is there.
bool is_part(const std::map<std::string, std::string>& part, const std::map<std::string, std::string>& whole) {
  return std::all_of(part.begin(), part.end(), [&](const auto& file) {
    const auto found = whole.find(file.first);
    return found != whole.end() && found->second == file.second;
  });
}

TEST_CASE("killed at random moments, each time resumed: the tree equals an undisturbed one") {
  const int kills = is_full_run() ? 1'000 : 30;
  const Scratch scratch;
  const Collection made = generate(scratch / "src", 2'000);
  const auto arguments = [&](const std::string& out) {
    return std::vector<std::string>{scratch / "src", "--out", scratch / out, "--no-sync", "--quiet"};
  };
  const auto begin = Clock::now();
  REQUIRE(MigrateProcess(scratch / "log", arguments("undisturbed")).wait() == 3);
  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
  const auto expected = files_of(scratch / "undisturbed");
  REQUIRE(expected.size() == made.outputs.size());
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  int in_the_middle = 0;
  int finished = 0;
  for (int kill = 0; kill < kills; ++kill) {
    MigrateProcess process(scratch / "log", arguments("out"));
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<long>(0, duration)(random)));
    process.signal(SIGKILL);
    const int code = process.wait();
    CHECK((code == 137 || code == 3));
    const auto there = files_of(scratch / "out");
    REQUIRE(is_part(there, expected));
    in_the_middle += !there.empty() && there.size() < expected.size() ? 1 : 0;
    if (there.size() < expected.size()) continue;
    // Whole: the next one begins anew.
    ++finished;
    REQUIRE(MigrateProcess(scratch / "log", {"undo", "--out", scratch / "out"}).wait() == 0);
    REQUIRE(names_below(scratch / "out").empty());
  }
  REQUIRE(MigrateProcess(scratch / "log", arguments("out")).wait() == 3);
  CHECK(files_of(scratch / "out") == expected);
  REQUIRE(MigrateProcess(scratch / "log", {"undo", "--out", scratch / "out"}).wait() == 0);
  CHECK(names_below(scratch / "out").empty());
  MESSAGE(kills << " kills, after " << in_the_middle << " of them a part was there, " << finished << " trees became whole");
  CHECK(in_the_middle > kills / 10);  // else the moments were not those that matter
}

TEST_CASE("a signal lets the run finish what is under way and says how to go on; the next run does") {
  struct Row {
    int signal;
    int code;
  };
  for (const Row& row : {Row{SIGINT, 130}, Row{SIGTERM, 143}}) {
    const Scratch scratch;
    const Collection made = generate(scratch / "src", 2'000);
    bool was_in_time = false;
    for (int wait_ms = 20; !was_in_time && wait_ms > 0; wait_ms -= 4) {
      MigrateProcess process(scratch / "log", {scratch / "src", "--out", scratch / "out", "--no-sync", "--jobs", "1"});
      std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
      process.signal(row.signal);
      const int code = process.wait();
      was_in_time = code == row.code;
      if (was_in_time) CHECK(process.log().find("the same command goes on where this one stopped") != std::string::npos);
      if (!was_in_time) MigrateProcess(scratch / "log", {"undo", "--out", scratch / "out"}).wait();
    }
    CHECK(was_in_time);
    CHECK(MigrateProcess(scratch / "log", {scratch / "src", "--out", scratch / "out", "--no-sync"}).wait() == 3);
    CHECK(outputs_below(scratch / "out") == made.outputs);
  }
}

}  // namespace
}  // namespace gt::testing
