// Whose files a run makes and as whom its containers run.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace gt::run {

// The caller; under sudo the user who called sudo, who would otherwise find files that only root can remove.
struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
  bool is_other = false;  // not the effective user: what is made must be handed over

  // `sudo_uid` and `sudo_gid` are the values of SUDO_UID and SUDO_GID, empty when unset.
  static Owner find(uid_t effective_uid, gid_t effective_gid, const std::string& sudo_uid, const std::string& sudo_gid);
};

void give_to(const Owner& owner, int fd, const std::filesystem::path& name);
// Opens `path` without following a link; does nothing when it is no directory and no regular file with this one name.
void give_to(const Owner& owner, const std::filesystem::path& path);

}  // namespace gt::run
