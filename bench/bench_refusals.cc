// What it costs gt2json to refuse a forged megabyte: whole processes, the best of the rounds, beside one refused at its first
// byte.
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

namespace {

namespace fs = std::filesystem;
using namespace std::literals;

constexpr std::size_t k_bytes = 1'000'000;

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

void write_forgery(const std::string& path, const Forgery& forgery) {
  std::string bytes = "\x80\x04";
  bytes += forgery.before;
  const std::size_t count = (k_bytes - bytes.size() - forgery.end.size()) / (forgery.repeated.size() + forgery.closing.size());
  for (std::size_t i = 0; i < count; ++i) bytes += forgery.repeated;
  for (std::size_t i = 0; i < count; ++i) bytes += forgery.closing;
  bytes += forgery.end;
  std::ofstream(path, std::ios::binary) << bytes;
}

struct Cost {
  double milliseconds = 1e9;
  double peak_mb = 0;
};

// Of one run; false if the file was not refused.
bool refuse(const std::string& path, Cost& cost) {
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
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  const std::string path = fs::temp_directory_path() / ("gt-bench-refusal-" + std::to_string(::getpid()));
  std::printf("%-24s %8s %10s\n", "a megabyte of", "ms", "peak MB");
  for (const Forgery& forgery : k_forgeries) {
    write_forgery(path, forgery);
    Cost cost;
    bool is_refused = true;
    for (int i = 0; i < rounds; ++i) is_refused = refuse(path, cost) && is_refused;
    std::printf("%-24s %8.1f %10.1f%s\n", std::string(forgery.name).c_str(), cost.milliseconds, cost.peak_mb,
                is_refused ? "" : "  not refused!");
  }
  fs::remove(path);
}
