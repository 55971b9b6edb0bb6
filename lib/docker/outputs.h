// What a job left in its output directory. It ran a script from outside, so there may be links to anywhere, devices, pipes, a
// million files or a terabyte of nothing, and names with any byte but '/' and NUL.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace gt::docker {

struct OutputLimits {
  std::size_t entries = 10'000;                          // files, directories and all else
  std::size_t depth = 32;                                // directories in a name, the output directory not counted
  std::uint64_t file_bytes = std::uint64_t{64} << 30;    // of one file, by its length
  std::uint64_t total_bytes = std::uint64_t{256} << 30;  // of all of them
};

// How names are opened: by the kernel's own openat2, or, where that is missing, component by component. Both follow no link
// and leave neither the directory nor its file system.
enum class Opening : std::uint8_t { Kernel, Walk };

// Only regular files with one name are taken. Call it when the container has ended.
class Outputs {
 public:
  struct File {
    std::string name;  // below the directory, '/' between components; any other bytes
    std::uint64_t size = 0;
  };
  struct Listing {
    std::vector<File> files;       // sorted by name, bytewise
    std::vector<Finding> refused;  // what else there was, and why it is not taken
  };

  // Throws os_error if it cannot be opened; it may not be a link itself.
  explicit Outputs(std::filesystem::path directory, OutputLimits limits = {}, Opening opening = Opening::Kernel);

  // Throws ResultInvalid at more entries or bytes than the limits allow; never holds more than those.
  Listing list() const;
  // For reading. Throws ResultInvalid for a name that leads elsewhere, for what is no regular file, and for one that is too
  // large; FileNotFound if there is nothing.
  Fd open(std::string_view name) const;
  // Copies the file's bytes, and nothing else of it, to `target`, which appears whole or not at all (base/files.h). Throws
  // what open and OutputFile throw, and ResultInvalid if the file changes meanwhile.
  void copy(std::string_view name, const std::filesystem::path& target) const;

 private:
  Fd open_beneath(const std::string& name, int flags) const;
  Fd walk(std::string_view name, int flags) const;
  Error invalid(std::string_view name, const std::string& message, std::string hint = {}) const;

  std::filesystem::path directory_;
  OutputLimits limits_;
  Opening opening_;
  Fd root_;
  std::uint64_t device_ = 0;
};

}  // namespace gt::docker
