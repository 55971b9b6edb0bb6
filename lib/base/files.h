// Reading inputs whole, and publishing outputs so that a reader never sees half of one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/error.h"

namespace gt {

// The bytes of an input, and its identity so that an output can be told from it. Owns the mapping or the buffer.
class Input {
 public:
  // Reads `path`, or standard input for "-". Regular files are mapped, everything else is read to its end.
  // Throws FileNotFound, FileIsDirectory, FileUnreadable, LimitSize (more than `max_bytes`).
  static Input read(const std::string& path, std::uint64_t max_bytes = k_max_bytes);

  Input(Input&& other) noexcept;
  Input& operator=(Input&& other) noexcept;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  std::string_view bytes() const { return {data_, size_}; }
  const std::string& name() const { return name_; }
  // True if `path` names the very file this input was read from (device and inode), whatever the spelling.
  bool is_same_file(const std::string& path) const;

  // String values keep 34 bits of offset (lib/object/graph.h).
  static constexpr std::uint64_t k_max_bytes = std::uint64_t{16} << 30;

 private:
  Input() = default;
  void release() noexcept;

  std::string name_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  bool mapped_ = false;
  std::string buffer_;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

enum class Clobber : std::uint8_t { Replace, Refuse };
// Sync waits until the disk has the file, so that a power cut after publish() loses nothing. NoSync leaves that to the
// operating system: a crash of the program still leaves whole files only.
enum class Durability : std::uint8_t { Sync, NoSync };

// A file that appears whole under its name or not at all: written beside its target without a name of its own where the
// file system can do that, synced, given its name, the directory synced. Not published (an exception, a crash, a kill),
// it leaves the target as it was. An existing target keeps its permission bits; a symbolic link is followed, so that the
// link stays a link. "-" is standard output, and a target that is no regular file (a device, a pipe) is written in place.
class OutputFile {
 public:
  // Throws FileExists (Clobber::Refuse), FileIsDirectory, FileUnwritable.
  explicit OutputFile(std::string path, Clobber clobber = Clobber::Replace, Durability durability = Durability::Sync);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  void write(std::string_view bytes);  // throws System (disk full and the like), naming the target
  // Over bytes that have been written, for formats that begin with what is known at their end. Throws FileUnwritable where the
  // target is written in place: a pipe cannot go back.
  void write_at(std::uint64_t offset, std::string_view bytes);
  void publish();  // at most once; nothing may be written afterwards

 private:
  void open_beside();
  void give_name();
  Error failure(int errno_value, std::string_view action) const;

  std::string path_;    // as the user wrote it, for messages
  std::string target_;  // links resolved
  std::string directory_;
  std::string temporary_;  // empty while the file has no name
  Clobber clobber_;
  Durability durability_;
  int fd_ = -1;
  bool in_place_ = false;
};

// Writes a whole small file through OutputFile.
void write_file(const std::string& path, std::string_view bytes, Clobber clobber = Clobber::Replace);

}  // namespace gt
