// A file for what a container reads or wrote. Its directory may have been in a container's hands before, so no link is
// followed, and neither a pipe nor a device is opened. Not atomic and not synced: it is made anew with its container.
#pragma once

#include <filesystem>
#include <string_view>

namespace gt::docker {

class PlainFile {
 public:
  // Creates or empties `path`, readable by everyone: the container's user need not be the caller.
  explicit PlainFile(std::filesystem::path path);
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile();

  void write(std::string_view bytes);
  void restart();  // empties it

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace gt::docker
