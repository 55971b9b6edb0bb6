// The entry of libFuzzer for the target that the build names.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

#include "tests/fuzz/pickle_streams.h"
#include "tests/fuzz/targets.h"

#ifdef GT_FUZZ_PICKLES
// Streams of opcodes that fit together, and whole opcodes of the corpus in other places; half of the time libFuzzer's own ways.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::mt19937_64 random(seed);
  if (random() % 2 == 0) return LLVMFuzzerMutate(data, size, most);
  std::string stream(reinterpret_cast<const char*>(data), size);
  if (random() % 8 == 0) {
    stream = gt::fuzz::make_stream(random, {.steps = 40});
  } else {
    gt::fuzz::change_opcodes(stream, random);
  }
  const std::size_t length = std::min(stream.size(), most);
  std::copy_n(stream.begin(), length, data);
  return length;
}
#endif

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gt::fuzz::GT_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
