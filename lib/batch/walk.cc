#include "lib/batch/walk.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "lib/base/text.h"

namespace gt::batch {
namespace {

std::string joined(const std::string& directory, std::string_view name) {
  return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

mode_t type_at(int directory, const char* name, Links links) {
  struct stat info {};
  if (::fstatat(directory, name, &info, links == Links::Follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0) return info.st_mode & S_IFMT;
  // A link that leads nowhere is a source that cannot be read.
  return links == Links::Follow ? S_IFREG : 0;
}

mode_t type_of(int directory, const dirent& entry, Links links) {
  switch (entry.d_type) {
    case DT_REG: return S_IFREG;
    case DT_DIR: return S_IFDIR;
    case DT_LNK:
      if (links == Links::Refuse) return S_IFLNK;
      [[fallthrough]];
    default: return type_at(directory, entry.d_name, links);
  }
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash == 0 ? 1 : slash);
}

// errno says which.
void add_fault(Group& group, const std::string& directory) {
  group.faults.push_back({directory, os_error(errno, "read", directory)});
  group.is_whole = false;
}

// "/a//b/./c.gt" is a/b/c.gt.
std::string without_dots(const std::string& path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (part == "..")
      throw Error(ErrorCode::Usage, "a path of a list with .. says nothing about where its output should be",
                  {.file = printable(path, 400)}, "list paths without ..");
    if (!part.empty() && part != ".") out = joined(out, part);
    at = end + 1;
  }
  return out;
}

}  // namespace

Fd open_beneath(int root, const std::string& relative, Links links) {
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (links == Links::Refuse ? O_NOFOLLOW : 0);
  Fd at(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t begin = 0; at && begin < relative.size();) {
    const std::size_t end = std::min(relative.find('/', begin), relative.size());
    at = Fd(::openat(at.get(), relative.substr(begin, end - begin).c_str(), flags));
    begin = end + 1;
  }
  return at;
}

Walk::Walk(const std::vector<std::string>& paths, Options options) : options_(std::move(options)) {
  std::vector<Branch> branches;
  for (const std::string& path : paths) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) throw os_error(errno, "read", path);
    if (!S_ISDIR(info.st_mode)) {
      named_[""].push_back(path);
      continue;
    }
    auto root = std::make_shared<SourceDirectory>();
    root->path = path;
    while (root->path.size() > 1 && root->path.back() == '/') root->path.pop_back();
    root->fd = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root->fd) throw os_error(errno, "read", path);
    branches.push_back({roots_.size(), nullptr});
    roots_.push_back(std::move(root));
  }
  if (!branches.empty()) pending_.push_back({"", std::move(branches)});
}

void Walk::add_listed(const std::string& path) { named_[folder_of(without_dots(path))].push_back(path); }

std::optional<Group> Walk::next() {
  Group group;
  if (!pending_.empty()) {
    const Pending here = std::move(pending_.back());
    pending_.pop_back();
    group.relative = here.relative;
    group.is_whole = true;
    Children children;
    for (const Branch& branch : here.branches) read(here.relative, branch, group, children);
    std::stable_sort(group.sources.begin(), group.sources.end(),
                     [](const Source& a, const Source& b) { return a.name < b.name; });
    for (auto child = children.rbegin(); child != children.rend(); ++child)
      pending_.push_back({joined(here.relative, child->first), std::move(child->second)});
  } else if (!named_.empty()) {
    group.relative = named_.begin()->first;
  } else {
    return std::nullopt;
  }
  add_named(group.relative, group);
  return group;
}

void Walk::read(const std::string& relative, const Branch& branch, Group& group, Children& children) {
  const SourceDirectory& root = *roots_[branch.root];
  auto directory = std::make_shared<SourceDirectory>();
  directory->path = relative.empty() ? root.path : joined(root.path == "/" ? "" : root.path, relative);
  directory->fd = open_beneath(root.fd.get(), relative, options_.links);
  struct stat info {};
  Fd list(directory->fd ? ::openat(directory->fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1);
  if (!list || ::fstat(list.get(), &info) != 0) {
    add_fault(group, directory->path);
    return;
  }
  const auto place = std::make_shared<const Place>(Place{info.st_dev, info.st_ino, branch.parent});
  for (const Place* above = branch.parent.get(); above != nullptr; above = above->parent.get())
    if (above->device == info.st_dev && above->inode == info.st_ino) {  // a link back up
      group.is_whole = false;
      return;
    }
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(list.get()));
  if (!stream) throw os_error(errno, "read", directory->path);
  list.release();
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    const std::string name = entry->d_name;
    const std::string path = joined(relative, name);
    if (name == "." || name == "..") continue;
    const bool is_excluded = options_.exclude.match(path);
    const mode_t type = is_excluded ? 0 : type_of(directory->fd.get(), *entry, options_.links);
    if (type == S_IFDIR) children[name].push_back({branch.root, place});
    if ((type == S_IFREG || type == S_IFLNK) && is_wanted(path)) {
      group.sources.push_back({directory, name, type == S_IFLNK});
    } else {
      group.others.push_back(name);
    }
  }
  if (errno != 0) add_fault(group, directory->path);
}

bool Walk::is_wanted(const std::string& relative_path) const {
  return options_.include.empty() || options_.include.match(relative_path);
}

void Walk::add_named(const std::string& relative, Group& group) {
  const auto found = named_.find(relative);
  if (found == named_.end()) return;
  std::vector<std::string> paths = std::move(found->second);
  named_.erase(found);
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::shared_ptr<const SourceDirectory> directory;
  for (const std::string& path : paths) {
    const std::string folder = folder_of(path);
    if (!directory || directory->path != folder) {
      const auto opened = std::make_shared<SourceDirectory>();
      opened->path = folder;
      opened->fd = Fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (!opened->fd) {
        add_fault(group, path);
        continue;
      }
      directory = opened;
    }
    const std::string name = path.substr(path.rfind('/') + 1);
    const std::string key = joined(relative, name);
    if (!options_.exclude.match(key) && is_wanted(key)) {
      group.sources.push_back({directory, name, false});
    } else {
      group.others.push_back(name);
    }
  }
}

}  // namespace gt::batch
