// Outputs of earlier runs whose sources are not there any more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/batch/output_tree.h"
#include "lib/batch/walk.h"

namespace gt::batch {

// Goes through the output tree beside a walk through the sources. One directory at a time is held, and the names of those
// that wait.
class Orphans {
 public:
  explicit Orphans(const OutputTree& tree) : tree_(tree) {}

  // Of the directory of a group that is whole: files that its manifest names, that are there, and that no name in the sources
  // could become, whatever the options. What is below in the output tree only, next() has.
  std::vector<std::string> of(const Group& group, OutputDirectory& directory);

  // The next directory that is in the output tree only, as a group without sources; to be given to of().
  std::optional<Group> next();

 private:
  const OutputTree& tree_;
  std::vector<std::string> waiting_;  // a stack
};

}  // namespace gt::batch
