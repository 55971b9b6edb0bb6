// gt2json against Python's unpickler and json: the same input, side by side in one run.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "bench/inputs.h"
#include "lib/json/encode.h"
#include "lib/pickle/decode.h"

namespace {

using gt::bench::read_whole;

class CountingSink : public gt::Sink {
 public:
  void write(std::string_view bytes) override { count_ += bytes.size(); }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

std::string sample() { return read_whole(GT_SOURCE_DIR "/samples/blocks/blocks.gt"); }

void decode(benchmark::State& state, const std::string& pickle) {
  for (auto _ : state) benchmark::DoNotOptimize(gt::pickle::decode(pickle));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * pickle.size()));
}

void convert(benchmark::State& state, const std::string& pickle) {
  for (auto _ : state) {
    const gt::pickle::Decoded decoded = gt::pickle::decode(pickle);
    CountingSink sink;
    gt::json::encode_2016(decoded.graph, sink, gt::json::EncodeLimits::for_input(pickle.size()));
    benchmark::DoNotOptimize(sink.count());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * pickle.size()));
}

// The best of two seconds in a Python of its own, as one iteration.
void python(benchmark::State& state, const std::string& pickle, const std::string& action) {
  const std::string path = "/tmp/gt-tools-bench-" + std::to_string(::getpid());
  std::ofstream(path, std::ios::binary) << pickle;
  const std::string command = "/usr/bin/python3 " GT_SOURCE_DIR "/bench/peer.py " + action + " " + path + " 2>/dev/null";
  for (auto _ : state) {
    const double seconds = gt::bench::run_and_read_number(command);
    if (seconds < 0) {
      state.SkipWithError("no python3, or it cannot read this");
      break;
    }
    state.SetIterationTime(seconds);
  }
  ::unlink(path.c_str());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * pickle.size()));
}

void process(benchmark::State& state, const char* const* argv) {
  for (auto _ : state) {
    const double seconds = gt::bench::run_seconds(argv);
    if (seconds < 0) {
      state.SkipWithError("the command failed");
      break;
    }
    state.SetIterationTime(seconds);
  }
}

void register_set(const std::string& name, const std::string& pickle) {
  const auto ours = [&](const std::string& what) {
    return benchmark::RegisterBenchmark((name + "/" + what).c_str(), what == "decode" ? decode : convert, pickle)
        ->Unit(benchmark::kMillisecond);
  };
  const auto theirs = [&](const std::string& what) {
    benchmark::RegisterBenchmark((name + "/" + what + "/python3").c_str(), python, pickle, what)
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime()
        ->Iterations(1);
  };
  for (const char* what : {"decode", "convert"}) {
    ours(what);
    theirs(what);
  }
}

}  // namespace

int main(int argc, char** argv) {
  register_set("one task", sample());
  register_set("5,000 tasks", gt::bench::repeat(sample(), 5000));
  register_set("1 million integers", gt::bench::integers(1'000'000));
  static const std::string input = GT_SOURCE_DIR "/samples/blocks/blocks.gt";
  static const std::string output = "/tmp/gt-tools-bench-out-" + std::to_string(::getpid());
  static const char* const true_argv[] = {"/bin/true", nullptr};
  static const char* const fast_argv[] = {GT_BIN_DIR "/gt2json", "--no-sync", input.c_str(), output.c_str(), nullptr};
  static const char* const synced_argv[] = {GT_BIN_DIR "/gt2json", input.c_str(), output.c_str(), nullptr};
  static const char* const python_argv[] = {"/usr/bin/python3", "-c", "import pickle, json", nullptr};
  const auto whole = [](const char* name, const char* const* command) {
    benchmark::RegisterBenchmark(name, process, command)->Unit(benchmark::kMillisecond)->UseManualTime();
  };
  whole("process/true", true_argv);
  whole("process/gt2json --no-sync", fast_argv);
  whole("process/gt2json", synced_argv);
  whole("process/python3 -c 'import pickle, json'", python_argv);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  ::unlink(output.c_str());
}
