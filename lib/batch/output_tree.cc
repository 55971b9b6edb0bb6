#include "lib/batch/output_tree.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "lib/base/text.h"
#include "lib/batch/walk.h"

namespace gt::batch {
namespace {

constexpr int k_directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

// Makes what is missing of `relative`, component by component: a link in the output tree could lead to the sources. Says
// whether the last was missing.
Fd create_beneath(int root, const std::string& relative, bool& is_new) {
  Fd at(::openat(root, ".", k_directory_flags));
  for (std::size_t begin = 0; at && begin < relative.size();) {
    const std::size_t end = std::min(relative.find('/', begin), relative.size());
    const std::string name = relative.substr(begin, end - begin);
    is_new = ::mkdirat(at.get(), name.c_str(), 0777) == 0;
    if (!is_new && errno != EEXIST) return {};
    at = Fd(::openat(at.get(), name.c_str(), k_directory_flags));
    begin = end + 1;
  }
  return at;
}

// True if it was missing.
bool create_root(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    const bool is_new = ::mkdir(part.c_str(), 0777) == 0;
    if (!is_new && errno != EEXIST) throw os_error(errno, "create the output root", path);
    if (end == std::string::npos) return is_new;
  }
}

// Of a file that is open; errno says why not.
bool read_all(int fd, std::string& out) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return false;
  out.resize(static_cast<std::size_t>(info.st_size));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::read(fd, out.data() + done, out.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  out.resize(done);
  return true;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// Gives a file without a name one; errno says why not. The direct way is open to root, and from Linux 6.10 on to whoever
// opened the file.
bool link_nameless(int file, int directory, const std::string& name) {
  if (::linkat(file, "", directory, name.c_str(), AT_EMPTY_PATH) == 0) return true;
  if (errno != ENOENT) return false;
  const std::string self = "/proc/self/fd/" + std::to_string(file);
  return ::linkat(AT_FDCWD, self.c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

}  // namespace

OutputTree::OutputTree(std::string path, Missing missing) : path_(std::move(path)) {
  if (missing == Missing::Create) is_new_ = create_root(path_);
  fd_ = Fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd_ && errno == ENOENT && missing == Missing::Accept) return;
  if (!fd_) throw os_error(errno, "open the output root", path_);
  if (::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  throw Error(ErrorCode::Usage, "another migrate-tasks is at work in this output root", {.file = path_},
              "wait until it has ended");
}

std::vector<std::string> OutputTree::subdirectories(const std::string& relative) const {
  Fd fd = open_beneath(fd_.get(), relative, Links::Refuse);
  const std::unique_ptr<DIR, CloseDirectory> stream(fd ? ::fdopendir(fd.get()) : nullptr);
  if (!stream) throw os_error(errno, "read", path_ + "/" + relative);
  const int directory = fd.release();
  std::vector<std::string> out;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    struct stat info {};
    if (name == "." || name == "..") continue;
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode)) out.push_back(name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string OutputDirectory::relative_path_of(const std::string& name) const {
  return relative_.empty() ? name : relative_ + "/" + name;
}

std::string OutputDirectory::path_of(const std::string& name) const { return tree_.path() + "/" + relative_path_of(name); }

Error OutputDirectory::failure(int errno_value, std::string_view action, const std::string& name) const {
  const std::string path = printable(path_of(name), 1000);
  if (errno_value == ELOOP || errno_value == ENOTDIR)
    return Error(ErrorCode::FileUnwritable, "a symbolic link or a file stands where an output directory should be",
                 {.file = path}, "remove it, or choose another output root");
  if (errno_value == ENOSPC || errno_value == EDQUOT)
    return Error(ErrorCode::System, "the disk is full", {.file = path},
                 "make space and run the same command again: it goes on where this one stopped");
  return os_error(errno_value, action, path);
}

void OutputDirectory::open() {
  if (is_open_tried_) return;
  is_open_tried_ = true;
  if (tree_.fd() < 0) return;
  fd_ = open_beneath(tree_.fd(), relative_, Links::Refuse);
  is_new_ = relative_.empty() && tree_.is_new();
  if (fd_) return load_manifest();
  if (errno != ENOENT) throw failure(errno, "open", "");
}

void OutputDirectory::load_manifest() {
  const Fd file(::openat(fd_.get(), k_manifest_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::string text;
  if (!file && errno == ENOENT) return;
  if (!file || !read_all(file.get(), text)) throw failure(errno, "read", k_manifest_name);
  manifest_ = Manifest(text);
}

const Manifest& OutputDirectory::manifest() {
  const std::lock_guard lock(mutex_);
  open();
  return manifest_;
}

bool OutputDirectory::is_there() {
  const std::lock_guard lock(mutex_);
  open();
  return static_cast<bool>(fd_);
}

There OutputDirectory::look(const std::string& name, std::optional<std::string_view> text) {
  const std::lock_guard lock(mutex_);
  open();
  if (!fd_ || (is_new_ && manifest_.find(name) == nullptr)) return There::Nothing;
  const Fd file(::openat(fd_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == ENOENT) return There::Nothing;
  if (!file && errno == ELOOP) return There::Foreign;
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) throw failure(errno, "read", name);
  if (S_ISDIR(info.st_mode)) return There::Directory;
  if (!S_ISREG(info.st_mode)) return There::Foreign;
  std::string there;
  if (!read_all(file.get(), there)) throw failure(errno, "read", name);
  if (there == text) return There::Same;
  const Manifest::Entry* entry = manifest_.find(name);
  const Hash hash = hash_of(there);
  if (entry == nullptr || !entry->is_ours(hash)) return There::Foreign;
  if (hash != entry->output) left_behind_.insert(name);
  return There::Ours;
}

std::string OutputDirectory::read(const std::string& name) {
  const std::lock_guard lock(mutex_);
  constexpr off_t k_most = off_t{1} << 20;
  const Fd file(::openat(fd_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info {};
  std::string out;
  const bool is_small = file && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size < k_most;
  if (!is_small || !read_all(file.get(), out)) out.clear();
  return out;
}

int OutputDirectory::create() {
  const std::lock_guard lock(mutex_);
  open();
  if (!fd_) fd_ = create_beneath(tree_.fd(), relative_, is_new_);
  if (!fd_) throw failure(errno, "create", "");
  return fd_.get();
}

void OutputDirectory::append(const std::vector<Record>& records) {
  const std::lock_guard lock(mutex_);
  std::vector<Record> added;
  for (const Record& record : records) {
    // Only the last two lines of a name count: what is there now is to be one of them.
    const Manifest::Entry* entry = manifest_.find(record.name);
    if (left_behind_.erase(record.name) != 0) added.push_back({record.name, *entry->before, entry->source});
    added.push_back(record);
  }
  std::string lines = "\n";  // what a kill cut before stays a line of its own
  for (const Record& record : added) lines += to_line(record);
  const Fd file(::openat(fd_.get(), k_manifest_name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file || !write_all(file.get(), lines)) throw failure(errno, "write", k_manifest_name);
  for (const Record& record : added) manifest_.add(record);
}

void OutputTree::require_in_place() const {
  struct stat mine {};
  struct stat there {};
  const bool is_there = ::fstat(fd_.get(), &mine) == 0 && ::stat(path_.c_str(), &there) == 0;
  if (is_there && mine.st_dev == there.st_dev && mine.st_ino == there.st_ino) return;
  throw Error(ErrorCode::System, "the output root was moved or replaced while the run went on", {.file = path_},
              "what was written is in the directory that was there at the beginning");
}

void OutputTree::sync() const {
  if (::syncfs(fd_.get()) != 0) throw os_error(errno, "sync the file system of", path_);
}

void Publication::stage(std::shared_ptr<OutputDirectory> directory, std::string name, std::string_view text, const Hash& source,
                        There there) {
  Fd file(::openat(directory->create(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
  const bool must_have_name = !file && (errno == EOPNOTSUPP || errno == EISDIR);
  if (!must_have_name && (!file || !write_all(file.get(), text))) throw directory->failure(errno, "write", name);
  files_.push_back({std::move(directory),
                    {std::move(name), hash_of(text), source},
                    there,
                    std::move(file),
                    std::string(must_have_name ? text : "")});
}

void Publication::publish() {
  append_records();
  sync();
  for (const Staged& file : files_) give_name(file);
  files_.clear();
}

// Files of one directory were staged one behind the other.
void Publication::append_records() {
  for (std::size_t begin = 0, end = 0; begin < files_.size(); begin = end) {
    std::vector<Record> records;
    for (; end < files_.size() && files_[end].directory == files_[begin].directory; ++end)
      records.push_back(files_[end].record);
    files_[begin].directory->append(records);
  }
}

// One call for all of them. The names that they get are on disk with the next one, or with the last of the run.
void Publication::sync() const {
  if (durability_ == Durability::NoSync || files_.empty()) return;
  if (::syncfs(files_[0].directory->create()) != 0) throw files_[0].directory->failure(errno, "sync", "");
}

void Publication::give_name(const Staged& file) const {
  if (file.there != There::Nothing || !file.fd) return replace(file);
  if (!link_nameless(file.fd.get(), file.directory->create(), file.record.name))
    throw file.directory->failure(errno, "create", file.record.name);
}

void Publication::replace(const Staged& file) const {
  const std::lock_guard lock(file.directory->naming());
  const int directory = file.directory->create();
  ::unlinkat(directory, k_temporary_name, 0);  // of a run that was killed
  bool is_there = false;
  if (file.fd) {
    is_there = link_nameless(file.fd.get(), directory, k_temporary_name);
  } else {
    const Fd fd(::openat(directory, k_temporary_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    is_there = fd && write_all(fd.get(), file.text) && (durability_ == Durability::NoSync || ::fsync(fd.get()) == 0);
  }
  if (!is_there || ::renameat(directory, k_temporary_name, directory, file.record.name.c_str()) != 0)
    throw file.directory->failure(errno, "write", file.record.name);
}

}  // namespace gt::batch
