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
  using Container = std::function<docker::WaitResult(const docker::JobSpec&, const std::function<bool()>& cancelled)>;

  std::set<std::string> images{"golem/blender:latest"};
  Container container;
  std::string stderr_text;
  std::atomic<int> running{0};
  std::atomic<int> most_running{0};
  std::vector<docker::JobSpec> started;

  bool has_image(const task::Image& image) override { return images.count(image.name()) != 0; }

  docker::WaitResult run(const docker::JobSpec& spec, const docker::LogFiles& logs, std::optional<std::chrono::milliseconds>,
                         const std::function<bool()>& cancelled) override {
    {
      const std::lock_guard lock(mutex_);
      started.push_back(spec);
      most_running = std::max(most_running.load(), ++running);
    }
    const Finally done([this] { --running; });
    const docker::WaitResult result = container(spec, cancelled);
    write_file(logs.stdout_file, "");
    write_file(logs.stderr_file, stderr_text);
    return result;
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
