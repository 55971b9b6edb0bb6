#include "tools/submit-task/status_line.h"

#include <fmt/format.h>

namespace gt::submit {
namespace {

std::string_view to_word(run::Event::Kind kind) {
  constexpr std::string_view k_words[] = {"started", "under way", "done",     "to be tried again",
                                          "failed",  "stopped",   "published"};
  return k_words[static_cast<std::size_t>(kind)];
}

}  // namespace

void StatusLine::on_event(const run::Event& event) {
  const std::lock_guard lock(mutex_);
  switch (style_) {
    case StatusStyle::Silent: return;
    case StatusStyle::Lines: return print_line(event);
    case StatusStyle::Terminal:
    case StatusStyle::ColorTerminal: return overprint(event);
  }
}

void StatusLine::on_finding(const Finding& finding) {
  const std::lock_guard lock(mutex_);
  clear();
  tools::print_findings(streams_, "submit-task", {finding});
}

void StatusLine::write_line(std::string_view line) {
  const std::lock_guard lock(mutex_);
  clear();
  out_ << line << std::flush;
}

void StatusLine::clear() {
  if (shown_) out_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

void StatusLine::overprint(const run::Event& event) {
  const bool color = style_ == StatusStyle::ColorTerminal;
  out_ << fmt::format("\r\x1b[K{}[{}/{}]{} {} running; subtask {} {}", color ? "\x1b[1m" : "", event.finished, event.total,
                      color ? "\x1b[0m" : "", event.running, event.subtask, to_word(event.kind))
       << std::flush;
  shown_ = true;
}

void StatusLine::print_line(const run::Event& event) {
  using Kind = run::Event::Kind;
  if (event.kind == Kind::Started || event.kind == Kind::Progress || event.kind == Kind::Published) return;
  const double seconds = static_cast<double>(event.elapsed.count()) / 1000;
  out_ << fmt::format("[{}/{}] subtask {} {} after {:.1f} s", event.finished, event.total, event.subtask, to_word(event.kind),
                      seconds);
  if (event.kind == Kind::Retried) out_ << " (" << to_string(event.cause) << ")";
  out_ << '\n' << std::flush;
}

}  // namespace gt::submit
