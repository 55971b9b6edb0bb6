// gt2json against Python's C unpickler and json: the same inputs, in turn, in one run; the best of the rounds counts.
//
// usage: bench_convert [ROUNDS]
#include <fcntl.h>
#include <fmt/format.h>
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
#include <optional>
#include <string>
#include <vector>

#include "bench/inputs.h"
#include "lib/pickle/decode.h"

namespace {

namespace fs = std::filesystem;
using gt::bench::Protocol;
using Clock = std::chrono::steady_clock;

constexpr const char* k_python = "/usr/bin/python3";
constexpr const char* k_peer = GT_SOURCE_DIR "/bench/peer.py";
constexpr const char* k_gt2json = GT_BIN_DIR "/gt2json";

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Run {
  double seconds = 0;
  std::string output;
};

// Runs a command to its end; nullopt if it cannot be started or fails.
std::optional<Run> run(std::vector<std::string> command) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const auto start = Clock::now();
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(out[1]);
  Run result;
  char chunk[4096];
  for (ssize_t n = 0; (n = ::read(out[0], chunk, sizeof chunk)) > 0;) result.output.append(chunk, static_cast<std::size_t>(n));
  ::close(out[0]);
  int status = 1;
  if (failed != 0 || ::waitpid(pid, &status, 0) < 0 || status != 0) return std::nullopt;
  result.seconds = seconds_since(start);
  return result;
}

// A program begins with the peak of the process that started it, so a small one has to: this program again, which forks
// before it has anything.
int print_peak(char** command) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execv(command[0], command);
    ::_exit(127);
  }
  int status = 1;
  struct rusage usage {};
  if (pid < 0 || ::wait4(pid, &status, 0, &usage) < 0 || status != 0) return 1;
  fmt::print("{}", usage.ru_maxrss);
  return 0;
}

double peak_bytes(std::vector<std::string> command) {
  command.insert(command.begin(), {"/proc/self/exe", "--peak"});
  const auto result = run(command);
  return result ? std::atof(result->output.c_str()) * 1024 : 0;
}

class Best {
 public:
  void add(double value) { value_ = std::min(value_, value); }
  double value() const { return value_; }

 private:
  double value_ = 1e9;
};

class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "gt-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    root_ = pattern;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { fs::remove_all(root_); }
  std::string operator/(const char* name) const { return (root_ / name).string(); }

 private:
  fs::path root_;
};

struct Set {
  const char* name;
  std::string (*make)(int, Protocol);
  int count;
  Protocol protocol;
  double decode_target;
  double convert_target;
};

constexpr Set k_sets[] = {
    {"5,000 tasks, protocol 0", gt::bench::tasks, 5000, Protocol::Zero, 6, 15},
    {"5,000 tasks, protocol 2", gt::bench::tasks, 5000, Protocol::Two, 4, 15},
    {"1 million integers, protocol 0", gt::bench::integers, 1'000'000, Protocol::Zero, 6, 8},
    {"1 million integers, protocol 2", gt::bench::integers, 1'000'000, Protocol::Two, 3, 8},
    {"300,000 strings, protocol 0", gt::bench::strings, 300'000, Protocol::Zero, 6, 8},
    {"300,000 strings, protocol 2", gt::bench::strings, 300'000, Protocol::Two, 4, 8},
    {"120,000 records, protocol 0", gt::bench::records, 120'000, Protocol::Zero, 6, 15},
    {"120,000 records, protocol 2", gt::bench::records, 120'000, Protocol::Two, 4, 15},
};

void decode_for(double seconds, const std::string& pickle, Best& best) {
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    const gt::pickle::Decoded decoded = gt::pickle::decode(pickle);
    best.add(seconds_since(start));
    if (!decoded.graph.root()) std::abort();
  } while (seconds_since(begin) < seconds);
}

std::string ratio(double theirs, double ours, double target) {
  if (theirs > 1e8) return "-";
  return fmt::format("{:.1f} of {:.0f}{}", theirs / ours, target, theirs / ours < target ? " MISSED" : "");
}

void measure(const Set& set, int rounds, const Scratch& scratch) {
  constexpr double k_seconds = 0.7;
  const std::string pickle = set.make(set.count, set.protocol);
  const std::string input = scratch / "in.gt";
  std::ofstream(input, std::ios::binary) << pickle;
  const std::string output = scratch / "out.json";
  Best decode, peer_decode, convert, peer_convert;
  for (int round = 0; round < rounds; ++round) {
    decode_for(k_seconds, pickle, decode);
    if (const auto peer = run({k_python, k_peer, "decode", input, std::to_string(k_seconds)}))
      peer_decode.add(std::atof(peer->output.c_str()));
    for (int i = 0; i < 5; ++i) {
      fs::remove(output);
      const auto ours = run({k_gt2json, "--no-sync", input, output});
      if (!ours) std::abort();
      convert.add(ours->seconds);
    }
    fs::remove(output);
    if (const auto peer = run({k_python, k_peer, "convert", input, output})) peer_convert.add(peer->seconds);
  }
  const double megabytes = static_cast<double>(pickle.size()) / 1e6;
  fmt::print("| {} ({:.1f} MB) | {:.0f} MB/s | {:.0f} MB/s | {} | {:.1f} ms | {:.0f} ms | {} | {:.1f} |\n", set.name, megabytes,
             megabytes / decode.value(), megabytes / peer_decode.value(),
             ratio(peer_decode.value(), decode.value(), set.decode_target), convert.value() * 1e3, peer_convert.value() * 1e3,
             ratio(peer_convert.value(), convert.value(), set.convert_target),
             peak_bytes({k_gt2json, "--no-sync", input, output}) / static_cast<double>(pickle.size()));
  std::fflush(stdout);
}

// One small task: what the whole process takes over one that does nothing.
void measure_small(int rounds, const Scratch& scratch) {
  const std::string input = GT_SOURCE_DIR "/samples/blocks/blocks.gt";
  const std::string output = scratch / "out.json";
  Best nothing, unsynced, synced;
  for (int i = 0; i < 100 * rounds; ++i) {
    if (const auto r = run({"/bin/true"})) nothing.add(r->seconds);
    if (const auto r = run({k_gt2json, "--no-sync", input, output})) unsynced.add(r->seconds);
    if (const auto r = run({k_gt2json, input, output})) synced.add(r->seconds);
  }
  fmt::print("\none task, whole process: {:.2f} ms over /bin/true ({:.2f} ms), synced {:.2f} ms; peak {:.1f} MB\n",
             (unsynced.value() - nothing.value()) * 1e3, nothing.value() * 1e3, (synced.value() - nothing.value()) * 1e3,
             peak_bytes({k_gt2json, "--no-sync", input, output}) / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 2 && std::string_view(argv[1]) == "--peak") return print_peak(argv + 2);
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 3;
  if (!run({k_python, "--version"})) fmt::print("no {}: its side is left out\n", k_python);
  const Scratch scratch;
  fmt::print(
      "| input | decode | python3 | ratio | file to file | python3 | ratio | peak / file "
      "|\n|---|---|---|---|---|---|---|---|\n");
  for (const Set& set : k_sets) measure(set, rounds, scratch);
  measure_small(rounds, scratch);
}
