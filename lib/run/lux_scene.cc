#include "lib/run/lux_scene.h"

#include <cmath>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <system_error>

#include "lib/base/files.h"
#include "lib/base/text.h"
#include "lib/lux/references.h"
#include "lib/lux/rewrite.h"
#include "lib/run/staging.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;
using Severity = Finding::Severity;

// The scene goes into a parameter and into the plan of the run; meshes lie in files of their own, which have no limit.
constexpr std::uint64_t k_largest_scene = std::uint64_t{256} << 20;
constexpr std::size_t k_most_scenes = 100'000;

fs::path real_path(const fs::path& path) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored);
}

// Which of the task's files a reference of a scene means.
class StagedFiles {
 public:
  StagedFiles(const TaskFiles& files, const PathMap& map) : map_(map), directory_(files.scene.parent_path()) {
    for (const StagedFile& file : plan_staging(files).files) files_.emplace(real_path(file.source), file);
  }

  const StagedFile* find(const lux::Reference& reference) const {
    for (const fs::path& path : candidates(reference)) {
      const auto found = files_.find(real_path(path));
      if (found != files_.end()) return &found->second;
    }
    return nullptr;
  }

  bool is_on_this_machine(const lux::Reference& reference) const {
    std::error_code ignored;
    for (const fs::path& path : candidates(reference))
      if (fs::exists(path, ignored)) return true;
    return false;
  }

 private:
  // As LuxRender looks: where the name says, then beside the scene.
  std::vector<fs::path> candidates(const lux::Reference& reference) const {
    const lux::Resolved resolved = lux::resolve(map_.apply(reference.name).path, directory_.string());
    std::vector<fs::path> out = {resolved.path};
    if (reference.kind != lux::ReferenceKind::Include) out.push_back(directory_ / resolved.leaf);
    return out;
  }

  const PathMap& map_;
  fs::path directory_;
  std::map<fs::path, StagedFile> files_;
};

// Looks through the scene and all that it includes, each file once.
class SceneWalk {
 public:
  SceneWalk(const TaskFiles& files, const StagedFiles& staged) : main_(files.scene), staged_(staged) {}

  void run(std::string_view main_text) {
    take(main_, lux::contents_of(main_text));
    while (!waiting_.empty()) {
      const fs::path scene = waiting_.front();
      waiting_.pop_front();
      try {
        take(scene, lux::contents_of(Input::read(scene.string()).bytes()));
      } catch (const Error& error) {
        findings.push_back(
            {Severity::Error, std::string("an included scene cannot be read: ") + error.in_file(scene.string()).what(), {}});
      }
    }
  }

  std::vector<Finding> findings;
  std::map<std::string, std::string, std::less<>> new_names;  // of references of the main scene

 private:
  void take(const fs::path& scene, const lux::Contents& contents) {
    const bool is_main = scene == main_;
    if (!is_main && !contents.films.empty()) {
      findings.push_back({Severity::Error,
                          "the included scene " + printable(scene.string(), 4096) + " has a Film at " +
                              to_string(contents.films.front()) +
                              ", which would take the place of the task's settings; move it into the main scene",
                          {}});
    }
    for (const lux::Reference& reference : contents.references) take(scene, reference, is_main);
  }

  void take(const fs::path& scene, const lux::Reference& reference, bool is_main) {
    const StagedFile* file = staged_.find(reference);
    const lux::PathForm form = lux::form_of(reference.name);
    // Only the main scene is rewritten; elsewhere LuxRender itself must find it, beside the scene.
    const bool is_lost = !is_main && (form == lux::PathForm::Windows || (form == lux::PathForm::Absolute && file &&
                                                                         file->source.parent_path() != main_.parent_path()));
    if (file == nullptr || is_lost) return lament(scene, reference);
    if (is_main && form != lux::PathForm::Relative)
      new_names.emplace(reference.name, ("/golem/resources" / file->relative).string());
    if (reference.kind == lux::ReferenceKind::Include && seen_.insert(file->source).second && seen_.size() < k_most_scenes)
      waiting_.push_back(file->source);
  }

  void lament(const fs::path& scene, const lux::Reference& reference) {
    if (reference.kind == lux::ReferenceKind::FileOrPreset) return;
    const bool is_include = reference.kind == lux::ReferenceKind::Include;
    const char* why = staged_.find(reference) ? " is a path of another machine"
                      : staged_.is_on_this_machine(reference)
                          ? " is here, but not among the task's resources: containers do not see it"
                          : " is not here";
    findings.push_back({is_include ? Severity::Error : Severity::Warning,
                        std::string("the ") + (is_include ? "included scene " : "file ") + printable(reference.name, 4096) +
                            " that " + printable(scene.filename().string(), 300) + " names at " + to_string(reference.at) + why,
                        {}});
  }

  fs::path main_;
  const StagedFiles& staged_;
  std::deque<fs::path> waiting_;
  std::set<fs::path> seen_;
};

lux::TaskOptions options_of(const task::Definition& definition, const render::Plan& plan) {
  return {.resolution = plan.resolution,
          .halttime = std::llround(definition.halttime),
          .haltspp = definition.haltspp,
          .picture = lux::find_picture(plan.format.saved).value_or(lux::Picture::Png)};
}

void add_warnings(const std::vector<Finding>& notes, std::vector<Finding>& out) {
  for (const Finding& note : notes)
    if (note.severity != Severity::Note) out.push_back(note);
}

}  // namespace

LuxScene make_lux_scene(const task::Definition& definition, const render::Plan& plan, const TaskFiles& files,
                        const PathMap& map) {
  const Input scene = Input::read(files.scene.string(), k_largest_scene);
  try {
    const StagedFiles staged(files, map);
    SceneWalk walk(files, staged);
    walk.run(scene.bytes());
    const lux::Rewritten moved = lux::relocate(scene.bytes(), walk.new_names);
    const lux::TaskOptions options = options_of(definition, plan);
    const std::string output = std::string("/golem/output/") + k_lux_output;
    lux::Rewritten film = lux::rewrite(moved.text, lux::render_settings(options, output));
    lux::Rewritten image = lux::rewrite(moved.text, lux::image_settings(options, output));
    add_warnings(film.notes, walk.findings);
    const double limit = definition.subtask_timeout;
    if (limit > 0 && definition.halttime >= limit) {
      walk.findings.push_back({Severity::Warning,
                               "a film takes " + std::to_string(options.halttime) + " s (halttime), a subtask may take " +
                                   std::to_string(std::llround(limit)) + " s (subtask_timeout): give --subtask-timeout",
                               {}});
    }
    return {{std::move(film.text), std::move(image.text)}, std::move(walk.findings)};
  } catch (const Error& error) {
    throw error.in_file(files.scene.string());
  }
}

}  // namespace gt::run
