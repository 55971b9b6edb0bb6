// How far a pickle can be read, and what is open there.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lib/base/error.h"
#include "lib/pickle/outline.h"

namespace gt::repair {

struct Survey {
  std::uint64_t end = 0;                       // behind STOP, or of the opcode at which reading ended
  std::optional<Error> error;                  // why it ended there; nullopt: at STOP
  pickle::Outline outline;                     // what is on the stack at the end
  pickle::Opcode last = pickle::Opcode::MARK;  // the opcode before the end that does more than store into the memo
  // A line ends with \r that no pickler ends so: the file went through Windows text mode.
  bool has_windows_lines = false;

  bool is_whole() const { return !error; }
};

Survey survey(std::string_view pickle);

}  // namespace gt::repair
