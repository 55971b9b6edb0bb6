// What is told while a run goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "lib/batch/report.h"
#include "lib/batch/runner.h"
#include "tools/common/command.h"

namespace gt::tools {

// A line that is painted again and again (terminal), a line now and then (log), or nothing but what went wrong (quiet).
enum class ProgressForm : std::uint8_t { Terminal, Log, Quiet };

class Progress : public batch::Observer {
 public:
  // `count` says how many sources there will be, as far as it got until its argument says that it need not go on; it is called
  // in a thread of its own, for a terminal only. `report` may be null.
  using Count = std::function<std::uint64_t(const std::stop_token&)>;
  Progress(const Streams& streams, ProgressForm form, batch::Report* report, Count count);
  // Takes the painted line away.
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void on_row(const batch::Row& row) override;
  // Only when no row comes any more.
  const batch::Totals& totals() const { return totals_; }

 private:
  using Clock = std::chrono::steady_clock;
  void tick();
  std::string line(Clock::time_point now) const;
  void print(const std::string& text);

  const Streams& streams_;
  ProgressForm form_;
  batch::Report* report_;
  std::mutex mutex_;
  batch::Totals totals_;
  std::uint64_t expected_ = 0;  // 0: not known
  bool is_painted_ = false;
  Clock::time_point started_ = Clock::now();
  Clock::time_point told_ = started_;
  std::jthread counter_;
  std::jthread ticker_;  // last: it uses the above, and ends first
};

}  // namespace gt::tools
