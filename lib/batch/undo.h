// Takes back what runs wrote.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace gt::batch {

struct Undone {
  std::uint64_t removed = 0;
  std::uint64_t kept = 0;  // changed since they were written
  std::uint64_t gone = 0;  // not there any more
};

// Removes each file that a manifest below `output` says was written, if it is as it was written; then a manifest that has no
// kept file, and directories that are empty. `on_kept` gets the path of each file that stays although a manifest names it. The
// root stays. Can be stopped at any moment and run again. Throws what the file system says.
Undone undo(const std::string& output, const std::function<void(const std::string& path)>& on_kept);

}  // namespace gt::batch
