// A run for programs: one JSON object a line (schemas/gt-run-event-1.json). The first is "plan", if it comes to that, and
// what is found before waits for it; the last is "outcome", always.
#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "tools/submit-task/display.h"

namespace gt::submit {

class EventDisplay : public Display {
 public:
  EventDisplay(std::ostream& out, std::function<Clock::time_point()> clock);

  void begin(const RunBegin& begin) override;
  void on_event(const run::Event& event) override;
  void on_finding(const Finding& finding) override;
  void rendered(const RunEnd& end) override;
  void end(const tools::Ending& ending) override;
  void write_log(std::string_view line) override;

 private:
  using Json = nlohmann::ordered_json;

  void tell(std::string_view event, Json members);
  void tell_found();
  bool is_too_soon(const run::Event& event);

  std::ostream& out_;
  std::function<Clock::time_point()> clock_;
  Clock::time_point since_;
  std::mutex mutex_;  // guards the output and what follows
  bool is_plan_told_ = false;
  std::vector<Json> found_;  // before the plan
  std::map<std::int64_t, Clock::time_point> progress_told_;
  std::filesystem::path run_directory_;
  RunEnd rendered_;
};

}  // namespace gt::submit
