#include "lib/run/pictures.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "lib/picture/join.h"
#include "lib/picture/preview.h"
#include "lib/run/files_output.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

// Between two previews at least; and as many times as long as the last one took, since the cores belong to the renderer.
constexpr auto k_preview_pause = std::chrono::seconds(10);
constexpr int k_preview_share = 100;
constexpr std::int64_t k_preview_side = 1024;

Fd open_result(const fs::path& path) {
  Fd out(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!out) throw os_error(errno, "read the result", path.string());
  return out;
}

}  // namespace

fs::path picture_path(const RunPlan& plan, std::int64_t frame) {
  fs::path path = plan.output;
  if (!plan.plan.is_animation) return path;
  const render::Format& format = plan.plan.format;
  std::string base = path.filename().string();
  if (render::with_extension(base, format) == base) base.resize(base.size() - format.extension.size());
  return path.replace_filename(render::output_name(base, frame, format));
}

Pictures::Pictures(const RunPlan& plan, const RunDirectory& directory, Clobber clobber)
    : plan_(plan), directory_(directory), clobber_(clobber) {
  require_free_places();
}

void Pictures::require_free_places() const {
  if (plan_.plan.renderer == task::Renderer::None) {
    const std::optional<Result> result = directory_.record(1).result;
    return require_free(plan_.output, result ? result->sha256 : std::string());
  }
  for (const std::int64_t frame : plan_.plan.frames) {
    const fs::path path = picture_path(plan_, frame);
    std::error_code ignored;
    if (clobber_ == Clobber::Refuse && fs::exists(fs::symlink_status(path, ignored)))
      throw Error(ErrorCode::FileExists, "the picture exists already, and --no-clobber was given", {.file = path.string()});
  }
  OutputFile probe(picture_path(plan_, plan_.plan.frames.front()).string(), clobber_);  // not published
}

Pictures::Published Pictures::publish(std::span<const render::Subtask> subtasks, std::optional<std::int64_t> thumbnail_side) {
  std::vector<Fd> files;
  std::vector<picture::StripFile> strips;
  for (const render::Subtask& subtask : subtasks) {
    const fs::path path = directory_.result(plan_.plan, subtask.number);
    files.push_back(open_result(path));
    strips.push_back({.fd = files.back().get(), .name = path.string(), .height = subtask.rows.height()});
  }
  const fs::path path = picture_path(plan_, subtasks.front().frame);
  OutputFile out(path.string(), clobber_);
  const picture::Kind kind = plan_.plan.format.kind;
  const auto [width, height] = plan_.plan.resolution;
  std::optional<picture::Shrinker> small;
  if (thumbnail_side) small.emplace(picture::Size{width, height}, *thumbnail_side, picture::writing_order(kind));
  picture::join(strips, kind, width, out, small ? &*small : nullptr);
  out.publish();
  directory_.give(path);
  published_.emplace(subtasks.front().number, path);
  return {.path = path, .thumbnail = small && small->is_whole() ? small->to_png() : std::string()};
}

std::vector<fs::path> Pictures::published() const {
  std::vector<fs::path> out;
  for (const auto& [subtask, path] : published_) out.push_back(path);
  return out;
}

std::optional<Pictures::Published> Pictures::add(std::int64_t subtask, std::optional<std::int64_t> thumbnail_side) {
  const render::Step step = plan_.plan.subtask(subtask).step;
  if (step == render::Step::Film || step == render::Step::Merge) return {};
  if (step == render::Step::Program) {
    const Record record = directory_.record(subtask);
    publish_files(directory_.result(plan_.plan, subtask), plan_.output, record.result ? record.result->sha256 : std::string(),
                  directory_.owner());
    published_.emplace(subtask, plan_.output);
    return Published{.path = plan_.output, .thumbnail = {}};
  }
  good_.insert(subtask);
  last_ = subtask;
  const auto strips = plan_.plan.frame_of(subtask);
  const bool is_complete =
      std::all_of(strips.begin(), strips.end(), [this](const auto& strip) { return good_.count(strip.number) != 0; });
  if (!is_complete) return {};
  return publish(strips, thumbnail_side);
}

void Pictures::write_preview(std::int64_t subtask) {
  if (good_.count(subtask) == 0) return;  // no picture
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  if (begin < next_preview_) return;
  draw_preview(subtask);
  const Clock::time_point end = Clock::now();
  next_preview_ = end + std::max<Clock::duration>(k_preview_pause, k_preview_share * (end - begin));
}

void Pictures::finish_preview() {
  if (last_ != 0) draw_preview(last_);
}

void Pictures::draw_preview(std::int64_t subtask) {
  std::vector<Fd> files;
  std::vector<picture::PreviewStrip> strips;
  for (const render::Subtask& strip : plan_.plan.frame_of(subtask)) {
    if (good_.count(strip.number) == 0) continue;
    const fs::path path = directory_.result(plan_.plan, strip.number);
    files.push_back(open_result(path));
    strips.push_back({.file = {.fd = files.back().get(), .name = path.string(), .height = strip.rows.height()},
                      .kind = plan_.plan.format.kind,
                      .first_row = strip.rows.first});
  }
  const fs::path path = directory_.path() / "preview.png";
  OutputFile out(path.string(), Clobber::Replace, Durability::NoSync);
  picture::write_preview(strips, {plan_.plan.resolution[0], plan_.plan.resolution[1]}, k_preview_side, out);
  out.publish();
  directory_.give(path);
}

}  // namespace gt::run
