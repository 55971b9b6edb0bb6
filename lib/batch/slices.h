// Cuts a walk into pieces of work for threads.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/batch/orphans.h"
#include "lib/batch/output_tree.h"
#include "lib/batch/runner.h"
#include "lib/batch/walk.h"

namespace gt::batch {

struct Item {
  Source source;
  std::shared_ptr<OutputDirectory> directory;
  std::string conflict = {};         // not empty: what else would write the same name, and this is not converted
  std::optional<Error> failed = {};  // a directory that could not be read; `source` has its name only
  std::string orphan = {};           // not empty: an output whose source is gone, and there is none here
};

// The work that one thread does and publishes at once, and its place in the order of the walk.
struct Slice {
  std::uint64_t number = 0;
  std::vector<Item> items;
};

class Slices {
 public:
  Slices(Walk& walk, const OutputTree& tree, const RunOptions& options, std::size_t size)
      : walk_(walk), tree_(tree), options_(options), size_(size), orphans_(tree) {}

  // Not for several threads at once. Sources that would write one name are found before any of their directory is handed out:
  // only those that could, by their names, are converted for it.
  std::optional<Slice> next();

 private:
  // A directory that is being handed out. It can have very many files: what an item has is made when its turn comes.
  struct Waiting {
    Group group;
    std::shared_ptr<OutputDirectory> directory;
    std::map<std::size_t, std::string> conflicts = {};  // by the number of the source
    std::vector<std::string> orphans = {};
    std::size_t taken = 0;
    std::size_t left() const { return group.faults.size() + group.sources.size() + orphans.size() - taken; }
    Item take();
  };
  Waiting prepare(Group group);
  std::map<std::size_t, std::string> conflicts_of(const std::vector<Source>& sources) const;

  Walk& walk_;
  const OutputTree& tree_;
  const RunOptions& options_;
  std::size_t size_;
  Orphans orphans_;
  std::uint64_t next_number_ = 0;
  std::deque<Waiting> waiting_;
  std::size_t left_ = 0;  // in all of these
  bool is_done_ = false;
};

}  // namespace gt::batch
