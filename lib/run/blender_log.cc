#include "lib/run/blender_log.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "lib/base/text.h"

namespace gt::run {
namespace {

struct LogFault {
  std::string_view part;
  std::string_view meaning;
};

constexpr LogFault k_faults[] = {
#define GT_LOG_FAULT(part, meaning) {part, meaning},
#include "lib/run/log_faults.def"
#undef GT_LOG_FAULT
};

// Takes a number from the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "gt-tools: subtask 3 is done"
LogLine read_mark(std::string_view line) {
  using Kind = LogLine::Kind;
  if (!take(line, "subtask ")) return {};
  const std::optional<std::int64_t> number = take_number(line);
  if (!number) return {};
  if (line == " begins") return {.kind = Kind::Begins, .number = *number};
  if (line == " is done") return {.kind = Kind::Done, .number = *number};
  if (take(line, " failed: ")) return {.kind = Kind::Failed, .number = *number, .text = printable(line, 500)};
  return {};
}

// "... | Sample 12/128" of Cycles, "... | Rendering 3 / 64 samples" of EEVEE.
std::optional<std::int64_t> percent_in(std::string_view line) {
  for (const std::string_view word : {"| Sample ", "| Rendering "}) {
    const std::size_t at = line.rfind(word);
    if (at == std::string_view::npos) continue;
    std::string_view rest = line.substr(at + word.size());
    const std::optional<std::int64_t> done = take_number(rest);
    if (!done || !(take(rest, "/") || take(rest, " / "))) continue;
    const std::optional<std::int64_t> all = take_number(rest);
    if (all && *all > 0 && *done <= *all && *all < INT64_MAX / 100) return *done * 100 / *all;
  }
  return std::nullopt;
}

}  // namespace

LogLine read_log_line(std::string_view line) {
  using Kind = LogLine::Kind;
  if (take(line, "gt-tools: ")) return read_mark(line);
  if (line.starts_with("Fra:")) {
    const std::optional<std::int64_t> percent = percent_in(line);
    return percent ? LogLine{.kind = Kind::Percent, .number = *percent} : LogLine{};
  }
  if (line.find("No space left on device") != std::string_view::npos)
    return {.kind = Kind::DiskFull, .text = printable(line, 500)};
  const auto* fault = std::find_if(std::begin(k_faults), std::end(k_faults),
                                   [&](const LogFault& one) { return line.find(one.part) != std::string_view::npos; });
  if (fault == std::end(k_faults)) return {};
  return {.kind = Kind::Fault, .text = std::string(fault->meaning) + ": " + printable(line, 500)};
}

}  // namespace gt::run
