// A pickle that was cut, ended: what is whole in it stays, what was being made when it ends is left out or closed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gt::repair {

struct Completed {
  std::string bytes;      // a pickle that ends; frames that went on behind `cut` are shorter now
  std::uint64_t cut = 0;  // the offset from which on nothing was kept
};

// `pickle` is one that ends, or breaks, before its STOP. Lists, dicts and instances keep the items that are whole; a tuple, a
// call or a key that was being made is left out, and so is a value of which the bytes do not tell what it is for: from protocol
// 2 on, the last three plain values may be parts of a tuple. What they never tell: in protocol 1 and later, a list or dict at
// the very end may have been the first item of a tuple, and what looks like the first items of a list may have been those of a
// tuple in it. nullopt for a pickle that is whole. Throws the error of one that holds nothing whole, or breaks a rule in
// another way than by ending.
std::optional<Completed> complete(std::string_view pickle);

}  // namespace gt::repair
