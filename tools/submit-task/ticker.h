// Calls a function some times a second, in a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace gt::submit {

class Ticker {
 public:
  Ticker(std::chrono::milliseconds pause, std::function<void()> tick)
      : thread_([this, pause, tick = std::move(tick)](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!changed_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) tick();
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it uses the above, and ends first
};

}  // namespace gt::submit
