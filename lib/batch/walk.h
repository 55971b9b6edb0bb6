// Source trees, directory by directory.
#pragma once

#include <dirent.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/batch/names.h"

namespace gt::batch {

// A directory below `root`, opened component by component: no length of a path is too much, and no link leads elsewhere.
// Without a descriptor, errno says why.
enum class Links : std::uint8_t { Refuse, Follow };
Fd open_beneath(int root, const std::string& relative, Links links);

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// A directory that stays open while one of its files is under way.
struct SourceDirectory {
  Fd fd;
  std::string path;  // for messages and reports
};

struct Source {
  std::shared_ptr<const SourceDirectory> directory;
  std::string name;
  bool is_link = false;  // symbolic, and not to be followed
  std::string path() const { return directory->path.empty() ? name : directory->path + "/" + name; }
};

// The sources of one output directory: from several roots, if these have a directory of this name each.
struct Group {
  std::string relative;  // to the output root, empty for the root itself
  std::vector<Source> sources;
  struct Fault {
    std::string path;
    Error error;
  };
  std::vector<Fault> faults;        // directories that could not be read
  std::vector<std::string> others;  // names there that are no sources here: subdirectories, and what the patterns leave out
  // Directories of roots, each read to its end: what is in neither list is not there.
  bool is_whole = false;
};

// Sorted by the bytes of names, files of a directory before its subdirectories. One directory at a time is held, and the
// names of those that wait.
class Walk {
 public:
  struct Options {
    Links links = Links::Refuse;
    Globs include = {};
    Globs exclude = {};  // of directories, too
  };
  // `paths`: directories and files. A file's output goes to the output root. Throws what opening them throws.
  Walk(const std::vector<std::string>& paths, Options options);

  // A file of a list: its output goes to the directory that its path names, without a slash before it. Throws Usage for a path
  // with "..".
  void add_listed(const std::string& path);

  std::optional<Group> next();

 private:
  // Devices and inodes from a root down to a directory: a followed link that leads back up would never end.
  struct Place {
    std::uint64_t device;
    std::uint64_t inode;
    std::shared_ptr<const Place> parent;
  };
  struct Branch {
    std::size_t root;
    std::shared_ptr<const Place> parent;
  };
  struct Pending {
    std::string relative;
    std::vector<Branch> branches;
  };
  using Children = std::map<std::string, std::vector<Branch>>;

  void read(const std::string& relative, const Branch& branch, Group& group, Children& children);
  void add_named(const std::string& relative, Group& group);
  bool is_wanted(const std::string& relative_path) const;

  Options options_;
  std::vector<std::shared_ptr<const SourceDirectory>> roots_;
  std::vector<Pending> pending_;                           // a stack
  std::map<std::string, std::vector<std::string>> named_;  // files by the output directory, as the user wrote them
};

}  // namespace gt::batch
