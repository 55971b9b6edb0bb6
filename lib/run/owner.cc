#include "lib/run/owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace gt::run {
namespace {

std::optional<uid_t> to_id(const std::string& text) {
  uid_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return id;
}

}  // namespace

Owner Owner::find(uid_t effective_uid, gid_t effective_gid, const std::string& sudo_uid, const std::string& sudo_gid) {
  const auto uid = to_id(sudo_uid);
  const auto gid = to_id(sudo_gid);
  // Only root can hand files over; for anyone else the variables mean nothing.
  if (effective_uid != 0 || !uid || !gid || *uid == 0) return {effective_uid, effective_gid, false};
  return {*uid, *gid, true};
}

void give_to(const Owner& owner, int fd, const std::filesystem::path& name) {
  if (!owner.is_other) return;
  if (::fchown(fd, owner.uid, owner.gid) != 0) throw os_error(errno, "change the owner", name.string());
}

void give_to(const Owner& owner, const std::filesystem::path& path) {
  if (!owner.is_other) return;
  // The directory belongs to the user: a link put there must not make root hand over what it points at.
  const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return;
  if (S_ISDIR(info.st_mode) || (S_ISREG(info.st_mode) && info.st_nlink == 1)) give_to(owner, file.get(), path);
}

}  // namespace gt::run
