#include "lib/run/record.h"

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

}  // namespace

std::string_view to_string(Cause cause) { return row_of(cause).word; }

Retry retry_of(Cause cause) { return row_of(cause).retry; }

Scope scope_of(Cause cause) { return row_of(cause).scope; }

ErrorCode error_code_of(Cause cause) { return row_of(cause).error; }

}  // namespace gt::run
