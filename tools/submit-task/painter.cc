#include "tools/submit-task/painter.h"

#include <fmt/format.h>

#include <algorithm>

namespace gt::submit {
namespace {

constexpr std::string_view k_clear_to_end_of_line = "\x1b[K";
constexpr std::string_view k_clear_to_end_of_screen = "\x1b[J";

std::string_view sgr(BlockLine::Look look) {
  switch (look) {
    case BlockLine::Look::Plain: return "";
    case BlockLine::Look::Strong: return "\x1b[1m";
    case BlockLine::Look::Bad: return "\x1b[31m";
  }
  return "";
}

}  // namespace

// A terminal that has become narrower has wrapped the longer lines.
std::string Painter::to_first_line(int columns) const {
  if (shown_.empty()) return {};
  const auto width = static_cast<std::size_t>(std::max(1, columns));
  std::size_t rows = 0;
  for (const std::size_t length : shown_) rows += std::max<std::size_t>(1, (length + width - 1) / width);
  return rows == 1 ? "\r" : fmt::format("\r\x1b[{}A", rows - 1);
}

void Painter::draw(const std::vector<BlockLine>& lines, int columns) {
  std::string text = to_first_line(columns);
  // A terminal remembers of a line that it has wrapped that the next one belongs to it, until it is cleared from its beginning.
  if (columns != columns_) text += k_clear_to_end_of_screen;
  columns_ = columns;
  shown_.clear();
  for (const BlockLine& line : lines) {
    if (!shown_.empty()) text += '\n';
    const std::string_view look = color_ == Color::Yes ? sgr(line.look) : "";
    text.append(look).append(line.text).append(look.empty() ? "" : "\x1b[0m");
    shown_.push_back(line.text.size());
    text += shown_.size() < lines.size() ? k_clear_to_end_of_line : k_clear_to_end_of_screen;
  }
  out_ << text << std::flush;
}

void Painter::wipe(int columns) {
  if (shown_.empty()) return;
  out_ << to_first_line(columns) + std::string(k_clear_to_end_of_screen) << std::flush;
  shown_.clear();
}

}  // namespace gt::submit
