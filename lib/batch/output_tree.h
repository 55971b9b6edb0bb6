// The output tree: what is there, and how files get there.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/fd.h"
#include "lib/base/files.h"
#include "lib/batch/manifest.h"

namespace gt::batch {

// A file that takes another's place has this name for a moment. One that a kill left is removed by the next run that writes
// there.
constexpr const char* k_temporary_name = ".gt-migrate.new";

// The root. Locked against a second run as long as this lives, by a lock of the directory itself that ends with the process.
class OutputTree {
 public:
  enum class Missing : std::uint8_t { Create, Accept, Refuse };
  // Throws Usage if another run has it; FileNotFound if there is none and `missing` is Refuse.
  OutputTree(std::string path, Missing missing);

  const std::string& path() const { return path_; }
  int fd() const { return fd_.get(); }     // -1: there is none
  bool is_new() const { return is_new_; }  // made by this
  // The names of directories in a directory that is there, sorted. Links are none.
  std::vector<std::string> subdirectories(const std::string& relative) const;
  // Throws System if its path leads elsewhere now, or nowhere: then outputs are not where they are looked for.
  void require_in_place() const;
  // Waits until the disk has all that was written to this file system.
  void sync() const;

 private:
  std::string path_;
  bool is_new_ = false;
  Fd fd_;
};

// What is there under the name of an output.
enum class There : std::uint8_t { Nothing, Same, Ours, Foreign, Directory };

// One directory of the tree, which need not be there yet. Threads may share it.
class OutputDirectory {
 public:
  OutputDirectory(const OutputTree& tree, std::string relative) : tree_(tree), relative_(std::move(relative)) {}

  // Looks, without making anything. Throws when it cannot look, or where a link stands in the way.
  There compare(const std::string& name, std::string_view text) { return look(name, text); }
  // Of a file that the manifest names: Nothing, Ours or Foreign.
  There find(const std::string& name) { return look(name, std::nullopt); }
  const Manifest& manifest();
  bool is_there();
  // The file itself, if it is one of less than a megabyte.
  std::string read(const std::string& name);

  // Makes the directory if it is not there. The descriptor lives as long as this.
  int create();
  void append(const std::vector<Record>& records);

  const std::string& relative() const { return relative_; }
  std::string relative_path_of(const std::string& name) const;  // to the root
  std::string path_of(const std::string& name) const;
  // Only one file at a time can have the temporary name.
  std::mutex& naming() { return naming_; }
  Error failure(int errno_value, std::string_view action, const std::string& name) const;

 private:
  There look(const std::string& name, std::optional<std::string_view> text);
  void open();
  void load_manifest();

  const OutputTree& tree_;
  std::string relative_;
  std::mutex naming_;
  std::mutex mutex_;  // of what follows
  bool is_open_tried_ = false;
  Fd fd_;
  bool is_new_ = false;  // made by this: nothing is there but what the manifest names
  Manifest manifest_;
  std::set<std::string> left_behind_;  // files that a stopped run did not replace after their last line
};

// Files of one or several directories that get their names together: all are written without names, then all lines of
// manifests, then everything is synced once, then they are named. A kill leaves whole files only.
class Publication {
 public:
  explicit Publication(Durability durability) : durability_(durability) {}

  // Throws what writing throws: a full disk, a directory that vanished.
  void stage(std::shared_ptr<OutputDirectory> directory, std::string name, std::string_view text, const Hash& source,
             There there);
  void publish();

 private:
  struct Staged {
    std::shared_ptr<OutputDirectory> directory;
    Record record;
    There there;
    Fd fd;             // none where a file cannot be without a name:
    std::string text;  // then it is written when it gets one
  };
  void append_records();
  void sync() const;
  void give_name(const Staged& file) const;
  void replace(const Staged& file) const;

  Durability durability_;
  std::vector<Staged> files_;
};

}  // namespace gt::batch
