// The file of one stream of a container, which may say more than any disk holds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "lib/docker/plain_file.h"

namespace gt::docker {

// Keeps the first `limit` bytes and the last k_tail: how a long log ends is what tells why a job failed. Between them stands
// a line that says how much was left out.
class CappedLog {
 public:
  static constexpr std::size_t k_tail = std::size_t{64} << 10;

  CappedLog(const std::filesystem::path& path, std::uint64_t limit) : file_(path), limit_(limit), room_(limit) {}

  void write(std::string_view bytes);
  void finish();  // writes the end of a log that was too long; nothing may be written after it
  std::uint64_t left_out() const { return over_ - tail_.size(); }

 private:
  PlainFile file_;
  std::uint64_t limit_;
  std::uint64_t room_;
  std::uint64_t over_ = 0;  // bytes beyond the limit
  std::string tail_;
};

}  // namespace gt::docker
