// A job that does nothing, against `docker run`: pairs in turn, so that both meet the same machine. What isolation costs, and
// how far a deadline is overshot. Needs an engine with golem/base; says so and ends well without.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "lib/docker/engine.h"
#include "lib/docker/job.h"

namespace {

namespace docker = gt::docker;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int k_pairs = 50;
constexpr int k_deadlines = 10;

class Directories {
 public:
  Directories() {
    std::string pattern = (fs::temp_directory_path() / "gt-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    root_ = pattern;
    for (const char* name : {"resources", "work", "output"}) fs::create_directory(root_ / name);
  }
  Directories(const Directories&) = delete;
  Directories& operator=(const Directories&) = delete;
  ~Directories() { fs::remove_all(root_); }

  docker::JobSpec spec(const std::string& script) const {
    docker::JobSpec spec;
    spec.image = docker::Image("golem/base");
    spec.script = script;
    spec.resources_dir = root_ / "resources";
    spec.work_dir = root_ / "work";
    spec.output_dir = root_ / "output";
    return spec;
  }

 private:
  fs::path root_;
};

// What `docker run --network none` has by default.
docker::Isolation bare() {
  docker::Isolation out;
  out.uid = out.gid = 0;
  out.drop_capabilities = out.no_new_privileges = out.read_only_root = out.init = false;
  out.memory_bytes = 0;
  out.cpus = 0;
  out.pids = 0;
  out.ulimits = {};
  return out;
}

int run_job(docker::Engine& engine, const docker::JobSpec& spec) {
  docker::Job job(engine, spec);
  job.start();
  const int code = job.wait();
  job.remove();
  return code;
}

int run_docker() {
  std::vector<std::string> words = {"docker",          "run",        "--rm", "--network", "none", "--entrypoint",
                                    "/usr/bin/python", "golem/base", "-c",   "pass"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (::posix_spawnp(&pid, "docker", nullptr, nullptr, argv.data(), environ) != 0) return -1;
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

struct Series {
  const char* name;
  std::function<int()> run;
  std::vector<double> times = {};

  void step() {
    const auto begin = Clock::now();
    if (const int code = run(); code != 0) {
      std::fprintf(stderr, "bench_job: %s ended with %d\n", name, code);
      std::exit(1);
    }
    times.push_back(Milliseconds(Clock::now() - begin).count());
  }
  double quantile(double q) {
    std::sort(times.begin(), times.end());
    return times[static_cast<std::size_t>(q * static_cast<double>(times.size() - 1))];
  }
};

void compare(docker::Engine& engine, const Directories& directories) {
  docker::JobSpec spec = directories.spec("pass");
  docker::JobSpec plain = spec;
  plain.isolation = bare();
  Series peer{"docker run --rm --network none", run_docker};
  Series job{"Job, isolated (the default)", [&] { return run_job(engine, spec); }};
  Series open{"Job, isolation off", [&] { return run_job(engine, plain); }};
  for (Series* series : {&peer, &job, &open}) series->step();
  for (Series* series : {&peer, &job, &open}) series->times.clear();
  for (int i = 0; i < k_pairs; ++i)
    for (Series* series : {&peer, &job, &open}) series->step();
  std::printf("%-34s %10s %10s %10s\n", "create, start, wait, remove (ms)", "median", "lower 10%", "upper 10%");
  for (Series* series : {&peer, &job, &open})
    std::printf("%-34s %10.1f %10.1f %10.1f\n", series->name, series->quantile(0.5), series->quantile(0.1),
                series->quantile(0.9));
  std::printf("isolated Job over docker run: %.2f (at most 1.05)\n", job.quantile(0.5) / peer.quantile(0.5));
  std::printf("isolation: %.1f ms (at most 20)\n", job.quantile(0.5) - open.quantile(0.5));
}

void overshoot(docker::Engine& engine, const Directories& directories) {
  const docker::JobSpec spec =
      directories.spec("import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)\n");
  double worst = 0;
  for (int i = 0; i < k_deadlines; ++i) {
    docker::Job job(engine, spec);
    job.start();
    const auto begin = Clock::now();
    const docker::WaitResult result = job.wait(std::chrono::seconds(1));
    if (result.end != docker::WaitResult::End::TimedOut) std::exit(1);
    worst = std::max(worst, Milliseconds(Clock::now() - begin).count() - 1000);
  }
  std::printf("deadline of 1 s, a script that ignores SIGTERM: over by %.0f ms at worst of %d (less than 1000)\n", worst,
              k_deadlines);
}

}  // namespace

int main() {
  try {
    docker::Engine engine;
    if (!docker::Image("golem/base").is_available(engine)) {
      std::puts("bench_job: left out, the engine has no golem/base (./dev images makes it)");
      return 0;
    }
    const Directories directories;
    compare(engine, directories);
    overshoot(engine, directories);
  } catch (const gt::Error& error) {
    std::printf("bench_job: left out: %s\n", error.what());
  }
  return 0;
}
