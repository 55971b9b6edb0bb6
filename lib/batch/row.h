// What became of one source: a row of the report.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/rewrite/changes.h"
#include "lib/task/definition.h"

namespace gt::batch {

enum class Result : std::uint8_t {
#define GT_RESULT(name, word, result_class) name,
#include "lib/batch/results.def"
#undef GT_RESULT
};
constexpr std::size_t k_results = 0
#define GT_RESULT(name, word, result_class) +1
#include "lib/batch/results.def"
#undef GT_RESULT
    ;
std::string_view to_string(Result result);
bool is_failure(Result result);

enum class Era : std::uint8_t {
#define GT_ERA(name, prefix, word) name,
#include "lib/batch/eras.def"
#undef GT_ERA
};
constexpr std::size_t k_eras = static_cast<std::size_t>(Era::Unknown) + 1;
constexpr std::size_t k_renderers = static_cast<std::size_t>(task::Renderer::Unknown) + 1;
std::string_view to_string(Era era);
Era era_of(std::string_view class_name);
// Of a whole file, before anything is rewritten.
Era era_of(const object::Graph& graph);

// Why a source failed, and the bytes around the place.
struct Failure {
  ErrorCode code = ErrorCode::Bug;
  std::string message;
  std::string hint;
  Location where;                // without the file
  std::uint64_t excerpt_at = 0;  // offset of the first byte of `excerpt`
  std::string excerpt;           // empty if the error has no offset
};
Failure explain(const Error& error, std::string_view bytes);
// Offset, hexadecimal and text, 16 bytes a line, the byte at the offset marked.
std::string hex_dump(const Failure& failure);

struct Output {
  std::string name;  // relative to the output root
  Result result = Result::Unchanged;
};

struct Row {
  std::string source;  // as it can be opened from where the program runs
  Result result = Result::NotATask;
  std::optional<Era> era;  // of a task
  std::optional<task::Renderer> renderer;
  std::string reason;    // what the content says: why there is no Docker task, why it is no task
  std::string obstacle;  // what stands in the way of the outputs
  std::vector<Output> outputs;
  std::vector<Finding> findings;
  std::optional<Failure> failure;
  std::vector<rewrite::Change> changes;  // with Options::diff: fields that differ from what is there, or from the source
};

// What a whole run counts; nothing else is kept of it.
struct Totals {
  std::uint64_t sources = 0;
  std::uint64_t written = 0;  // outputs
  std::uint64_t warnings = 0;
  std::uint64_t json_only = 0;  // tasks without a Docker form
  std::array<std::uint64_t, k_results> by_result{};
  std::array<std::uint64_t, k_eras> by_era{};
  std::array<std::uint64_t, k_renderers> by_renderer{};

  void add(const Row& row);
  std::uint64_t failures() const;
};

}  // namespace gt::batch
