// The table at the end.
#pragma once

#include <ostream>

#include "lib/batch/row.h"

namespace gt::tools {

void print_summary(std::ostream& out, const batch::Totals& totals);

}  // namespace gt::tools
