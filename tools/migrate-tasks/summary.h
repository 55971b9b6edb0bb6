// The table at the end.
#pragma once

#include <ostream>

#include "lib/batch/row.h"
#include "lib/batch/runner.h"

namespace gt::tools {

void print_summary(std::ostream& out, const batch::Totals& totals, batch::Action action);

}  // namespace gt::tools
