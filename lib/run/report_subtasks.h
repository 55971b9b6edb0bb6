// The part of report.html that says what became of each subtask.
#pragma once

#include <string>

#include "lib/run/report_data.h"

namespace gt::run {

// A table. Of more than k_most_shown subtasks those without trouble are folded.
std::string subtasks_html(const ReportData& data);

inline constexpr std::size_t k_most_shown = 1000;

}  // namespace gt::run
