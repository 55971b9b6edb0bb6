#include "lib/run/report_subtasks.h"

#include <fmt/format.h>

#include "lib/base/text.h"
#include "lib/run/html.h"

namespace gt::run {
namespace {

using State = SubtaskReport::State;

// Of a message in the table; the rest is folded.
constexpr std::size_t k_first_words = 160;

std::string_view class_of(State state) {
  switch (state) {
    case State::Done: return "done";
    case State::Failed: return "failed";
    case State::NotTried: break;
  }
  return "idle";
}

bool has_trouble(const SubtaskReport& subtask) { return subtask.state() != State::Done || subtask.attempts.size() > 1; }

std::string what_happened(const AttemptReport& one, std::size_t turn, std::size_t tries) {
  const Attempt& attempt = one.attempt;
  if (attempt.cause == Cause::Done && tries == 1) return {};
  std::string out = tries > 1 ? fmt::format("<p>try {}: ", turn) : std::string("<p>");
  out += fmt::format("<b>{}</b>", to_string(attempt.cause));
  if (attempt.memory_limit > 0 && tries > 1) out += " with " + size_text(attempt.memory_limit);
  if (attempt.message.empty()) return out + "</p>";
  const std::string_view first = std::string_view(attempt.message).substr(0, attempt.message.find('\n'));
  const bool is_short = first.size() == attempt.message.size() && first.size() <= k_first_words;
  out += ": " + html(first, k_first_words) + "</p>";
  if (!is_short) out += "<details><summary>all of it</summary><pre>" + html(attempt.message) + "</pre></details>";
  return out;
}

std::string remarks(const SubtaskReport& subtask) {
  std::string out;
  const std::size_t tries = subtask.attempts.size();
  for (std::size_t i = 0; i < tries; ++i) out += what_happened(subtask.attempts[i], i + 1, tries);
  if (!subtask.result) return out;
  if (subtask.result->is_verified) out += "<p>rendered again in part, and equal</p>";
  if (subtask.result->is_black) {
    out += "<p>all black</p>";
  } else if (subtask.result->is_uniform) {
    out += "<p>one colour everywhere</p>";
  }
  return out;
}

std::string logs(const SubtaskReport& subtask) {
  std::string out;
  for (std::size_t i = 0; i < subtask.attempts.size(); ++i) {
    const std::string& directory = subtask.attempts[i].attempt.directory;
    const std::string_view name = std::string_view(directory).substr(directory.rfind('/') + 1);
    if (i > 0) out += "<br>";
    out += fmt::format("<a href=\"{}/\">{}</a>", href(directory), html(name));
  }
  return out;
}

std::string row(const ReportData& data, const SubtaskReport& subtask) {
  const State state = subtask.state();
  const std::string more = remarks(subtask);
  const std::string_view bad = state == State::Failed ? " bad" : "";
  std::string out = more.empty() ? std::string("<tr>") : fmt::format("<tr class=\"headed{}\">", bad);
  std::size_t columns = 0;
  const auto add = [&](std::string_view attribute, std::string_view content) {
    out += fmt::format("<td{}>{}</td>", attribute, content);
    ++columns;
  };
  constexpr std::string_view k_number = " class=\"n\"";
  add(k_number, std::to_string(subtask.subtask.number));
  if (data.plan.plan.is_animation) add(k_number, std::to_string(subtask.subtask.frame));
  if (data.plan.plan.strips > 1)
    add(k_number, fmt::format("{} to {}", subtask.subtask.rows.first, subtask.subtask.rows.end - 1));
  if (data.plan.plan.renderer != task::Renderer::Blender) add("", html(place_of(data.plan.plan, subtask.subtask)));
  add("", fmt::format("<span class=\"state {}\">{}</span>", class_of(state), to_string(state)));
  add(k_number, std::to_string(subtask.attempts.size()));
  const AttemptReport* last = subtask.attempts.empty() ? nullptr : &subtask.attempts.back();
  add(k_number, last == nullptr ? std::string() : std::to_string(last->attempt.exit_code));
  add(k_number, last == nullptr || last->started_ms == 0 ? std::string() : duration_text(last->elapsed_ms));
  add(k_number, last == nullptr || last->attempt.peak_memory == 0 ? std::string() : size_text(last->attempt.peak_memory));
  add(" class=\"logs\"", logs(subtask));
  out += "</tr>\n";
  // In a row of its own: it is long.
  if (!more.empty())
    out += fmt::format("<tr class=\"more{}\"><td colspan=\"{}\"><div>{}</div></td></tr>\n", bad, columns, more);
  return out;
}

std::string head(const ReportData& data) {
  std::string out = "<div class=\"scroll\"><table class=\"subtasks\">\n<thead><tr><th class=\"n\">No.</th>";
  if (data.plan.plan.is_animation) out += "<th class=\"n\">Frame</th>";
  if (data.plan.plan.strips > 1) out += "<th class=\"n\">Rows</th>";
  if (data.plan.plan.renderer != task::Renderer::Blender) out += "<th>Makes</th>";
  return out +
         "<th>State</th><th class=\"n\">Tries</th><th class=\"n\">Exit code</th><th class=\"n\">Time</th>"
         "<th class=\"n\" title=\"of its container\">Peak memory</th><th>Logs</th></tr></thead>\n<tbody>\n";
}

}  // namespace

std::string subtasks_html(const ReportData& data) {
  const bool is_long = data.subtasks.size() > k_most_shown;
  std::string shown;
  std::string folded;
  std::int64_t good = 0;
  for (const SubtaskReport& subtask : data.subtasks) {
    const bool is_folded = is_long && !has_trouble(subtask);
    good += is_folded ? 1 : 0;
    (is_folded ? folded : shown) += row(data, subtask);
  }
  constexpr std::string_view k_end = "</tbody></table></div>\n";
  std::string out;
  if (!shown.empty()) out += head(data) + shown + std::string(k_end);
  if (good > 0)
    out += fmt::format("<details><summary>{} subtasks without trouble</summary>\n{}{}{}</details>\n", count_text(good),
                       head(data), folded, k_end);
  return out;
}

}  // namespace gt::run
