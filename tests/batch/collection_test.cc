// Large trees: nothing is lost, nothing is written twice, memory stays flat.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/batch/generate.h"
#include "tests/batch/process.h"

namespace gt::testing {
namespace {

using batch::testing::Scratch;

TEST_CASE("a large tree is migrated without losing or misplacing a file, repeated, verified and undone") {
  const std::uint64_t count = is_full_run() ? 100'000 : 3'000;
  const Scratch scratch;
  const Collection made = generate(scratch / "src", count);
  const auto run = [&](std::vector<std::string> arguments) {
    MigrateProcess process(scratch / "log", std::move(arguments));
    const int code = process.wait();
    return std::pair(code, process.log());
  };
  const auto count_of = [](const std::string& log, const std::string& word) {
    const std::size_t at = log.find("  " + word + " ");
    return at == std::string::npos ? 0 : std::strtoull(log.c_str() + at + 2 + word.size(), nullptr, 10);
  };
  const auto [first, first_log] = run({scratch / "src", "--out", scratch / "out", "--no-sync"});
  CHECK(first == 3);
  CHECK(count_of(first_log, "files") == made.files);
  CHECK(count_of(first_log, "migrated") == made.outputs.size());
  CHECK(count_of(first_log, "bad") == made.bad);
  CHECK(count_of(first_log, "not a task") == made.no_tasks);
  CHECK(outputs_below(scratch / "out") == made.outputs);
  const auto [second, second_log] = run({scratch / "src", "--out", scratch / "out", "--no-sync"});
  CHECK(count_of(second_log, "unchanged") == made.outputs.size());
  CHECK(count_of(second_log, "outputs written") == 0);
  const auto [third, third_log] = run({"verify", scratch / "src", "--out", scratch / "out"});
  CHECK(count_of(third_log, "files") == made.files);
  CHECK(count_of(third_log, "agrees") == made.outputs.size());
  CHECK(count_of(third_log, "bad") == made.bad);
  const auto [fourth, fourth_log] = run({"undo", "--out", scratch / "out"});
  CHECK(fourth == 0);
  CHECK(fourth_log == std::to_string(made.outputs.size()) + " files removed, 0 kept, 0 not there any more\n");
  CHECK(names_below(scratch / "out").empty());
}

// A sanitizer's memory is its own.
#ifdef __SANITIZE_ADDRESS__
constexpr bool k_is_sanitized = true;
#else
constexpr bool k_is_sanitized = false;
#endif

long peak_kib(const Scratch& scratch, const std::string& name, int code) {
  MigrateProcess process(scratch / "log", {scratch / name, "--out", scratch / (name + "-out"), "--no-sync", "--jobs", "2",
                                           "--report", scratch / (name + ".html")});
  const long out = process.wait_for_peak_kib();
  CHECK(process.wait() == code);
  return out;
}

TEST_CASE("memory does not grow with the number of files" * doctest::skip(k_is_sanitized)) {
  const std::uint64_t many = is_full_run() ? 100'000 : 10'000;
  const Scratch scratch;
  generate(scratch / "few", 1'000);
  generate(scratch / "many", many);
  const long few = peak_kib(scratch, "few", 3);
  const long most = peak_kib(scratch, "many", 3);
  MESSAGE(few << " KiB for 1000 files, " << most << " KiB for " << many);
  CHECK(few > 1024);  // else it was not measured
  CHECK(most - few < 10 * 1024);
}

TEST_CASE("of the files of one directory little more than names and hashes is held" * doctest::skip(k_is_sanitized)) {
  const int many = is_full_run() ? 100'000 : 10'000;
  constexpr long k_bytes_each = 400;
  const Scratch scratch;
  const std::string task = batch::testing::recorded("bl_default.gt");
  batch::testing::write_text(scratch / "one/task.gt", task);
  std::filesystem::create_directory(scratch / "many");
  for (int i = 0; i < many; ++i) std::ofstream(scratch / ("many/task" + std::to_string(i) + ".gt")) << task;
  const long one = peak_kib(scratch, "one", 0);
  const long most = peak_kib(scratch, "many", 0);
  MESSAGE(one << " KiB for one file, " << most << " KiB for " << many << " in one directory");
  CHECK(one > 1024);
  CHECK((most - one) * 1024 < k_bytes_each * many);
}

}  // namespace
}  // namespace gt::testing
