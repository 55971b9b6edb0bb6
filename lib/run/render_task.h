// A still from plan to picture.
#pragma once

#include <filesystem>
#include <string>

#include "lib/base/files.h"
#include "lib/run/executor.h"
#include "lib/run/staging.h"

namespace gt::run {

struct RenderRequest {
  render::Plan plan;
  TaskFiles files;
  JobTemplate common;  // its scene is filled in here
  std::filesystem::path run_directory;
  std::filesystem::path output;
  Clobber clobber = Clobber::Replace;
  Keep keep = Keep::Logs;
};

// Stages the files, renders every strip, joins them, and publishes the picture whole. On any failure `output` is as it was.
// Throws Usage when a file of the task or the picture lies in the run directory, and what Executor::run, stage, RunDirectory
// and OutputFile throw.
void render_task(RenderRequest request, ContainerRunner& runner, Observer& observer, const StopFlag& stop);

}  // namespace gt::run
