#include "lib/run/task_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lib/base/text.h"
#include "lib/run/search.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

struct Missing {
  std::string role;   // "scene"
  std::string saved;  // as the task names it
  PathMap::Result looked_for;
  std::string why;
};

// Why `path` is not a regular file that can be read; empty if it is one.
std::string fault_of(const std::string& path) {
  // The system would look for the part before a NUL.
  if (path.find('\0') != std::string::npos) return "is not here";
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? "is not here" : std::string("cannot be found: ") + std::strerror(errno);
  }
  if (S_ISDIR(info.st_mode)) return "is a directory, not a file";
  if (!S_ISREG(info.st_mode)) return "is not a regular file";
  if (::access(path.c_str(), R_OK) != 0) return std::string("cannot be read: ") + std::strerror(errno);
  return {};
}

// The --map that would find a file or directory: its own directory, or the name itself if it has none.
std::string map_option(std::string_view saved) {
  const std::string_view directory = parent(saved);
  const std::string rule = directory.empty() ? std::string(saved) + "=FILE" : std::string(directory) + "=DIR";
  return "--map " + shell_word(printable(rule, 4096));
}

std::string describe(const Missing& missing) {
  std::string out = "the " + missing.role + " " + printable(missing.saved, 4096) + " " + missing.why;
  if (!missing.looked_for.rule.empty()) {
    out += " (looked for as " + printable(missing.looked_for.path, 4096) + " because of --map " +
           shell_word(printable(missing.looked_for.rule, 4096)) + ")";
  }
  return out + "; give " + map_option(missing.saved);
}

Error missing_error(const std::vector<Missing>& missing) {
  if (missing.size() == 1) return Error(ErrorCode::SceneMissing, describe(missing.front()));
  std::string text = std::to_string(missing.size()) + " files of the task cannot be used:";
  for (const Missing& one : missing) text += "\n  " + describe(one);
  return Error(ErrorCode::SceneMissing, text);
}

// Relocates files and keeps a list of those that are not there.
class Finder {
 public:
  Finder(const PathMap& map, const Search& search) : map_(map), search_(search) {}

  fs::path find(std::string_view role, const std::string& saved) {
    PathMap::Result here = map_.apply(saved);
    std::string fault = fault_of(here.path);
    if (fault.empty()) return fs::absolute(here.path);
    if (const fs::path elsewhere = look_for(role, saved, fault); !elsewhere.empty()) return elsewhere;
    missing_.push_back({std::string(role), saved, std::move(here), std::move(fault)});
    return {};
  }
  void require_all() const {
    if (!missing_.empty()) throw missing_error(missing_);
  }

 private:
  // By its name in the directories to be searched; empty, and perhaps another fault, if it cannot be told.
  fs::path look_for(std::string_view role, const std::string& saved, std::string& fault) {
    if (search_.directories.empty()) return {};
    if (!index_) index_.emplace(search_.directories);
    const std::vector<FileIndex::Match> matches = index_->find(last_component(saved));
    if (matches.empty()) return {};
    if (matches.size() > 1 && !are_copies(matches)) {
      fault = "is not here, and there are several of that name:";
      for (const FileIndex::Match& match : matches)
        fault += "\n    " + printable(match.path.string(), 4096) + ", " + std::to_string(match.size) + " bytes";
      return {};
    }
    if (search_.found != nullptr) {
      search_.found->push_back({Finding::Severity::Note,
                                "the " + std::string(role) + " " + printable(saved, 4096) + " was found as " +
                                    printable(matches.front().path.string(), 4096),
                                {}});
    }
    return matches.front().path;
  }

  const PathMap& map_;
  const Search& search_;
  std::optional<FileIndex> index_;  // made when the first file is missing
  std::vector<Missing> missing_;
};

void require_other_file(const fs::path& output, const fs::path& input) {
  std::error_code ignored;
  if (!fs::equivalent(output, input, ignored)) return;
  throw Error(ErrorCode::OutputIsInput,
              "the picture would overwrite " + printable(input.string(), 4096) + ", which the task needs",
              {.file = output.string()}, "give another --output");
}

void require_directory(const fs::path& output, const PathMap::Result& saved, std::string_view saved_name, bool from_option) {
  const fs::path directory = output.parent_path();
  std::error_code ignored;
  if (directory.empty() || fs::is_directory(directory, ignored)) return;
  std::string hint = "make it, or give another --output";
  if (!from_option) hint = "give --output FILE, or " + map_option(saved_name);
  std::string why = "the picture's directory " + printable(directory.string(), 4096) + " does not exist";
  if (!saved.rule.empty()) why += " (because of --map " + shell_word(printable(saved.rule, 4096)) + ")";
  throw Error(ErrorCode::SceneMissing, why, {}, hint);
}

}  // namespace

TaskFiles find_task_files(const task::Definition& definition, const PathMap& map, const Search& search) {
  const std::string& program = definition.main_program_file;
  const bool has_scene = !definition.main_scene_file.empty();
  if (!has_scene && (definition.renderer != task::Renderer::None || program.empty())) {
    throw Error(ErrorCode::PlanInvalid, "the task names no scene", {.path = "main_scene_file"});
  }
  Finder finder(map, search);
  TaskFiles files;
  if (has_scene) files.scene = finder.find("scene", definition.main_scene_file);
  const bool has_own_script = !program.empty() && (!has_scene || !is_builtin_script(program));
  if (has_own_script) files.own_script = finder.find("script", program);
  for (const std::string& resource : definition.resources) {
    const bool is_ours = has_scene && is_builtin_script(resource);
    if (resource == definition.main_scene_file || resource == program || is_ours) continue;
    fs::path path = finder.find("resource", resource);
    const bool known =
        path == files.scene || std::find(files.resources.begin(), files.resources.end(), path) != files.resources.end();
    if (!known) files.resources.push_back(std::move(path));
  }
  finder.require_all();
  return files;
}

fs::path find_output(const task::Definition& definition, const PathMap& map, const std::optional<std::string>& option,
                     const render::Format& format, const TaskFiles& files) {
  const std::string& name = option ? *option : definition.output_file;
  if (name.empty()) throw Error(ErrorCode::Usage, "the task names no output file", {}, "give --output FILE");
  if (name == "-") throw Error(ErrorCode::Usage, "the picture cannot go to standard output", {}, "give --output FILE");
  const PathMap::Result saved = option ? PathMap::Result{name, {}} : map.apply(name);
  // A path of another machine with backslashes would be a file name here.
  if (!option && saved.rule.empty() && is_windows_path(name)) {
    throw Error(ErrorCode::SceneMissing, "the picture's place " + printable(name, 4096) + " is one of another machine", {},
                "give --output FILE, or " + map_option(name));
  }
  const fs::path output = render::with_extension(saved.path, format);
  require_directory(output, saved, name, option.has_value());
  std::error_code ignored;
  if (fs::is_directory(output, ignored)) throw os_error(EISDIR, "write", output.string());
  require_other_file(output, files.scene);
  for (const fs::path& resource : files.resources) require_other_file(output, resource);
  if (files.own_script) require_other_file(output, *files.own_script);
  return output;
}

fs::path find_output_directory(const std::optional<std::string>& option) {
  const std::string hint = "give --output DIR, a directory that is made for its files";
  if (!option || option->empty())
    throw Error(ErrorCode::Usage, "a Python task does not say where its files are to go", {}, hint);
  if (*option == "-") throw Error(ErrorCode::Usage, "the program's files cannot go to standard output", {}, hint);
  // Without a slash at its end, it can be renamed to.
  fs::path output = fs::path(*option).lexically_normal();
  if (!output.has_filename()) output = output.parent_path();
  const fs::path parent_directory = output.parent_path();
  std::error_code ignored;
  if (!parent_directory.empty() && !fs::is_directory(parent_directory, ignored))
    throw Error(ErrorCode::SceneMissing,
                "there is no directory " + printable(parent_directory.string(), 4096) + " to put it in", {.file = *option},
                "make it, or give another --output");
  return output;
}

}  // namespace gt::run
