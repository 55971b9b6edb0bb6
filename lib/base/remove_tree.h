// Removing directories that somebody hostile may have filled.
#pragma once

#include <filesystem>

namespace gt {

// Removes `tree` and all below it; nothing if it is not there. Follows no link and leaves what is mounted below it alone. Works
// with directories that their owner cannot read, and with any number of entries and depth: nothing recurses, and no more than
// a few descriptors are open. Goes on after a failure, so that as much as possible is gone, then throws System for the first.
// What a kill in the middle leaves, the next call removes.
void remove_tree(const std::filesystem::path& tree);

}  // namespace gt
