// Progress on stderr: one line that overprints itself on a terminal, plain lines in a log.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "lib/run/observer.h"
#include "tools/common/command.h"

namespace gt::submit {

enum class StatusStyle : std::uint8_t { Silent, Lines, Terminal, ColorTerminal };

class StatusLine : public run::Observer {
 public:
  StatusLine(const tools::Streams& streams, StatusStyle style) : streams_(streams), out_(streams.err), style_(style) {}
  ~StatusLine() override { clear(); }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  void on_event(const run::Event& event) override;
  void on_finding(const Finding& finding) override;
  // A line of a log; any thread, also while events come.
  void write_line(std::string_view line);

 private:
  void clear();  // wipes the line off the terminal, before anything else is printed
  void overprint(const run::Event& event);
  void print_line(const run::Event& event);

  tools::Streams streams_;
  std::ostream& out_;
  StatusStyle style_;
  std::mutex mutex_;  // guards the output
  bool shown_ = false;
};

}  // namespace gt::submit
