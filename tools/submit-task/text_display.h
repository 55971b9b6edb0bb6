// A run for people: a block that is redrawn on a terminal, plain lines in a log, or only what goes wrong.
#pragma once

#include <mutex>
#include <optional>

#include "tools/submit-task/display.h"
#include "tools/submit-task/painter.h"
#include "tools/submit-task/run_view.h"

namespace gt::submit {

class TextDisplay : public Display {
 public:
  struct Parts {
    tools::Streams streams;
    StatusStyle style = StatusStyle::Lines;
    std::function<Clock::time_point()> clock;
    std::function<TerminalSize()> size;  // asked for each time that the block is drawn
  };
  explicit TextDisplay(Parts parts);
  ~TextDisplay() override;
  TextDisplay(const TextDisplay&) = delete;
  TextDisplay& operator=(const TextDisplay&) = delete;

  void begin(const RunBegin& begin) override;
  void on_event(const run::Event& event) override;
  void on_finding(const Finding& finding) override;
  void rendered(const RunEnd& end) override;
  void end(const tools::Ending& ending) override;
  void write_log(std::string_view line) override;
  bool is_redrawn() const { return painter_.has_value(); }
  // To be called now and then: times go on without events. Any thread.
  void tick();

 private:
  void wipe();  // before anything else is printed
  void draw();
  void change();  // the block is not what it should be: drawn now, or at the next tick if it was drawn just now
  void print_line(const run::Event& event);

  Parts parts_;
  std::ostream& out_;
  std::mutex mutex_;  // guards the output and what follows
  RunView view_;
  std::optional<Painter> painter_;
  bool is_under_way_ = false;
  bool is_stale_ = false;
  Clock::time_point begun_;
  std::optional<Clock::time_point> drawn_;
};

}  // namespace gt::submit
