#include <algorithm>

#include "lib/blend/summary.h"

namespace gt::blend {
namespace {

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool has_drive(std::string_view path) {
  return path.size() >= 3 && is_letter(path[0]) && path[1] == ':' && (path[2] == '/' || path[2] == '\\');
}

}  // namespace

// As BLI_path_abs (blenlib/intern/path_util.c), but that a drive is nowhere here; Blender would look for "/c/x".
std::optional<std::filesystem::path> resolve(std::string_view stored, const std::filesystem::path& directory) {
  const bool is_share = stored.substr(0, 2) == "\\\\";
  if (stored.empty() || is_share || has_drive(stored) || stored.find('\0') != std::string_view::npos) return std::nullopt;
  std::string path(stored);
  std::replace(path.begin(), path.end(), '\\', '/');
  if (stored.substr(0, 2) != "//") {
    if (path[0] != '/') return std::nullopt;
    return std::filesystem::path(path).lexically_normal();
  }
  // Without the slashes that would make the rest absolute.
  path.erase(0, std::min(path.find_first_not_of('/'), path.size()));
  return path.empty() ? std::nullopt : std::optional((directory / path).lexically_normal());
}

}  // namespace gt::blend
