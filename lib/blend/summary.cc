#include "lib/blend/summary.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "lib/base/fd.h"
#include "lib/blend/contents.h"
#include "lib/blend/externals.h"
#include "lib/blend/scenes.h"

namespace gt::blend {
namespace {

// Without waiting for the other end of a pipe, and without making a terminal that of this process.
Fd open_regular(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat info {};
  if (!fd && errno == EACCES) throw Error(ErrorCode::FileUnreadable, "cannot be read: permission denied");
  if (!fd || ::fstat(fd.get(), &info) != 0) throw os_error(errno, "open the scene", {});
  if (S_ISDIR(info.st_mode)) throw Error(ErrorCode::FileIsDirectory, "is a directory, not a file");
  if (!S_ISREG(info.st_mode)) throw Error(ErrorCode::FileUnreadable, "is no regular file");
  return fd;
}

void note(Summary& summary, std::string message) {
  summary.notes.push_back({.severity = Finding::Severity::Note, .message = std::move(message), .where = {}});
}

void read_global(const Contents& contents, Summary& out) {
  const std::vector<Record> globals = contents.all("FileGlobal");
  const Record global = globals.empty() ? Record() : globals.front();
  if (const auto value = global.number("subversion")) out.subversion = static_cast<int>(*value);
  if (const auto value = global.number("minversion")) out.minimum_version = static_cast<int>(*value);
  if (const Record scene = global.follow("curscene", "Scene")) out.active_scene = data_block_name(scene);
}

// Blender, too, takes the first scene if the file does not say which one it was.
void settle_active(Summary& out) {
  if (out.scenes.empty()) return note(out, "there is no scene in the file: nothing to render");
  if (out.active() != nullptr) return;
  out.active_scene = out.scenes.front().name;
  note(out, "the file does not say which scene is active: the first one is taken");
}

Summary summarise(int fd, const Limits& limits) {
  Summary out;
  out.compression = recognise_compression(fd);
  const Contents contents(fd, out.compression, limits);
  out.header = contents.header();
  read_global(contents, out);
  out.scenes = read_scenes(contents, out.subversion, out.notes);
  settle_active(out);
  out.externals = read_externals(contents, limits);
  return out;
}

}  // namespace

const Scene* Summary::active() const {
  for (const Scene& scene : scenes)
    if (scene.name == active_scene) return &scene;
  return nullptr;
}

Summary read_summary(const std::filesystem::path& path, const Limits& limits) {
  const std::string name = path.string();
  try {
    const Fd fd = open_regular(name);
    Summary out = summarise(fd.get(), limits);
    for (Finding& finding : out.notes) finding.where.file = name;
    return out;
  } catch (const Error& error) {
    throw error.in_file(name);
  }
}

}  // namespace gt::blend
