#include "lib/run/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "lib/base/text.h"
#include "lib/blend/summary.h"
#include "lib/run/staging.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;
using Severity = Finding::Severity;

constexpr std::uint64_t k_mib = std::uint64_t{1} << 20;
// Cycles renders small scenes with 128 MiB, EEVEE with 512 (measured).
constexpr std::uint64_t k_little_memory = 512 * k_mib;

class Checker {
 public:
  explicit Checker(const CheckParts& parts) : parts_(parts) {}

  std::vector<Finding> run() {
    findings_ = parts_.scene_findings;
    if (renderer() == task::Renderer::Blender) check_scene();
    check_image();
    if (renderer() != task::Renderer::None) check_output();
    check_disk();
    check_memory();
    return std::move(findings_);
  }

 private:
  task::Renderer renderer() const { return parts_.plan.plan.renderer; }
  void add(Severity severity, std::string message) {
    if (severity == Severity::Error && parts_.plan.is_own_script) severity = Severity::Warning;
    findings_.push_back({severity, std::move(message), {}});
  }
  void error(std::string message) { add(Severity::Error, std::move(message)); }
  void warn(std::string message) { add(Severity::Warning, std::move(message)); }

  void check_scene();
  void check_version(const blend::Header& header);
  void check_engine(const blend::Scene& scene);
  void check_camera(const blend::Scene& scene);
  void check_frames(const blend::Scene& scene);
  void check_strips(const blend::Scene& scene);
  void check_externals(const blend::Summary& summary);
  void check_external(const blend::External& file);
  void check_image();
  void check_output();
  void check_disk();
  void check_memory();
  std::string engine_of(const blend::Scene& scene) const;
  bool has_denoising(const blend::Scene& scene) const;
  bool has_compositing(const blend::Scene& scene) const;

  const CheckParts& parts_;
  std::vector<Finding> findings_;
  std::vector<fs::path> staged_;  // canonical
};

std::string version_text(int version) { return fmt::format("{}.{}", version / 100, version % 100); }

void Checker::check_scene() {
  blend::Summary summary;
  try {
    summary = blend::read_summary(parts_.files.scene);
  } catch (const Error& failure) {
    error(failure.what());
    return;
  }
  for (const Finding& note : summary.notes) findings_.push_back(note);
  check_version(summary.header);
  const blend::Scene* scene = summary.active();
  if (scene == nullptr) return error("the file has no scene: " + printable(parts_.files.scene.string(), 4096));
  check_engine(*scene);
  check_camera(*scene);
  check_frames(*scene);
  if (parts_.plan.plan.strips > 1) check_strips(*scene);
  check_externals(summary);
}

// An older Blender reads part of a newer file, or its default cube, and exits with 0.
void Checker::check_version(const blend::Header& header) {
  if (!parts_.image || !parts_.image->version) return;
  const auto& [major, minor, patch] = *parts_.image->version;
  if (header.version <= major * 100 + minor) return;
  error(
      fmt::format("the scene was saved by Blender {}, the image {} has Blender {}.{}.{}, which cannot read all of it; give "
                  "--image OLD=NEW with a newer one",
                  version_text(header.version), printable(parts_.plan.image.name(), 300), major, minor, patch));
}

std::string Checker::engine_of(const blend::Scene& scene) const {
  return parts_.plan.plan.engine.empty() ? scene.engine : parts_.plan.plan.engine;
}

void Checker::check_engine(const blend::Scene& scene) {
  const std::string engine = engine_of(scene);
  const bool is_gone = engine == "BLENDER_RENDER" || engine == "BLENDER_GAME" || engine.empty();
  if (is_gone) {
    return warn(
        fmt::format("the scene is made for {}, which ended with Blender 2.79: a later Blender renders it with EEVEE, and "
                    "materials and lights come out otherwise; --engine-override CYCLES takes Cycles",
                    engine.empty() ? "an engine that its time did not name" : printable(engine)));
  }
  if (!parts_.image || !parts_.image->version) return;
  const auto& engines = parts_.image->engines;
  if (std::find(engines.begin(), engines.end(), engine) != engines.end()) return;
  error(fmt::format("the image's Blender does not have the render engine {}; it has {}; give --engine-override",
                    printable(engine), fmt::join(engines, ", ")));
}

void Checker::check_camera(const blend::Scene& scene) {
  if (!scene.has_camera && !scene.sequencer) error("the scene " + printable(scene.name) + " has no camera");
}

void Checker::check_frames(const blend::Scene& scene) {
  const auto& frames = parts_.plan.plan.frames;
  const auto outside = std::count_if(frames.begin(), frames.end(),
                                     [&](std::int64_t frame) { return frame < scene.frame_start || frame > scene.frame_end; });
  if (outside == 0) return;
  warn(fmt::format("{} of {} frames are outside of the scene's own range, {} to {}", outside, frames.size(), scene.frame_start,
                   scene.frame_end));
}

bool Checker::has_compositing(const blend::Scene& scene) const {
  return scene.compositing && parts_.plan.plan.compositing != render::Setting::Off;
}

// What cannot run does not matter: the script switches it off.
bool Checker::has_denoising(const blend::Scene& scene) const {
  const bool cannot = parts_.image && !parts_.image->has_denoiser;
  return engine_of(scene) == "CYCLES" && scene.cycles.denoising.value_or(false) && !cannot;
}

// As blendercrop.py refuses it in the container.
void Checker::check_strips(const blend::Scene& scene) {
  const std::string differ = "strips of this scene would differ from the whole frame: ";
  const bool adaptive = engine_of(scene) == "CYCLES" && scene.cycles.adaptive_sampling.value_or(false) &&
                        parts_.plan.plan.adaptive == render::Setting::Scene;
  if (adaptive) error(differ + "adaptive sampling is on; give --adaptive off, or --strips 1");
  if (has_compositing(scene)) error(differ + "compositing nodes are used; give --compositing off, or --strips 1");
  if (scene.sequencer) error(differ + "the video sequencer is used; give --strips 1");
  if (scene.stamp) error(differ + "a stamp is burnt into the picture; give --strips 1");
  if (!has_denoising(scene)) return;
  // Whether the image can denoise is not known without asking it; in the container it is.
  const std::string denoising = "denoising is on; give --strips 1";
  if (parts_.image) {
    error(differ + denoising);
  } else {
    warn("with a Blender that can denoise, " + differ + denoising);
  }
}

void Checker::check_externals(const blend::Summary& summary) {
  for (const StagedFile& file : plan_staging(parts_.files).files) {
    std::error_code ignored;
    staged_.push_back(fs::weakly_canonical(file.source, ignored));
  }
  for (const blend::External& file : summary.externals)
    if (!file.packed && file.used.value_or(true)) check_external(file);
}

void Checker::check_external(const blend::External& file) {
  const bool is_library = file.kind == blend::External::Kind::Library;
  const std::string name = fmt::format("the scene's {} {}", to_string(file.kind), printable(file.path, 4096));
  // What is used for sure and makes a wrong picture for sure is an error.
  const Severity severity = is_library ? Severity::Error : Severity::Warning;
  const auto path = blend::resolve(file.path, parts_.files.scene.parent_path());
  if (!path) return add(severity, name + " is a path of another machine; pack it into the scene, or make it relative");
  // Of sequences and tiles there are many, named by a rule.
  if (file.extent != blend::External::Extent::One) return;
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(*path, ignored);
  if (std::find(staged_.begin(), staged_.end(), real) != staged_.end()) return;
  if (fs::exists(real, ignored))
    return add(severity, name + " is here, but not among the task's resources: containers do not see it");
  add(severity, name + " is not here");
}

void Checker::check_image() {
  if (!parts_.image || parts_.image->version) return;
  error("the image " + printable(parts_.plan.image.name(), 300) +
        " has no Blender that starts; make it with ./dev images, or give --image OLD=NEW");
}

void Checker::check_output() {
  const std::string given = fs::path(parts_.saved_output).extension().string();
  const auto kind = picture::find_kind(given);
  const render::Format& format = parts_.plan.plan.format;
  if (!kind || *kind == format.kind) return;
  warn(fmt::format("the output {} is named like a {} picture, the format is {}: its name becomes {}",
                   printable(parts_.saved_output, 4096), to_string(*kind), format.saved, printable(parts_.plan.output, 4096)));
}

// Results are kept until the pictures are made of them: twice the pixels, and the copies of the task's files.
void Checker::check_disk() {
  if (parts_.free_disk == 0) return;
  std::uint64_t staged = 0;
  for (const StagedFile& file : plan_staging(parts_.files).files) {
    std::error_code failed;
    const std::uint64_t size = fs::file_size(file.source, failed);
    if (!failed) staged += size;
  }
  constexpr std::uint64_t k_pixel_bytes = 8;
  const auto& [width, height] = parts_.plan.plan.resolution;
  const auto pixels = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height);
  const std::uint64_t results = 2 * k_pixel_bytes * pixels * parts_.plan.plan.frames.size();
  const std::string text = fmt::format("{} MiB are free where the run directory will be", parts_.free_disk / k_mib);
  if (parts_.free_disk < staged) {
    error(fmt::format("{}, the task's files alone are {} MiB; give another --run-dir", text, staged / k_mib));
  } else if (parts_.free_disk < staged + results) {
    warn(fmt::format("{}; files and results may need {} MiB", text, (staged + results) / k_mib));
  }
}

void Checker::check_memory() {
  const std::uint64_t memory = parts_.plan.limits.memory_bytes;
  if (renderer() == task::Renderer::Blender && memory != 0 && memory < k_little_memory)
    warn(fmt::format("each container has {} MiB of memory; EEVEE needs 512 for a small scene", memory / k_mib));
  const auto estimated = static_cast<std::uint64_t>(std::max<std::int64_t>(parts_.estimated_memory, 0));
  if (parts_.machine.memory_available != 0 && estimated > parts_.machine.memory_available)
    warn(fmt::format("the task was estimated to need {} MiB of memory, {} are free", estimated / k_mib,
                     parts_.machine.memory_available / k_mib));
}

}  // namespace

std::vector<Finding> check_task(const CheckParts& parts) { return Checker(parts).run(); }

}  // namespace gt::run
