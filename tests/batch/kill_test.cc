// Killed at any moment and resumed: the outputs are those of a run that nobody disturbed.
#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "lib/batch/output_tree.h"
#include "tests/batch/generate.h"
#include "tests/batch/process.h"

namespace gt::testing {
namespace {

using batch::testing::files_of;
using batch::testing::Scratch;
using Clock = std::chrono::steady_clock;

using Files = std::map<std::string, std::string>;

// A migration that nobody disturbs.
struct Way {
  std::vector<std::string> options;
  Files files = {};
  std::vector<std::string> names = {};  // of these, of manifests and of directories
  long duration_us = 0;
};

std::vector<std::string> arguments(const Scratch& scratch, const std::string& out, const Way& way) {
  std::vector<std::string> all = {scratch / "src", "--out", scratch / out, "--no-sync", "--quiet"};
  all.insert(all.end(), way.options.begin(), way.options.end());
  return all;
}

Way undisturbed(const Scratch& scratch, std::vector<std::string> options) {
  Way way{std::move(options)};
  const auto begin = Clock::now();
  REQUIRE(MigrateProcess(scratch / "log", arguments(scratch, "undisturbed", way)).wait() == 3);
  way.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
  way.files = files_of(scratch / "undisturbed");
  way.names = names_below(scratch / "undisturbed");
  std::filesystem::remove_all(scratch / "undisturbed");
  return way;
}

struct Found {
  std::size_t finished = 0;         // files that are what they are to be
  std::vector<std::string> faulty;  // what no kill may leave: neither that, nor as it was before, nor of the temporary name
};

Found compare(const Files& there, const Files& before, const Files& after) {
  const auto is_same = [](const Files& files, const auto& file) {
    const auto found = files.find(file.first);
    return found != files.end() && found->second == file.second;
  };
  Found out;
  for (const auto& file : there) {
    if (is_same(after, file)) {
      ++out.finished;
    } else if (!is_same(before, file) && !file.first.ends_with(batch::k_temporary_name)) {
      out.faulty.push_back(file.first);
    }
  }
  return out;
}

TEST_CASE("killed at random moments, each time resumed: the tree equals an undisturbed one, without temporary files") {
  const int kills = is_full_run() ? 1'000 : 30;
  const Scratch scratch;
  const Collection made = generate(scratch / "src", 2'000);
  const Way docker = undisturbed(scratch, {});
  const Way json = undisturbed(scratch, {"--to", "json"});
  const Way modern = undisturbed(scratch, {"--to", "json", "--compat", "modern"});
  REQUIRE(docker.files.size() == made.outputs.size());
  REQUIRE(json.names == modern.names);
  // To an empty root, and to one where files are in the way, all of which the last run wrote.
  struct Round {
    const Way* before;
    const Way& after;
  };
  const Round rounds[] = {{nullptr, docker}, {nullptr, json}, {&json, modern}, {&modern, json}};
  const unsigned seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto up_to = [&](long most) { return std::uniform_int_distribution<long>(0, most)(random); };
  std::filesystem::create_directory(scratch / "out");
  int hit = 0;
  int too_late = 0;
  int in_the_middle = 0;
  int runs_that_went_on = 0;
  for (int round = 0; hit < kills; ++round) {
    const auto& [before, after] = rounds[round % 4];
    if (before == nullptr) {
      REQUIRE(MigrateProcess(scratch / "log", {"undo", "--out", scratch / "out"}).wait() == 0);
      REQUIRE(names_below(scratch / "out").empty());
    }
    // The second kill, in each other round, is for a run that goes on after the first.
    for (long left = 1 + up_to(1); left > 0 && hit < kills; --left) {
      MigrateProcess process(scratch / "log", arguments(scratch, "out", after));
      std::this_thread::sleep_for(std::chrono::microseconds(up_to(after.duration_us)));
      process.signal(SIGKILL);
      const int code = process.wait();
      REQUIRE((code == 137 || code == 3));
      too_late += code == 3 ? 1 : 0;
      if (code == 3) break;
      ++hit;
      const Found found = compare(files_of(scratch / "out"), before == nullptr ? Files() : before->files, after.files);
      REQUIRE(found.faulty == std::vector<std::string>());
      in_the_middle += found.finished > 0 && found.finished < after.files.size() ? 1 : 0;
    }
    REQUIRE(MigrateProcess(scratch / "log", arguments(scratch, "out", after)).wait() == 3);
    ++runs_that_went_on;
    REQUIRE(files_of(scratch / "out") == after.files);
    REQUIRE(names_below(scratch / "out") == after.names);
    REQUIRE(too_late < 20 * kills);
  }
  MESSAGE(hit << " kills of runs that were under way, after " << in_the_middle << " of them a part was written; " << too_late
              << " came too late and do not count; " << runs_that_went_on << " times resumed to the end and compared");
  CHECK(in_the_middle > kills / 4);  // else the moments were not those that matter
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
    // Neither before it listens to signals nor when it is done.
    for (const int wait_ms : {20, 16, 12, 8, 4, 40, 80, 160, 320}) {
      MigrateProcess process(scratch / "log", {scratch / "src", "--out", scratch / "out", "--no-sync", "--jobs", "1"});
      std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
      process.signal(row.signal);
      const int code = process.wait();
      was_in_time =
          code == row.code && process.log().find("the same command goes on where this one stopped") != std::string::npos;
      if (was_in_time) break;
      MigrateProcess(scratch / "log", {"undo", "--out", scratch / "out"}).wait();
    }
    CHECK(was_in_time);
    CHECK(MigrateProcess(scratch / "log", {scratch / "src", "--out", scratch / "out", "--no-sync"}).wait() == 3);
    CHECK(outputs_below(scratch / "out") == made.outputs);
  }
}

}  // namespace
}  // namespace gt::testing
