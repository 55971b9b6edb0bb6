#include "lib/batch/undo.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "lib/batch/output_tree.h"
#include "lib/batch/walk.h"

namespace gt::batch {
namespace {

class Undo {
 public:
  Undo(const std::string& output, const std::function<void(const std::string&)>& on_kept)
      : tree_(output, OutputTree::Missing::Refuse), on_kept_(on_kept) {}

  // Subdirectories before the directory that they are in.
  Undone run() {
    struct Frame {
      std::string relative;
      std::vector<std::string> waiting;
    };
    std::vector<Frame> stack{{"", tree_.subdirectories("")}};
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (!top.waiting.empty()) {
        std::string next = (top.relative.empty() ? "" : top.relative + "/") + top.waiting.back();
        top.waiting.pop_back();
        std::vector<std::string> below = tree_.subdirectories(next);
        stack.push_back({std::move(next), std::move(below)});
        continue;
      }
      clear(top.relative);
      stack.pop_back();
    }
    return out_;
  }

 private:
  void clear(const std::string& relative) {
    OutputDirectory directory(tree_, relative);
    const std::uint64_t kept_before = out_.kept;
    const bool has_manifest = ::faccessat(directory.create(), k_manifest_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    for (const auto& [name, entry] : directory.manifest().entries()) remove(directory, name);
    if (has_manifest) ::unlinkat(directory.create(), k_temporary_name, 0);
    if (has_manifest && out_.kept == kept_before) unlink(directory, k_manifest_name);
    if (!relative.empty()) remove_if_empty(relative);
  }

  void remove(OutputDirectory& directory, const std::string& name) {
    switch (directory.find(name)) {
      case There::Nothing: ++out_.gone; return;
      case There::Ours:
        unlink(directory, name);
        ++out_.removed;
        return;
      default: ++out_.kept; on_kept_(directory.path_of(name));
    }
  }

  static void unlink(OutputDirectory& directory, const std::string& name) {
    if (::unlinkat(directory.create(), name.c_str(), 0) != 0) throw directory.failure(errno, "remove", name);
  }

  void remove_if_empty(const std::string& relative) const {
    const std::size_t slash = relative.rfind('/');
    const Fd parent = open_beneath(tree_.fd(), slash == std::string::npos ? "" : relative.substr(0, slash), Links::Refuse);
    const std::string name = relative.substr(slash == std::string::npos ? 0 : slash + 1);
    if (::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOTEMPTY || errno == EEXIST) return;
    throw os_error(errno, "remove the empty directory", tree_.path() + "/" + relative);
  }

  OutputTree tree_;
  const std::function<void(const std::string&)>& on_kept_;
  Undone out_;
};

}  // namespace

Undone undo(const std::string& output, const std::function<void(const std::string& path)>& on_kept) {
  return Undo(output, on_kept).run();
}

}  // namespace gt::batch
