// A run's report for people: one page that needs nothing else, no network and no script.
#pragma once

#include <string>

#include "lib/run/report_data.h"

namespace gt::run {

// The same data gives the same bytes. Whatever text it holds, it stays text.
std::string to_html(const ReportData& data);

// At most `most` of `count` things, evenly chosen, the first among them: their indices.
std::vector<std::size_t> evenly_chosen(std::size_t count, std::size_t most);

// Pictures of an animation that have a thumbnail, and how large these are.
inline constexpr std::size_t k_most_thumbnails = 200;
inline constexpr std::int64_t k_thumbnail_side = 160;

}  // namespace gt::run
