#include "lib/run/report_timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lib/run/html.h"

namespace gt::run {
namespace {

constexpr std::int64_t k_lane_height = 28;
constexpr std::int64_t k_bar_height = 20;
constexpr std::int64_t k_axis_height = 24;
constexpr std::int64_t k_most_marks = 5;
// Hundredths of the whole width: of the narrowest bar, of the narrowest that tells of trouble, of a digit on a narrow screen.
constexpr double k_thinnest = 0.2;
constexpr double k_thinnest_trouble = 0.6;
constexpr double k_digit = 3.0;
// Bars thinner than this are drawn together with their neighbours.
constexpr std::int64_t k_most_bars = 1000;

// In report.html: the class of a colour, and "p-" in front of it the pattern that tells it from others without its colour.
std::string_view class_of(Family family) {
  constexpr std::string_view k_words[] = {"done", "stopped", "outside", "limits", "refused", "failed"};
  return k_words[static_cast<std::size_t>(family)];
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

bool belongs_to(const Bar& before, const Bar& bar, std::int64_t thin) {
  const bool are_thin = bar.end_ms - bar.begin_ms < thin && before.end_ms - before.begin_ms < thin * 2;
  return are_thin && before.cause == bar.cause && bar.begin_ms - before.end_ms < thin;
}

// Of thousands nobody could tell one from the other, and a page of them would be slow.
void join_thin(Span& span, std::int64_t thin) {
  std::vector<Bar> out;
  for (const Bar& bar : span.bars) {
    if (out.empty() || !belongs_to(out.back(), bar, thin)) {
      out.push_back(bar);
      continue;
    }
    Bar& before = out.back();
    before.end_ms = std::max(before.end_ms, bar.end_ms);
    before.first = std::min(before.first, bar.first);
    before.last = std::max(before.last, bar.last);
    before.tries += bar.tries;
  }
  span.bars = std::move(out);
}

std::vector<Span> spans_of(const ReportData& data, std::int64_t begin) {
  std::map<std::string, Span> spans;
  for (const SubtaskReport& subtask : data.subtasks) {
    for (const AttemptReport& one : subtask.attempts) {
      if (one.started_ms <= 0) continue;
      const std::int64_t from = one.started_ms - begin;
      Span& span = spans.try_emplace(one.attempt.directory, Span{from, from, one.attempt.directory, {}}).first->second;
      span.begin_ms = std::min(span.begin_ms, one.attempt.started_ms - begin);
      span.end_ms = std::max(span.end_ms, from + one.elapsed_ms);
      span.bars.push_back({from, from + one.elapsed_ms, subtask.subtask.number, subtask.subtask.number, 1, one.attempt.cause});
    }
  }
  std::vector<Span> out;
  for (auto& [directory, span] : spans) out.push_back(std::move(span));
  std::stable_sort(out.begin(), out.end(), [](const Span& a, const Span& b) { return a.begin_ms < b.begin_ms; });
  for (Span& span : out)
    std::stable_sort(span.bars.begin(), span.bars.end(), [](const Bar& a, const Bar& b) { return a.begin_ms < b.begin_ms; });
  return out;
}

std::string title_of(const Bar& bar) {
  const std::string time = duration_text(bar.end_ms - bar.begin_ms) + ", from " + duration_text(bar.begin_ms);
  const std::string_view cause = to_string(bar.cause);
  if (bar.tries > 1) return fmt::format("{} subtasks, {} to {}: {}, {}", bar.tries, bar.first, bar.last, cause, time);
  return fmt::format("subtask {}: {}, {}", bar.first, cause, time);
}

void append_bar(std::string& out, const Bar& bar, std::int64_t y, std::int64_t length) {
  const std::string_view family = class_of(family_of(bar.cause));
  const bool is_good = family_of(bar.cause) == Family::Done;
  const double x = percent(bar.begin_ms, length);
  const double width = std::max(is_good ? k_thinnest : k_thinnest_trouble, percent(bar.end_ms - bar.begin_ms, length));
  out += fmt::format(
      "<g><title>{}</title><rect class=\"bar {}\" x=\"{:.3f}%\" y=\"{}\" width=\"{:.3f}%\" height=\"{}\" rx=\"2\"/>",
      html(title_of(bar)), family, x, y, width, k_bar_height);
  if (!is_good)
    out += fmt::format("<rect fill=\"url(#p-{})\" x=\"{:.3f}%\" y=\"{}\" width=\"{:.3f}%\" height=\"{}\" rx=\"2\"/>", family, x,
                       y, width, k_bar_height);
  const std::string number = std::to_string(bar.first);
  if (bar.tries == 1 && width > k_digit * static_cast<double>(number.size()) + 1)
    out += fmt::format("<text class=\"on {}\" x=\"{:.3f}%\" y=\"{}\">{}</text>", family, x + width / 2, y + 14, number);
  out += "</g>\n";
}

std::string axis(const Timeline& timeline, std::int64_t height) {
  std::string out;
  for (const std::int64_t mark : axis_marks(timeline.length_ms, k_most_marks)) {
    const double x = percent(mark, timeline.length_ms);
    const char* anchor = x < 4 ? "start" : x > 94 ? "end" : "middle";
    out += fmt::format("<line class=\"mark\" x1=\"{0:.3f}%\" x2=\"{0:.3f}%\" y1=\"0\" y2=\"{1}\"/>", x, height);
    const std::string text = mark % 1000 == 0 && mark < 60'000 ? fmt::format("{} s", mark / 1000) : duration_text(mark);
    out +=
        fmt::format("<text class=\"axis\" x=\"{:.3f}%\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", x, height + 16, anchor, text);
  }
  return out;
}

std::string legend(const Timeline& timeline) {
  std::map<Cause, std::int64_t> counts;
  for (const std::vector<Span>& lane : timeline.lanes)
    for (const Span& span : lane)
      for (const Bar& bar : span.bars) counts[bar.cause] += bar.tries;
  std::string out = "<ul class=\"legend\">\n";
  for (const auto& [cause, count] : counts) {
    const Family family = family_of(cause);
    const std::string_view name = class_of(family);
    out += fmt::format(
        "<li><svg width=\"22\" height=\"14\" aria-hidden=\"true\"><rect class=\"bar {0}\" width=\"22\" height=\"14\" "
        "rx=\"2\"/>",
        name);
    if (family != Family::Done) out += fmt::format("<rect fill=\"url(#p-{})\" width=\"22\" height=\"14\" rx=\"2\"/>", name);
    out += fmt::format("</svg> {} <span class=\"dim\">{}</span></li>\n", to_string(cause), count_text(count));
  }
  return out + "</ul>\n";
}

}  // namespace

Family family_of(Cause cause) {
  if (cause == Cause::Done) return Family::Done;
  if (cause == Cause::Stopped) return Family::Stopped;
  if (retry_of(cause) == Retry::Again) return Family::Outside;
  const ErrorCode code = error_code_of(cause);
  if (code == ErrorCode::ContainerMemory || code == ErrorCode::ContainerTimeout) return Family::Limits;
  return code == ErrorCode::ResultInvalid ? Family::Refused : Family::Failed;
}

Timeline make_timeline(const ReportData& data) {
  Timeline out;
  for (const SubtaskReport& subtask : data.subtasks)
    for (const AttemptReport& one : subtask.attempts)
      if (one.started_ms > 0 && (out.begin_ms == 0 || one.attempt.started_ms < out.begin_ms))
        out.begin_ms = one.attempt.started_ms;
  std::vector<Span> spans = spans_of(data, out.begin_ms);
  for (const Span& span : spans) out.length_ms = std::max(out.length_ms, span.end_ms);
  for (Span& span : spans) {
    join_thin(span, out.length_ms / k_most_bars);
    const auto free = std::find_if(out.lanes.begin(), out.lanes.end(),
                                   [&](const std::vector<Span>& lane) { return lane.back().end_ms <= span.begin_ms; });
    if (free == out.lanes.end()) {
      out.lanes.push_back({std::move(span)});
    } else {
      free->push_back(std::move(span));
    }
  }
  return out;
}

std::vector<std::int64_t> axis_marks(std::int64_t length_ms, std::int64_t most) {
  constexpr std::int64_t k_steps[] = {1,         10,        100,       200,        500,        1'000,      2'000,     5'000,
                                      10'000,    15'000,    30'000,    60'000,     120'000,    300'000,    600'000,   900'000,
                                      1'800'000, 3'600'000, 7'200'000, 10'800'000, 21'600'000, 43'200'000, 86'400'000};
  const auto* step =
      std::find_if(std::begin(k_steps), std::end(k_steps), [&](std::int64_t one) { return length_ms / one < most; });
  const std::int64_t pause = step == std::end(k_steps) ? length_ms / most + 1 : *step;
  std::vector<std::int64_t> out;
  for (std::int64_t mark = 0; mark <= length_ms; mark += pause) out.push_back(mark);
  return out;
}

std::string timeline_html(const ReportData& data) {
  const Timeline timeline = make_timeline(data);
  if (timeline.lanes.empty()) return {};
  const std::int64_t height = static_cast<std::int64_t>(timeline.lanes.size()) * k_lane_height;
  std::string out = legend(timeline);
  out += fmt::format(
      "<svg class=\"timeline\" width=\"100%\" height=\"{}\" role=\"img\" aria-label=\"Timeline of the subtasks\">\n",
      height + k_axis_height);
  out += axis(timeline, height);
  std::int64_t y = (k_lane_height - k_bar_height) / 2;
  for (const std::vector<Span>& lane : timeline.lanes) {
    for (const Span& span : lane) {
      out += fmt::format(
          "<rect class=\"span\" x=\"{:.3f}%\" y=\"{}\" width=\"{:.3f}%\" height=\"{}\" rx=\"3\"><title>{}</title></rect>\n",
          percent(span.begin_ms, timeline.length_ms), y - 2,
          std::max(k_thinnest, percent(span.end_ms - span.begin_ms, timeline.length_ms)), k_bar_height + 4,
          html(span.directory));
      // Trouble over what went well: it is often short.
      for (const bool is_good : {true, false})
        for (const Bar& bar : span.bars)
          if ((family_of(bar.cause) == Family::Done) == is_good) append_bar(out, bar, y, timeline.length_ms);
    }
    y += k_lane_height;
  }
  return out + "</svg>\n";
}

}  // namespace gt::run
