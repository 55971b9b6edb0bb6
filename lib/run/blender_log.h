// What Blender and the script inside it say on their streams: how far they are, and what went wrong although the exit code
// will be 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gt::run {

struct LogLine {
  enum class Kind : std::uint8_t {
    Other,
    Begins,   // subtask `number`
    Done,     // the same, says the script
    Failed,   // the same; `text` says why
    Percent,  // of the picture that is being rendered: `number` in 0 to 100
    Fault,    // a known line that means failure; `text` says what
    DiskFull,
  };
  Kind kind = Kind::Other;
  std::int64_t number = 0;
  std::string text = {};
};

LogLine read_log_line(std::string_view line);

}  // namespace gt::run
