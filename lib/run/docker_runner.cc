#include "lib/run/docker_runner.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "lib/docker/engine.h"

namespace gt::run {
namespace {

using namespace std::chrono_literals;

// Asks for a container's memory while it runs: afterwards no engine tells.
class MemorySampler {
 public:
  MemorySampler(docker::Engine& engine, std::string id)
      : thread_([this, &engine, id = std::move(id)](const std::stop_token& stop) {
          // Soon for the first time, for containers that live shortly; a request takes a few milliseconds.
          for (auto pause = k_first; sleep(stop, pause); pause = k_later)
            peak_ = std::max(peak_.load(), engine.memory_peak(id));
        }) {}
  std::uint64_t stop() {
    thread_.request_stop();
    thread_.join();
    return peak_;
  }

 private:
  static constexpr auto k_first = 100ms;
  static constexpr auto k_later = 500ms;

  // False if it is to end.
  bool sleep(const std::stop_token& stop, std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
  }

  std::atomic<std::uint64_t> peak_ = 0;
  std::mutex mutex_;
  std::condition_variable_any changed_;
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
