#include "lib/docker/capped_log.h"

#include <algorithm>

namespace gt::docker {

void CappedLog::write(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room_, bytes.size())));
  file_.write(head);
  room_ -= head.size();
  std::string_view rest = bytes.substr(head.size());
  over_ += rest.size();
  if (rest.size() > k_tail) rest.remove_prefix(rest.size() - k_tail);
  tail_ += rest;
  // Not at each write: moving 64 KiB for every byte would be slow.
  if (tail_.size() > 2 * k_tail) tail_.erase(0, tail_.size() - k_tail);
}

void CappedLog::finish() {
  if (over_ == 0) return;
  if (tail_.size() > k_tail) tail_.erase(0, tail_.size() - k_tail);
  if (left_out() > 0) {
    file_.write("\n[gt-tools: " + std::to_string(left_out()) + " bytes were left out here; the limit of this log is " +
                std::to_string(limit_) + " bytes]\n");
  }
  file_.write(tail_);
}

}  // namespace gt::docker
