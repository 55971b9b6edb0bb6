// A run's report for programs: schemas/gt-run-report-1.json.
#pragma once

#include <string>

#include "lib/run/report_data.h"

namespace gt::run {

// With a newline at the end. The same data gives the same bytes.
std::string to_json(const ReportData& data);

}  // namespace gt::run
