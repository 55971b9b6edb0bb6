// A row as text for people.
#pragma once

#include <string>

#include "lib/batch/row.h"

namespace gt::batch {

// "byte 118: opcode REDUCE calls os.system ...": one line, without the source.
std::string failure_text(const Failure& failure);

// All that is known of a source that failed, for a file beside its copy.
std::string explanation(const Row& row);

}  // namespace gt::batch
