#include "tools/submit-task/event_display.h"

#include <utility>

#include "lib/base/text.h"

namespace gt::submit {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;
using Kind = run::Event::Kind;

constexpr auto k_progress_pause = 1s;

std::string_view to_word(Kind kind) {
  constexpr std::string_view k_words[] = {"started", "progress", "finished", "retried", "failed", "stopped", "published"};
  return k_words[static_cast<std::size_t>(kind)];
}

std::string_view to_word(Finding::Severity severity) {
  constexpr std::string_view k_words[] = {"note", "warning", "error"};
  return k_words[static_cast<std::size_t>(severity)];
}

std::string_view outcome_word(ExitCode code) {
  if (code == ExitCode::Done) return "done";
  return code == ExitCode::Interrupted || code == ExitCode::Terminated ? "interrupted" : "failed";
}

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(valid_utf8(text)); }

Json path_if_there(const fs::path& path) {
  std::error_code failed;
  return fs::exists(path, failed) ? Json(valid_utf8(path.string())) : Json(nullptr);
}

Json to_json(const RunBegin& begin) {
  const render::Plan& plan = begin.plan.plan;
  return {{"format", "gt-run-event-1"},
          {"run", begin.run_id},
          {"run_directory", valid_utf8(begin.run_directory.string())},
          {"output", valid_utf8(begin.plan.output)},
          {"renderer", plan.renderer == task::Renderer::None ? Json(nullptr) : Json(to_string(plan.renderer))},
          {"resolution", plan.resolution},
          {"picture_format", text_or_null(plan.format.saved)},
          {"engine", text_or_null(plan.engine)},
          {"is_animation", plan.is_animation},
          {"frames", plan.frames.size()},
          {"strips", plan.strips},
          {"subtasks", begin.subtasks},
          {"jobs", begin.plan.limits.jobs},
          {"image", {{"name", valid_utf8(begin.plan.image.name())}, {"id", valid_utf8(begin.plan.image.id)}}}};
}

Json to_json(const run::Event& event) {
  Json out = Json::object();
  if (event.kind == Kind::Published) {
    out["picture"] = valid_utf8(event.text);
  } else {
    out["subtask"] = event.subtask;
    out["step"] = to_string(event.step);
    out["frame"] = event.frame;
    out["rows"] = {event.rows.first, event.rows.end};
  }
  if (event.kind == Kind::Progress) out["percent"] = event.percent;
  if (event.kind == Kind::Retried || event.kind == Kind::Failed) {
    out["cause"] = run::to_string(event.cause);
    out["message"] = valid_utf8(event.text);
  }
  if (event.kind == Kind::Finished || event.kind == Kind::Retried || event.kind == Kind::Failed || event.kind == Kind::Stopped)
    out["elapsed_ms"] = event.elapsed.count();
  out["finished"] = event.finished;
  out["running"] = event.running;
  out["failed"] = event.failed;
  out["total"] = event.total;
  return out;
}

}  // namespace

EventDisplay::EventDisplay(std::ostream& out, std::function<Clock::time_point()> clock)
    : out_(out), clock_(std::move(clock)), since_(clock_()) {}

void EventDisplay::tell(std::string_view event, Json members) {
  Json line = {{"event", event}, {"at_ms", std::chrono::duration_cast<std::chrono::milliseconds>(clock_() - since_).count()}};
  line.update(members);
  out_ << line.dump() + "\n" << std::flush;
}

void EventDisplay::begin(const RunBegin& begin) {
  const std::lock_guard lock(mutex_);
  run_directory_ = begin.run_directory;
  tell("plan", to_json(begin));
  tell_found();
}

void EventDisplay::tell_found() {
  is_plan_told_ = true;
  for (Json& members : std::exchange(found_, {})) tell("finding", std::move(members));
}

// Blender says it for every tile.
bool EventDisplay::is_too_soon(const run::Event& event) {
  if (event.kind != Kind::Progress) {
    progress_told_.erase(event.subtask);
    return false;
  }
  const Clock::time_point now = clock_();
  const auto [told, is_first] = progress_told_.emplace(event.subtask, now);
  if (!is_first && now - told->second < k_progress_pause) return true;
  told->second = now;
  return false;
}

void EventDisplay::on_event(const run::Event& event) {
  const std::lock_guard lock(mutex_);
  if (!is_too_soon(event)) tell(to_word(event.kind), to_json(event));
}

void EventDisplay::on_finding(const Finding& finding) {
  const std::lock_guard lock(mutex_);
  // Where it is stands in the text, as people are told it.
  std::string text = to_string(finding);
  text.erase(0, text.find(": ") + 2);
  found_.push_back({{"severity", to_word(finding.severity)}, {"message", valid_utf8(text)}});
  if (is_plan_told_) tell_found();
}

void EventDisplay::write_log(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const std::lock_guard lock(mutex_);
  tell("log", {{"message", valid_utf8(line)}});
}

void EventDisplay::rendered(const RunEnd& end) {
  const std::lock_guard lock(mutex_);
  rendered_ = end;
}

void EventDisplay::end(const tools::Ending& ending) {
  const std::lock_guard lock(mutex_);
  tell_found();
  Json pictures = Json::array();
  for (const fs::path& picture : rendered_.pictures) pictures.push_back(valid_utf8(picture.string()));
  tell("outcome", {{"outcome", outcome_word(ending.code)},
                   {"exit_code", static_cast<int>(ending.code)},
                   {"error", ending.error ? Json(to_string(*ending.error)) : Json(nullptr)},
                   {"message", text_or_null(ending.message)},
                   {"from_before", rendered_.from_before},
                   {"pictures", pictures},
                   {"report", run_directory_.empty() ? Json(nullptr) : path_if_there(run_directory_ / "report.json")}});
}

}  // namespace gt::submit
