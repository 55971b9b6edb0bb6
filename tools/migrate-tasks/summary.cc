#include "tools/migrate-tasks/summary.h"

#include <iomanip>

namespace gt::tools {
namespace {

constexpr int k_word_width = 22;
constexpr int k_count_width = 10;

void print_line(std::ostream& out, std::string_view word, std::string_view count) {
  out << "  " << std::left << std::setw(k_word_width) << word << std::right << std::setw(k_count_width) << count << '\n';
}

template <typename Kind, std::size_t size>
void print_counts(std::ostream& out, std::string_view title, const std::array<std::uint64_t, size>& counts) {
  bool is_first = true;
  for (std::size_t i = 0; i < size; ++i) {
    if (counts[i] == 0) continue;
    if (is_first) out << title << '\n';
    is_first = false;
    print_line(out, to_string(static_cast<Kind>(i)), std::to_string(counts[i]));
  }
}

}  // namespace

void print_summary(std::ostream& out, const batch::Totals& totals, batch::Action action) {
  print_counts<batch::Result>(out, "result", totals.by_result);
  print_counts<batch::Era>(out, "era", totals.by_era);
  print_counts<task::Renderer>(out, "renderer", totals.by_renderer);
  out << "all\n";
  print_line(out, "files", std::to_string(totals.sources));
  const bool is_dry = action == batch::Action::DryRun;
  if (action != batch::Action::Verify)
    print_line(out, is_dry ? "outputs, not written" : "outputs written", std::to_string(totals.written));
  if (totals.json_only != 0) print_line(out, "without a Docker form", std::to_string(totals.json_only));
  if (totals.warnings != 0) print_line(out, "warnings (--report)", std::to_string(totals.warnings));
}

}  // namespace gt::tools
