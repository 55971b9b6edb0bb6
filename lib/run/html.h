// Pieces of a page that holds text from strangers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace gt::run {

// `bytes` as text of an element or a quoted attribute: markup characters are escaped, line feeds stay, what no terminal should
// get and what is not UTF-8 is shown as \xNN. More than `max_bytes` are cut with "...".
std::string html(std::string_view bytes, std::size_t max_bytes = std::size_t{64} << 10);
// A relative path for href: whatever is in it, it cannot be another scheme or leave the attribute.
std::string href(std::string_view path);
std::string data_uri(std::string_view png);

// `text` with each {{name}} replaced; what is put in is not looked at again. Throws Bug for a name that is not there.
std::string fill(std::string_view text, const std::map<std::string_view, std::string>& values);

std::string size_text(std::uint64_t bytes);  // "812 bytes", "3.4 MiB"
std::string duration_text(std::int64_t ms);  // "0.25 s", "12.3 s", "4 min 5 s", "20 min", "2 h 3 min"
std::string utc_text(std::int64_t ms);       // since 1970: "2015-09-28 14:03:05 UTC"
std::string count_text(std::int64_t count);  // "12,345"

}  // namespace gt::run
