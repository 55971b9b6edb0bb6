#include "lib/run/docker_runner.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "lib/docker/engine.h"
#include "lib/run/pause.h"

namespace gt::run {
namespace {

using namespace std::chrono_literals;

// Asks for a container's memory while it runs: afterwards no engine tells.
class MemorySampler {
 public:
  MemorySampler(docker::Engine& engine, std::string id)
      : thread_([this, &engine, id = std::move(id)](const std::stop_token& stop) {
          // Soon for the first time, for containers that live shortly; a request takes the engine some milliseconds.
          for (auto pause = k_first; pause_for(stop, pause); pause = std::min(2 * pause, k_longest))
            peak_ = std::max(peak_.load(), engine.memory_peak(id));
        }) {}
  std::uint64_t stop() {
    thread_.request_stop();
    thread_.join();
    return peak_;
  }

 private:
  static constexpr std::chrono::milliseconds k_first = 100ms;
  static constexpr std::chrono::milliseconds k_longest = 2s;

  std::atomic<std::uint64_t> peak_ = 0;
  std::jthread thread_;  // last: it uses the above
};

}  // namespace

std::optional<std::string> DockerRunner::find_image(const task::Image& image) {
  const std::optional<docker::ImageInfo> found = engine_.find_image(image);
  if (!found) return std::nullopt;
  return found->id;
}

docker::Reaped DockerRunner::reap() { return docker::reap(engine_); }

std::string DockerRunner::engine() {
  const docker::EngineInfo info = engine_.info();
  return std::string(info.dialect == docker::Dialect::Podman ? "Podman " : "Docker ") + info.version;
}

ContainerEnd DockerRunner::run(const docker::JobSpec& spec, std::optional<std::chrono::milliseconds> timeout) {
  docker::Job job(engine_, spec);  // its destructor removes the container
  job.start();
  MemorySampler memory(engine_, job.container_id());
  ContainerEnd end{.result = job.wait(timeout), .container = job.container_name(), .findings = job.findings()};
  end.peak_memory = memory.stop();
  // A lost engine has no more to say, and waiting for it would hide what happened.
  if (end.result.end != docker::WaitResult::End::EngineLost) end.log = job.finish_live_log();
  return end;
}

}  // namespace gt::run
