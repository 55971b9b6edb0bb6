#include "tools/submit-task/text_display.h"

#include <fmt/format.h>

#include "lib/base/text.h"

namespace gt::submit {
namespace {

using namespace std::chrono_literals;
using Kind = run::Event::Kind;

// Quick enough to look smooth, and so slow that it costs nothing.
constexpr auto k_pause = 100ms;
// Without events only the times change.
constexpr auto k_idle_pause = 500ms;
constexpr std::size_t k_longest_path = 4096;

std::string_view to_word(Kind kind) {
  constexpr std::string_view k_words[] = {"started", "under way", "done",     "to be tried again",
                                          "failed",  "stopped",   "published"};
  return k_words[static_cast<std::size_t>(kind)];
}

std::string division_text(const render::Plan& plan) {
  if (plan.renderer == task::Renderer::LuxRender) return fmt::format("{} film{}", plan.films(), plan.films() == 1 ? "" : "s");
  const std::size_t frames = plan.frames.size();
  std::string out = plan.is_animation ? fmt::format("{} frame{}", frames, frames == 1 ? "" : "s") : std::string();
  if (plan.is_animation && plan.strips == 1) return out;
  if (plan.is_animation) out += ", ";
  return out + fmt::format("{} strip{}{}", plan.strips, plan.strips == 1 ? "" : "s", plan.is_animation ? " each" : "");
}

std::string announcement(const run::RunPlan& run) {
  if (run.plan.renderer == task::Renderer::None)
    return fmt::format("running the task's program with {}\n", printable(run.image.name(), 300));
  return fmt::format("rendering {} x {} pixels, {}, {} container{} at a time, with {}\n", run.plan.resolution[0],
                     run.plan.resolution[1], division_text(run.plan), run.limits.jobs, run.limits.jobs == 1 ? "" : "s",
                     printable(run.image.name(), 300));
}

}  // namespace

TextDisplay::TextDisplay(Parts parts) : parts_(std::move(parts)), out_(parts_.streams.err) {
  if (parts_.style == StatusStyle::Terminal) painter_.emplace(out_, Painter::Color::No);
  if (parts_.style == StatusStyle::ColorTerminal) painter_.emplace(out_, Painter::Color::Yes);
}

TextDisplay::~TextDisplay() { wipe(); }

void TextDisplay::wipe() {
  if (!is_redrawn()) return;
  painter_->wipe(parts_.size().columns);
  is_stale_ = true;
}

void TextDisplay::draw() {
  const TerminalSize size = parts_.size();
  drawn_ = parts_.clock();
  painter_->draw(status_block(view_, size, *drawn_), size.columns);
  is_stale_ = false;
}

void TextDisplay::change() {
  if (!is_redrawn() || !is_under_way_) return;
  is_stale_ = true;
  if (!drawn_ || parts_.clock() - *drawn_ >= k_pause) draw();
}

void TextDisplay::begin(const RunBegin& begin) {
  const std::lock_guard lock(mutex_);
  begun_ = parts_.clock();
  view_.begin(begin, begun_);
  if (begin.scope == RunBegin::Scope::Whole && parts_.style != StatusStyle::Silent)
    out_ << announcement(begin.plan) << std::flush;
  is_under_way_ = true;
  change();
}

void TextDisplay::on_event(const run::Event& event) {
  const std::lock_guard lock(mutex_);
  view_.take(event, parts_.clock());
  if (parts_.style == StatusStyle::Lines) print_line(event);
  change();
}

void TextDisplay::tick() {
  const std::lock_guard lock(mutex_);
  if (!is_redrawn() || !is_under_way_) return;
  const auto pause = is_stale_ ? k_pause : k_idle_pause;
  if (!drawn_ || parts_.clock() - *drawn_ >= pause) draw();
}

void TextDisplay::on_finding(const Finding& finding) {
  if (parts_.style == StatusStyle::Silent && finding.severity == Finding::Severity::Note) return;
  const std::lock_guard lock(mutex_);
  wipe();
  tools::print_findings(parts_.streams, "submit-task", {finding});
  change();
}

void TextDisplay::write_log(std::string_view line) {
  const std::lock_guard lock(mutex_);
  wipe();
  out_ << line << std::flush;
  change();
}

void TextDisplay::rendered(const RunEnd& end) {
  const std::lock_guard lock(mutex_);
  is_under_way_ = false;
  wipe();
  if (parts_.style == StatusStyle::Silent) return;
  const std::chrono::duration<double> seconds = parts_.clock() - begun_;
  const std::string before = end.from_before == 0 ? "" : fmt::format(", {} subtasks were done before", end.from_before);
  out_ << fmt::format("{} in {:.1f} s{}; logs and report are in {}\n", view_.is_rendering() ? "rendered" : "done",
                      seconds.count(), before, printable(end.run_directory.string(), k_longest_path))
       << std::flush;
}

void TextDisplay::end(const tools::Ending& ending) {
  const std::lock_guard lock(mutex_);
  is_under_way_ = false;
  wipe();
  if (ending.code != ExitCode::Done) out_ << "submit-task: " << ending.message << '\n' << std::flush;
}

void TextDisplay::print_line(const run::Event& event) {
  if (event.kind == Kind::Started || event.kind == Kind::Progress) return;
  std::string line = fmt::format("[{}/{}] ", event.finished, event.total);
  if (event.kind == Kind::Published) {
    // Of a still the tool says it at the end.
    if (view_.parts() == RunView::Parts::Strips || view_.total() == 1) return;
    line += fmt::format("published {}", printable(event.text, k_longest_path));
  } else {
    line += fmt::format("subtask {} {} after {:.1f} s", event.subtask, to_word(event.kind),
                        static_cast<double>(event.elapsed.count()) / 1000);
  }
  if (event.kind == Kind::Retried) line += fmt::format(" ({})", run::to_string(event.cause));
  out_ << line << '\n' << std::flush;
}

}  // namespace gt::submit
