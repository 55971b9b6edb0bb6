// A pickle as text, opcode by opcode, in the form of Python's pickletools.dis, with the depth of the stack behind each line:
//
//     0: (    MARK                                    ; stack 0, marks 1
//     1: i        INST       'm C' (MARK at 0)        ; stack 1
//    ...
// highest protocol among opcodes = 0
//
// Line by line while reading: memory grows with the pickle's stack and memo, not with its size.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/sink.h"

namespace gt::pickle {

// What lies deeper is indented no further: each line of a forged file would be longer than the one before.
inline constexpr std::uint64_t k_most_indented = 32;

// Writes the pickle that begins at `start` of `file` up to its STOP, and returns the offset behind it. At an error, what is
// good is written first: then throws PickleTruncated, PickleUnknownOpcode, PickleBadArgument, PickleStackUnderflow,
// PickleNoMark, PickleMemoUnset. Strings that Python would refuse are shown as they are.
std::uint64_t disassemble(std::string_view file, std::uint64_t start, Sink& sink);

}  // namespace gt::pickle
