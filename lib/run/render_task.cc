#include "lib/run/render_task.h"

#include <fcntl.h>

#include <algorithm>
#include <vector>

#include "lib/base/text.h"
#include "lib/picture/join.h"
#include "lib/run/results.h"

namespace gt::run {
namespace {

void collect(const render::Plan& plan, const RunDirectory& directory, OutputFile& out) {
  std::vector<Fd> files;
  std::vector<picture::StripFile> strips;
  for (const render::Subtask& subtask : plan.subtasks) {
    const std::string name = render::output_name(k_output_base, subtask.frames.front(), plan.format);
    const std::filesystem::path place = subtask_paths(directory.path(), subtask.number).output;
    files.push_back(open_result(place, name));
    strips.push_back({.fd = files.back().get(), .name = (place / name).string(), .height = subtask.rows.height()});
  }
  if (plan.format.stitching == render::Stitching::Stitched) {
    picture::join(strips, picture::Kind::Png, plan.resolution[0], out);
  } else {
    picture::copy_whole(strips.front(), out);
  }
}

bool is_below(const std::filesystem::path& path, const std::filesystem::path& directory) {
  const auto inner = std::filesystem::weakly_canonical(std::filesystem::absolute(path));
  const auto outer = std::filesystem::weakly_canonical(std::filesystem::absolute(directory));
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

// The run directory is cleared before and after a run.
void require_apart(const RenderRequest& request) {
  std::vector<std::filesystem::path> needed = request.files.resources;
  needed.push_back(request.files.scene);
  needed.push_back(request.output);
  if (request.files.own_script) needed.push_back(*request.files.own_script);
  for (const std::filesystem::path& path : needed) {
    if (!is_below(path, request.run_directory)) continue;
    throw Error(ErrorCode::Usage, printable(path.string(), 4096) + " lies in the run directory, which is cleared",
                {.file = request.run_directory.string()}, "give another --run-dir");
  }
}

}  // namespace

void render_task(RenderRequest request, ContainerRunner& runner, Observer& observer, const StopFlag& stop) {
  require_apart(request);
  // Early, so that a place where nothing can be written is found before hours of rendering.
  OutputFile out(request.output.string(), request.clobber);
  RunDirectory directory(request.run_directory, request.common.owner, request.keep);
  const StagingPlan staging = plan_staging(request.files);
  stage(staging, directory.resources(), request.common.owner, [&] { return stop.load() != Stop::None; });
  throw_if_stopped(stop);
  request.common.scene = staging.scene;
  Executor({request.plan, request.common, directory, runner, observer, stop}).run();
  collect(request.plan, directory, out);
  throw_if_stopped(stop);
  out.publish();
  give_to(request.common.owner, request.output);
}

}  // namespace gt::run
