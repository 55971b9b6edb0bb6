#include "lib/batch/row.h"

#include <algorithm>
#include <cstdio>

#include "lib/task/era.h"

namespace gt::batch {
namespace {

enum class ResultClass : std::uint8_t { Good, Failed };
struct ResultInfo {
  std::string_view word;
  ResultClass result_class;
};
constexpr ResultInfo k_result_infos[] = {
#define GT_RESULT(name, word, result_class) {word, ResultClass::result_class},
#include "lib/batch/results.def"
#undef GT_RESULT
};

struct EraInfo {
  std::string_view prefix;
  std::string_view word;
};
constexpr EraInfo k_era_infos[] = {
#define GT_ERA(name, prefix, word) {prefix, word},
#include "lib/batch/eras.def"
#undef GT_ERA
};

}  // namespace

std::string_view to_string(Result result) { return k_result_infos[static_cast<std::size_t>(result)].word; }

bool is_failure(Result result) { return k_result_infos[static_cast<std::size_t>(result)].result_class == ResultClass::Failed; }

std::string_view to_string(Era era) { return k_era_infos[static_cast<std::size_t>(era)].word; }

Era era_of(std::string_view class_name) {
  const auto* found = std::find_if(std::begin(k_era_infos), std::end(k_era_infos), [&](const EraInfo& era) {
    return !era.prefix.empty() && class_name.starts_with(era.prefix);
  });
  return found == std::end(k_era_infos) ? Era::Unknown : static_cast<Era>(found - std::begin(k_era_infos));
}

Era era_of(const object::Graph& graph) {
  if (task::is_dump(graph)) return Era::Node;
  std::optional<Era> last;
  for (const object::GlobalName& name : graph.globals())
    if (const Era era = era_of(name.qualified); era != Era::Unknown) last = std::max(last.value_or(era), era);
  return last.value_or(Era::Unknown);
}

Failure explain(const Error& error, std::string_view bytes) {
  constexpr std::uint64_t k_line = 16;
  Failure out{error.code(), error.message(), error.hint(), error.where(), 0, {}};
  out.where.file.clear();
  if (!error.where().offset) return out;
  const std::uint64_t line = std::min<std::uint64_t>(*error.where().offset, bytes.size()) / k_line;
  out.excerpt_at = (line < 2 ? 0 : line - 2) * k_line;
  out.excerpt = bytes.substr(out.excerpt_at, (line + 3) * k_line - out.excerpt_at);
  return out;
}

std::string hex_dump(const Failure& failure) {
  constexpr std::size_t k_line = 16;
  std::string out;
  for (std::size_t at = 0; at < failure.excerpt.size(); at += k_line) {
    char text[32];
    std::snprintf(text, sizeof text, "%8llu ", static_cast<unsigned long long>(failure.excerpt_at + at));
    out += text;
    std::string letters;
    for (std::size_t i = at; i < at + k_line; ++i) {
      const bool is_there = i < failure.excerpt.size();
      const bool is_place = is_there && failure.where.offset == failure.excerpt_at + i;
      const auto byte = is_there ? static_cast<unsigned char>(failure.excerpt[i]) : 0U;
      std::snprintf(text, sizeof text, is_there ? "%c%02x" : "   ", is_place ? '>' : ' ', byte);
      out += text;
      if (is_there) letters += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    }
    out += "  " + letters + "\n";
  }
  return out;
}

void Totals::add(const Row& row) {
  ++sources;
  ++by_result[static_cast<std::size_t>(row.result)];
  if (row.era) ++by_era[static_cast<std::size_t>(*row.era)];
  if (row.renderer) ++by_renderer[static_cast<std::size_t>(*row.renderer)];
  if (row.era && !row.reason.empty()) ++json_only;
  written += static_cast<std::uint64_t>(std::count_if(row.outputs.begin(), row.outputs.end(), [](const Output& output) {
    return output.result == Result::Migrated || output.result == Result::Updated || output.result == Result::Replaced;
  }));
  warnings += static_cast<std::uint64_t>(std::count_if(row.findings.begin(), row.findings.end(), [](const Finding& finding) {
    return finding.severity != Finding::Severity::Note;
  }));
}

std::uint64_t Totals::failures() const {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < k_results; ++i)
    if (is_failure(static_cast<Result>(i))) out += by_result[i];
  return out;
}

}  // namespace gt::batch
