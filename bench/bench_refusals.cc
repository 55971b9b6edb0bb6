// What it costs gt2json to refuse a forged megabyte: whole processes, the best of the rounds, beside one refused at its first
// byte. Then the same of larger files, in fewer rounds, beside what it costs to read and write honest ones of that size.
//
// usage: bench_refusals [ROUNDS]
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "bench/inputs.h"

namespace {

namespace fs = std::filesystem;
using namespace std::literals;

// A pickle of protocol 4 that repeats a few opcodes and has no STOP, or then closes each of them and ends.
struct Forgery {
  std::string_view name;
  std::string_view before;
  std::string repeated;
  std::string_view closing = {};
  std::string_view end = {};
};
std::string repeated(std::string_view opcodes, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += opcodes;
  return out;
}
const std::string k_dicts_doubled = "t" + repeated("2\x86", 40) + ".";
const std::string k_some_doubled = "t" + repeated("2\x86", 10) + ".";

// In the memo as the first, above a dict.
const std::string k_long_text = "}X\xa0\x86\1\0"s + std::string(100'000, 'a') + "q\0\x30"s;

const Forgery k_forgeries[] = {
    {"refused at once", "\xff"sv, "\xff"},
    {"empty dicts", ""sv, "}"},
    {"empty lists", ""sv, "]"},
    {"empty tuples", ""sv, ")"},
    {"empty sets", ""sv, "\x8f"},
    {"lists by mark", ""sv, "(l"},
    {"nested tuples of one", "N"sv, "\x85"},
    {"nested tuples of two", "N"sv, "N\x86"},
    {"frozensets", ""sv, "(\x91"},
    {"sets of one", ""sv, "\x8f(N\x90"},
    {"marks", ""sv, "("},
    {"copies of None", "N"sv, "2"},
    {"dicts in the memo", ""sv, "}\x94"},
    {"memo entries", "N"sv, "\x94"},
    {"one memo entry", "N"sv, "p9\n"},
    {"instances", "cm\nC\nq\0"sv, "h\0)\x81"s},
    {"instances with a state", "cm\nC\nq\0"sv, "h\0)\x81}b"s},
    {"persistent ids", ""sv, "NQ"},
    {"integers", ""sv, "K\x01"},
    {"integers as text", ""sv, "I1\n"},
    {"long integers", ""sv, "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"},
    {"strings", ""sv,
     "\x8c\x01"
     "a"},
    {"strings with escapes", ""sv, "S'\\x00'\n"},
    {"texts with escapes", ""sv, "V\\u00e9\n"},
    {"integers of 19,999 digits", ""sv, "L" + std::string(19'999, '9') + "L\n"},
    {"floats", ""sv, "F1.2345678901234567e-300\n"},
    {"bytearrays", ""sv, "\x96\x01\0\0\0\0\0\0\0a"s},
    {"names of a class", ""sv, "cm\nC\n"},
    {"lists again", "]q\0"sv, "h\0"s},
    {"one frozenset", "("sv, "K\x01", ""sv, "\x91"sv},
    {"frozensets of two", ""sv, "(K\x01K\x02\x91"},
    {"keys that are tuples", "}"sv, "N\x85Ns"},
    {"items of a list", "]"sv, "Na"},
    {"entries of a dict", "}"sv, "NNs"},
    {"instances by name", ""sv, "cm\nC\n)\x81"},
    {"instances by two names", ""sv,
     "\x8c\x01m\x8c\x01"
     "C\x93)\x81"},
    {"classic instances", ""sv, "(im\nC\n"},
    {"keys with a long text", k_long_text, "h\0\x85Ns"s},
    {"classes by a long name", k_long_text, "h\0h\0\x93"s},
    {"dicts, then no list", ""sv, "}", ""sv, "a."sv},
    {"dicts, then a call", ""sv, "}", ""sv, "cos\nsystem\n)R."sv},
    {"dicts, then no number", ""sv, "}", ""sv, "F1..2\n."sv},
    {"dicts, then no text", ""sv, "}", ""sv, "X\x01\0\0\0\xff."sv},
    {"dicts, doubled", "("sv, "}", ""sv, k_dicts_doubled},
    {"integers, doubled", "("sv, "K\x01", ""sv, k_some_doubled},
    {"strings, doubled", "("sv,
     "\x8c\x01"
     "a",
     ""sv, k_some_doubled},
    {"deep lists", "]"sv, "]", "a"sv, "."sv},
    {"deep lists by mark", ""sv, "(", "l"sv, "."sv},
    {"deep tuples by mark", ""sv, "(", "t"sv, "."sv},
    {"deep tuples of one", "N"sv, "\x85", ""sv, "."sv},
    {"deep dicts", "}"sv, "K\x01}", "s"sv, "."sv},
    {"deep instances", "cm\nC\nq\0)\x81"sv, "(K\x01h\0)\x81"s, "db"sv, "."sv},
    {"doubled tuples", "N"sv, "2\x86", ""sv, "."sv},
};

std::string forged(const Forgery& forgery, std::size_t size) {
  std::string bytes = "\x80\x04";
  bytes += forgery.before;
  const std::size_t count = (size - bytes.size() - forgery.end.size()) / (forgery.repeated.size() + forgery.closing.size());
  for (std::size_t i = 0; i < count; ++i) bytes += forgery.repeated;
  for (std::size_t i = 0; i < count; ++i) bytes += forgery.closing;
  return bytes + std::string(forgery.end);
}

// Of about this size: a few tell how many there must be.
std::string honest(std::string (*make)(int, gt::bench::Protocol), std::size_t size) {
  constexpr int k_few = 1000;
  const std::size_t of_few = make(k_few, gt::bench::Protocol::Two).size();
  return make(static_cast<int>(size * k_few / of_few), gt::bench::Protocol::Two);
}

struct Cost {
  double milliseconds = 1e9;
  double peak_mb = 0;
};

// Of one run, which is to end with this exit code.
bool run(const std::string& path, int exit_code, Cost& cost) {
  std::string words[] = {GT_BIN_DIR "/gt2json", path, "/dev/null"};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const auto begin = std::chrono::steady_clock::now();
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  struct rusage usage {};
  if (failed != 0 || ::wait4(pid, &status, 0, &usage) < 0) return false;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  cost.milliseconds = std::min(cost.milliseconds, took.count());
  cost.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  return WIFEXITED(status) && WEXITSTATUS(status) == exit_code;
}

// By another process: the most memory that this one ever had counts as that of all that it starts.
template <typename Make>
void write_apart(const std::string& path, const Make& make) {
  const pid_t writer = ::fork();
  if (writer == 0) {
    std::ofstream(path, std::ios::binary) << make();
    ::_exit(0);
  }
  ::waitpid(writer, nullptr, 0);
}

template <typename Make>
void measure(std::string_view name, int exit_code, int rounds, const Make& make) {
  const std::string path = fs::temp_directory_path() / ("gt-bench-refusal-" + std::to_string(::getpid()));
  write_apart(path, make);
  Cost cost;
  bool is_expected = true;
  for (int i = 0; i < rounds; ++i) is_expected = run(path, exit_code, cost) && is_expected;
  std::printf("%-28s %8.1f %10.1f%s\n", std::string(name).c_str(), cost.milliseconds, cost.peak_mb,
              is_expected ? "" : "  another exit code!");
  std::fflush(stdout);
  fs::remove(path);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::size_t k_megabyte = 1'000'000;
  constexpr std::size_t k_large = 30 * k_megabyte;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  std::printf("%-28s %8s %10s\n", "a megabyte of", "ms", "peak MB");
  for (const Forgery& forgery : k_forgeries) measure(forgery.name, 1, rounds, [&] { return forged(forgery, k_megabyte); });

  const int few_rounds = std::max(1, rounds / 10);
  std::printf("\n%-28s %8s %10s\n", "30 megabytes of", "ms", "peak MB");
  measure("honest tasks", 0, few_rounds, [] { return honest(gt::bench::tasks, k_large); });
  measure("honest records", 0, few_rounds, [] { return honest(gt::bench::records, k_large); });
  measure("honest integers", 0, few_rounds, [] { return honest(gt::bench::integers, k_large); });
  for (const Forgery& forgery : k_forgeries) measure(forgery.name, 1, few_rounds, [&] { return forged(forgery, k_large); });
}
