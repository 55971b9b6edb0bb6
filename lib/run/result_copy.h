// A result on its way from a container's output directory to the results of a run.
#pragma once

#include <filesystem>
#include <system_error>

#include "lib/base/remove_tree.h"

namespace gt::run {

// A copy that the container cannot change any more; removed unless it is kept.
class ResultCopy {
 public:
  // Beside `target`, which stays as it is until then.
  explicit ResultCopy(const std::filesystem::path& target) : target_(target), path_(target.string() + ".new") {
    remove_tree(path_);  // of a run that was killed
  }
  ResultCopy(const ResultCopy&) = delete;
  ResultCopy& operator=(const ResultCopy&) = delete;
  ~ResultCopy() {
    std::error_code ignored;
    if (!is_kept_) std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& target() const { return target_; }
  void keep() {
    if (std::filesystem::is_directory(path_)) remove_tree(target_);  // a file is replaced
    std::filesystem::rename(path_, target_);
    is_kept_ = true;
  }

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  bool is_kept_ = false;
};

}  // namespace gt::run
