// An audit as people and machines read it.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/error.h"
#include "lib/pickle/audit.h"

namespace gt::tools {

// 0 clean, 1 not readable, 5 runs code, 6 unknown classes.
ExitCode exit_code_of(const pickle::Audit& audit);

// Lines, the verdict last.
std::string audit_text(const pickle::Audit& audit, std::string_view file);
// schemas/gt-audit-1.json
std::string audit_json(const pickle::Audit& audit, std::string_view file);

}  // namespace gt::tools
