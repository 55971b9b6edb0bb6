#include "lib/run/render_task.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <future>

#include "lib/base/text.h"
#include "lib/run/content_hash.h"
#include "lib/run/failure.h"
#include "lib/run/local_executor.h"
#include "lib/run/pictures.h"
#include "lib/run/report.h"
#include "lib/run/verify.h"

namespace gt::run {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& directory) {
  const auto inner = fs::weakly_canonical(fs::absolute(path));
  const auto outer = fs::weakly_canonical(fs::absolute(directory));
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

// The run directory is cleared before and after a run.
void require_apart(const RenderRequest& request) {
  std::vector<fs::path> needed = request.files.resources;
  if (!request.files.scene.empty()) needed.push_back(request.files.scene);
  needed.push_back(request.run.output);
  if (request.files.own_script) needed.push_back(*request.files.own_script);
  for (const fs::path& path : needed) {
    if (!is_below(path, request.run_directory)) continue;
    throw Error(ErrorCode::Usage, printable(path.string(), 4096) + " lies in the run directory, which is cleared",
                {.file = request.run_directory.string()}, "give another --run-dir");
  }
}

// The copies are what the containers see: of them the hashes are taken.
void add_inputs(RunPlan& plan, const StagingPlan& staging, const fs::path& resources, const StopFlag& stop) {
  for (const StagedFile& file : staging.files) {
    const fs::path copy = resources / file.relative;
    const Fd fd(::open(copy.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) throw os_error(errno, "read", copy.string());
    plan.inputs.push_back({.name = file.source.string(),
                           .size = static_cast<std::uint64_t>(info.st_size),
                           .sha256 = sha256_of_file(fd.get(), copy.string(), [&] { return stop.load() != Stop::None; })});
    throw_if_stopped(stop);
  }
}

Error changed(const fs::path& run_directory, const std::vector<std::string>& what) {
  std::string text = "an earlier run of this directory did not end, and began with something else:";
  for (const std::string& one : what) text += "\n  " + one;
  return Error(ErrorCode::RunChanged, text, {.file = run_directory.string()},
               "--restart gives up what it has done; another --run-dir keeps it");
}

// Of a file or a directory; empty if it is not there.
std::string hash_of(const fs::path& path) {
  if (fs::is_directory(fs::symlink_status(path))) return sha256_of_tree(path);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  return fd ? sha256_of_file(fd.get(), path.string()) : std::string();
}

// A result that is not there any more, or is not what was kept, is to be rendered again.
void drop_lost_results(const RunPlan& plan, const RunDirectory& directory) {
  for (const render::Subtask& subtask : plan.plan.subtasks) {
    Record record = directory.record(subtask.number);
    if (!record.result) continue;
    if (hash_of(directory.path() / record.result->file) == record.result->sha256) continue;
    record.result.reset();
    directory.write(record);
  }
}

std::uint64_t seed_of(const std::string& run_id) { return std::stoull("0" + sha256_of(run_id).substr(0, 15), nullptr, 16); }

// Stages, and takes over what an earlier run has planned and done, or begins anew.
RunPlan begin(RenderRequest& request, RunDirectory& directory, const StopFlag& stop) {
  const bool goes_on = directory.has_begun() && !request.restart;
  if (!goes_on) directory.clear();
  directory.make_resources();
  const StagingPlan staging = plan_staging(request.files);
  stage(staging, directory.resources(), request.owner, [&] { return stop.load() != Stop::None; });
  throw_if_stopped(stop);
  RunPlan plan = std::move(request.run);
  plan.scene = staging.scene;
  add_inputs(plan, staging, directory.resources(), stop);
  if (goes_on) {
    RunPlan before = read_run_plan(directory.plan());
    if (const auto what = differences(before, plan); !what.empty()) throw changed(directory.path(), what);
    plan.verifications = std::move(before.verifications);
    drop_lost_results(plan, directory);
  } else {
    if (plan.plan.renderer == task::Renderer::Blender)
      plan.verifications = choose_verifications(request.verification, plan.plan, seed_of(request.context.run_id));
  }
  write_run_plan(directory.plan(), plan);
  directory.give(directory.plan());
  return plan;
}

docker::Wish wish_of(const StopFlag& stop) {
  switch (stop.load()) {
    case Stop::None: return docker::Wish::GoOn;
    case Stop::Interrupt:
    case Stop::Terminate: return docker::Wish::Stop;
    case Stop::InterruptNow:
    case Stop::TerminateNow: return docker::Wish::Kill;
  }
  return docker::Wish::GoOn;
}

// What the engine cannot say does not stop a run.
Versions versions_of(const std::string& tools, ContainerRunner& runner) {
  Versions out{.tools = tools};
  try {
    out.engine = runner.engine();
  } catch (const Error&) {
    // Whoever needs the engine next says what is wrong with it.
  }
  return out;
}

// The error of a run may not be lost for that of its report, nor the report for that of the preview.
void write_report(const Report& report, Pictures& pictures, Progress& progress, const std::optional<Report::Trouble>& trouble) {
  const auto attempt = [&](const std::string& what, const std::function<void()>& write) {
    try {
      write();
    } catch (const Error& error) {
      progress.warn("the " + what + " was not written: " + error.what());
    }
  };
  attempt("preview", [&] { pictures.finish_preview(); });
  attempt("report", [&] { report.write(trouble, progress.warnings()); });
}

std::optional<Report::Trouble> trouble_of(const std::vector<Loss>& losses, std::size_t subtasks) {
  if (losses.empty()) return std::nullopt;
  std::string text = losses.front().message;
  if (losses.size() > 1)
    text = std::to_string(losses.size()) + " of " + std::to_string(subtasks) + " subtasks failed, the first: " + text;
  return Report::Trouble{error_code_of(losses.front().cause), std::move(text)};
}

Error error_of(const Loss& loss) { return Error(error_code_of(loss.cause), loss.message); }

}  // namespace

RunOutcome render_task(RenderRequest request, ContainerRunner& runner, Observer& observer, const StopFlag& stop) {
  require_apart(request);
  RunDirectory directory(request.run_directory, request.owner, request.keep);
  // An engine starts programs to answer that: meanwhile the files are staged.
  std::future<Versions> versions = std::async(std::launch::async, versions_of, request.tools_version, std::ref(runner));
  const RunPlan plan = begin(request, directory, stop);
  Pictures pictures(plan, directory, request.clobber);
  RunOutcome out;
  for (const render::Subtask& subtask : plan.plan.subtasks) out.from_before += directory.record(subtask.number).result ? 1 : 0;
  Progress progress(observer, plan.plan, static_cast<std::int64_t>(plan.plan.subtasks.size()), out.from_before);
  const GroupParts parts{plan, request.context, directory, runner, progress, [&stop] { return wish_of(stop); }};
  Report report(plan, directory, request.context.run_id, versions.get());
  const auto on_done = [&](std::int64_t subtask) {
    const std::int64_t frame = plan.plan.subtask(subtask).frame;
    if (auto published = pictures.add(subtask, report.thumbnail_side(frame))) {
      if (plan.plan.renderer == task::Renderer::None) {
        report.add_files(published->path, directory.record(subtask).result.value());
      } else {
        report.add_picture(frame, published->path, std::move(published->thumbnail));
      }
      progress.published(published->path.string());
    }
    pictures.write_preview(subtask);
  };
  try {
    LocalExecutor executor(parts, plan.limits.jobs);
    out.losses = Scheduler({plan, directory, executor, progress, stop, on_done}).run();
  } catch (const Error& error) {
    write_report(report, pictures, progress, Report::Trouble{error.code(), error.what()});
    throw;
  }
  out.pictures = pictures.published();
  write_report(report, pictures, progress, trouble_of(out.losses, plan.plan.subtasks.size()));
  if (!out.losses.empty() && !plan.plan.is_animation) throw error_of(out.losses.front());
  if (out.losses.empty()) directory.succeeded();
  return out;
}

void prepare_task(RenderRequest request, const StopFlag& stop) {
  require_apart(request);
  RunDirectory directory(request.run_directory, request.owner, Keep::Everything);
  begin(request, directory, stop);
}

void render_subtasks(const fs::path& run_directory, const std::vector<std::int64_t>& subtasks, const RunContext& context,
                     ContainerRunner& runner, Observer& observer, const StopFlag& stop) {
  const Owner owner = {};  // whoever calls
  const RunDirectory directory(run_directory, owner, Keep::Everything, Use::Shared);
  const RunPlan plan = read_run_plan(directory.plan());
  std::vector<std::int64_t> open;
  for (const std::int64_t number : subtasks) {
    if (number < 1 || number > static_cast<std::int64_t>(plan.plan.subtasks.size()))
      throw Error(ErrorCode::Usage, "there is no subtask " + std::to_string(number) + ", the plan has " +
                                        std::to_string(plan.plan.subtasks.size()));
    if (!directory.record(number).result) open.push_back(number);
  }
  Progress progress(observer, plan.plan, static_cast<std::int64_t>(open.size()), 0);
  const GroupParts parts{plan, context, directory, runner, progress, [&stop] { return wish_of(stop); }};
  for (render::Group& group : make_groups(plan, open, 1)) {
    const GroupEnd end = GroupRunner(parts, {.subtasks = std::move(group), .memory = plan.limits.memory_bytes}).run();
    throw_if_stopped(stop);
    for (const SubtaskFailure& failure : end.failed) progress.fail(failure.subtask, failure.cause, failure.message);
    if (!end.failed.empty()) throw error_of({end.failed.front().subtask, end.failed.front().cause, end.failed.front().message});
  }
}

}  // namespace gt::run
