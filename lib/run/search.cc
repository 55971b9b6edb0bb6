#include "lib/run/search.h"

#include <fcntl.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/run/content_hash.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

std::string hash_of(const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw os_error(errno, "read", path.string());
  return sha256_of_file(fd.get(), path.string());
}

}  // namespace

FileIndex::FileIndex(const std::vector<fs::path>& directories) {
  for (const fs::path& directory : directories) {
    std::error_code failed;
    fs::recursive_directory_iterator it(directory, fs::directory_options::skip_permission_denied, failed);
    if (failed) throw os_error(failed.value(), "search", directory.string());
    for (const fs::recursive_directory_iterator end; it != end; it.increment(failed)) {
      if (failed) break;
      std::error_code ignored;
      if (!it->is_regular_file(ignored)) continue;
      if (files_.size() == k_most_files)
        throw Error(ErrorCode::LimitNodes, "has more than " + std::to_string(k_most_files) + " files",
                    {.file = directory.string()}, "search a smaller directory");
      files_.emplace(it->path().filename().string(), it->path());
    }
  }
}

std::vector<FileIndex::Match> FileIndex::find(std::string_view name) const {
  std::set<fs::path> paths;
  const auto [first, last] = files_.equal_range(name);
  for (auto it = first; it != last; ++it) paths.insert(fs::absolute(it->second));
  std::vector<Match> out;
  std::set<fs::path> seen;
  for (const fs::path& path : paths) {
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    const std::uint64_t size = failed ? 0 : fs::file_size(real, failed);
    if (!failed && seen.insert(real).second) out.push_back({path, size});
  }
  return out;
}

bool are_copies(const std::vector<FileIndex::Match>& matches) {
  const auto differs = [&](const FileIndex::Match& match) { return match.size != matches.front().size; };
  if (std::any_of(matches.begin(), matches.end(), differs)) return false;
  const std::string hash = hash_of(matches.front().path);
  return std::all_of(matches.begin() + 1, matches.end(), [&](const auto& match) { return hash_of(match.path) == hash; });
}

}  // namespace gt::run
