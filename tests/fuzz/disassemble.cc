#include "lib/pickle/disassemble.h"

#include "lib/pickle/decode.h"
#include "tests/fuzz/targets.h"

namespace gt::fuzz {

// What can be decoded can be shown, up to the same end.
void disassemble(std::string_view bytes) {
  StringSink sink;
  std::uint64_t end = 0;
  try {
    end = pickle::disassemble(bytes, 0, sink);
  } catch (const Error& error) {
    accept(error);
  }
  try {
    const std::uint64_t decoded = pickle::decode(bytes, k_pickle_limits).end;
    require(decoded == end, "the disassembly ends where decoding does");
  } catch (const Error& error) {
    accept(error);
  }
}

}  // namespace gt::fuzz
