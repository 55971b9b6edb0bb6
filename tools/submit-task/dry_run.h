// What submit-task would start.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "lib/run/render_task.h"

namespace gt::submit {

// Prints the staged files and every container, and where the picture would go. Asks no engine and touches no file.
void print_dry_run(const run::RenderRequest& request, std::ostream& out);

}  // namespace gt::submit
