// Pickles that something on their way has changed, back to what the pickler wrote.
//
// Windows text mode writes each \n as \r\n: the only file that becomes this one is the one with every \r before a \n taken
// away, whatever stood before it (Python escapes a \n inside a string, so that a genuine \r\n can only end a line).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"

namespace gt::repair {

struct Mended {
  std::string bytes;             // empty while nothing was repaired: the pickle is as it was
  std::vector<Finding> repairs;  // with offsets in the pickle as it was given
};

enum class ByteOrderMark : std::uint8_t { None, Removed };

// Undoes line ends of Windows text mode, an end-of-file mark (0x1a) with what pads it, bytes behind the end, and a missing
// STOP. `mark` says that one stood before the pickle: then an editor may have changed its encoding, too. Throws
// RepairAmbiguous where two readings are possible. What cannot be repaired is left for the decoder to say.
Mended mend(std::string_view pickle, ByteOrderMark mark = ByteOrderMark::None);

}  // namespace gt::repair
