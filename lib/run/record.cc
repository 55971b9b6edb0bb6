#include "lib/run/record.h"

#include <unistd.h>

namespace gt::run {
namespace {

struct Row {
  std::string_view word;
  Retry retry;
  Scope scope;
  ErrorCode error;
};

constexpr Row k_rows[] = {
#define GT_CAUSE(name, word, retry, scope, error) {word, Retry::retry, Scope::scope, ErrorCode::error},
#include "lib/run/causes.def"
#undef GT_CAUSE
};

const Row& row_of(Cause cause) { return k_rows[static_cast<std::size_t>(cause)]; }

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

Attempt begin_attempt(std::string directory, std::uint64_t memory) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {.directory = std::move(directory),
          .host = host_name(),
          .started_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
          .memory_limit = memory};
}

Attempt end_attempt(Attempt attempt, std::chrono::steady_clock::time_point begin) {
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  attempt.elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count();
  return attempt;
}

std::string_view to_string(Cause cause) { return row_of(cause).word; }

Retry retry_of(Cause cause) { return row_of(cause).retry; }

Scope scope_of(Cause cause) { return row_of(cause).scope; }

ErrorCode error_code_of(Cause cause) { return row_of(cause).error; }

}  // namespace gt::run
