#include "tools/submit-task/status_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gt::submit {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_most_shown = 4;    // of the subtasks under way
constexpr int k_wide = 40;                 // columns from which words are spelled out
constexpr std::size_t k_longest_bar = 40;  // a longer one says no more
constexpr std::size_t k_shortest_bar = 4;

std::string bar(double part, std::size_t length) {
  const auto full = std::min(length, static_cast<std::size_t>(part * static_cast<double>(length)));
  return "[" + std::string(full, '#') + std::string(length - full, '-') + "]";
}

std::string counts(const RunView& view) {
  const std::string subtasks = fmt::format("{}/{}", view.finished(), view.total());
  const std::string frames = fmt::format("{}/{} frames", view.frames_done(), view.frames());
  switch (view.parts()) {
    case RunView::Parts::Strips: return subtasks + " strips";
    case RunView::Parts::Frames: return frames;
    case RunView::Parts::StripsOfFrames: return frames + ", " + subtasks + " strips";
    case RunView::Parts::Subtasks: break;
  }
  return subtasks + " subtasks";
}

std::string bar_line(const RunView& view, std::size_t width) {
  const std::string text = counts(view);
  const std::size_t besides = text.size() + 3;  // brackets and a blank
  if (width < besides + k_shortest_bar) return text;
  return bar(view.part_done(), std::min(k_longest_bar, width - besides)) + " " + text;
}

std::vector<BlockLine> running_lines(const RunView& view, int columns, std::size_t most, Clock::time_point now) {
  std::vector<BlockLine> out;
  const bool is_wide = columns >= k_wide;
  const auto width = fmt::formatted_size("{}", view.total());  // numbers stand below each other
  for (const auto& [number, running] : view.running()) {
    if (out.size() == most) break;
    const std::string percent = running.percent ? fmt::format("{}%", *running.percent) : "-";
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - running.since);
    const std::string line =
        fmt::format("{}{:<{}} {:>4} {:>6}", is_wide ? "subtask " : "#", number, width, percent, clock_text(elapsed));
    out.push_back({is_wide ? line + "  " + running.place : line});
  }
  return out;
}

std::string trouble_line(const RunView& view) {
  std::string out;
  if (view.failed() > 0) out = fmt::format("{} failed", view.failed());
  if (view.retried() > 0) out += fmt::format("{}{} tried again", out.empty() ? "" : ", ", view.retried());
  if (out.empty()) return out;
  return out + fmt::format("; last: subtask {}, {}", view.last_trouble(), run::to_string(view.last_cause()));
}

std::string time_line(const RunView& view, Clock::time_point now) {
  std::string out = clock_text(view.elapsed(now));
  if (const auto remaining = view.remaining(now)) out += ", " + about_text(*remaining) + " left";
  return out;
}

}  // namespace

std::string clock_text(std::chrono::milliseconds time) {
  const std::int64_t seconds = std::max<std::int64_t>(0, time / 1s);
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string about_text(std::chrono::milliseconds time) {
  const auto in = [time](std::chrono::milliseconds unit) {
    return std::llround(static_cast<double>(time.count()) / static_cast<double>(unit.count()));
  };
  if (time < 10s) return "a few seconds";
  if (time < 55s) return fmt::format("about {} s", in(10s) * 10);
  if (time < 55min) return fmt::format("about {} min", in(1min));
  const long long tens = in(10min);
  if (tens % 6 == 0) return fmt::format("about {} h", tens / 6);
  return fmt::format("about {} h {} min", tens / 6, tens % 6 * 10);
}

std::vector<BlockLine> status_block(const RunView& view, TerminalSize size, Clock::time_point now) {
  const auto width = static_cast<std::size_t>(std::max(2, size.columns) - 1);
  const auto height = static_cast<std::size_t>(std::max(2, size.rows) - 1);
  std::vector<BlockLine> last;
  if (std::string trouble = trouble_line(view); !trouble.empty())
    last.push_back({std::move(trouble), view.failed() > 0 ? BlockLine::Look::Bad : BlockLine::Look::Plain});
  last.push_back({time_line(view, now)});
  if (last.size() > height - 1) last.resize(height - 1);

  const std::size_t room = height - 1 - last.size();
  const std::size_t running = view.running().size();
  const bool all = running <= std::min(room, k_most_shown);
  const std::size_t shown = all ? running : std::min(room > 0 ? room - 1 : 0, k_most_shown);
  std::vector<BlockLine> out = {{bar_line(view, width), BlockLine::Look::Strong}};
  std::vector<BlockLine> lines = running_lines(view, size.columns, shown, now);
  out.insert(out.end(), lines.begin(), lines.end());
  if (shown > 0 && !all) out.push_back({fmt::format("and {} more", running - shown)});
  out.insert(out.end(), last.begin(), last.end());
  for (BlockLine& line : out) line.text.resize(std::min(line.text.size(), width));
  return out;
}

}  // namespace gt::submit
