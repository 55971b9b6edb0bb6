// A container engine for tests: what a container does is a function.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lib/base/files.h"
#include "lib/run/container_runner.h"

namespace gt::run {

class FakeRunner : public ContainerRunner {
 public:
  using Container = std::function<docker::WaitResult(const docker::JobSpec&)>;

  std::set<std::string> images{"golem/blender:latest"};
  std::string image_id = "sha256:1";
  Container container;
  std::string stderr_text;
  std::string container_name;
  std::uint64_t peak_memory = 0;
  docker::LogReport log;
  std::vector<Finding> findings;  // of each container
  docker::Reaped reaped;
  std::atomic<int> running{0};
  std::atomic<int> most_running{0};
  std::vector<docker::JobSpec> started;

  std::optional<std::string> find_image(const task::Image& image) override {
    if (images.count(image.name()) == 0) return std::nullopt;
    return image_id;
  }

  docker::Reaped reap() override { return reaped; }

  ContainerEnd run(const docker::JobSpec& spec, std::optional<std::chrono::milliseconds>) override {
    {
      const std::lock_guard lock(mutex_);
      started.push_back(spec);
      most_running = std::max(most_running.load(), ++running);
    }
    const Finally done([this] { --running; });
    ContainerEnd end{
        .result = container(spec), .container = container_name, .peak_memory = peak_memory, .log = log, .findings = findings};
    write_file(spec.live_log.stdout_file, "");
    write_file(spec.live_log.stderr_file, stderr_text);
    return end;
  }

 private:
  struct Finally {
    explicit Finally(std::function<void()> f) : f_(std::move(f)) {}
    ~Finally() { f_(); }
    std::function<void()> f_;
  };
  std::mutex mutex_;
};

}  // namespace gt::run
