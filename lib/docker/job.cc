#include "lib/docker/job.h"

#include <spdlog/logger.h>

#include <array>
#include <csignal>
#include <memory>
#include <random>
#include <thread>

#include "lib/base/text.h"
#include "lib/docker/create_body.h"
#include "lib/docker/engine.h"
#include "lib/docker/frames.h"
#include "lib/docker/params.h"
#include "lib/docker/plain_file.h"
#include "lib/docker/reap.h"
#include "lib/docker/wait.h"

namespace gt::docker {
namespace {

// Known before the engine answers, so that a container whose creation was not confirmed can be found and removed.
std::string unique_name() {
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> digit(0, 15);
  std::string out = "gt-tools-";
  for (int i = 0; i < 20; ++i) out += k_hex[digit(random)];
  return out;
}

std::string to_body(JobSpec spec, const std::string& name, Engine& engine) {
  spec.labels[k_job_label] = name;
  for (const auto& [key, value] : owner_labels(this_process())) spec.labels[key] = value;
  const EngineInfo info = engine.info();
  nlohmann::ordered_json body = create_body(spec, info, engine.socket());
  if (info.dialect == Dialect::Podman) adapt_to_podman(body, podman_host());
  if (!spec.image.id.empty()) {
    const std::optional<ImageInfo> image = engine.find_image(spec.image);
    if (!image)
      throw Error(ErrorCode::ImageMissing, "there is no image " + spec.image.name() + " with id " + spec.image.id, {},
                  "docker images --no-trunc lists what is there");
    body["Image"] = image->id;
  }
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

JobSpec to_spec(Image image, std::string script, nlohmann::ordered_json params, std::filesystem::path resources_dir,
                std::filesystem::path work_dir, std::filesystem::path output_dir) {
  JobSpec spec;
  spec.image = std::move(image);
  spec.script = std::move(script);
  spec.params = std::move(params);
  spec.resources_dir = std::move(resources_dir);
  spec.work_dir = std::move(work_dir);
  spec.output_dir = std::move(output_dir);
  return spec;
}

}  // namespace

std::string_view to_string(JobStatus status) {
  constexpr std::string_view k_words[] = {"new", "created", "running", "exited", "stopped", "killed", "removed"};
  return k_words[static_cast<std::size_t>(status)];
}

Job::Job(Engine& engine, JobSpec spec) : engine_(engine), spec_(std::move(spec)), name_(unique_name()) {
  if (spec_.preparation == Preparation::OnConstruction) prepare();
}

Job::Job(Image image, std::string script, nlohmann::ordered_json params, std::filesystem::path resources_dir,
         std::filesystem::path work_dir, std::filesystem::path output_dir)
    : own_engine_(std::make_unique<Engine>()),
      engine_(*own_engine_),
      spec_(to_spec(std::move(image), std::move(script), std::move(params), std::move(resources_dir), std::move(work_dir),
                    std::move(output_dir))),
      name_(unique_name()) {
  prepare();
}

Job::~Job() { remove_quietly(); }

void Job::prepare() {
  if (status_ != JobStatus::New) return;
  const std::string params_py = to_params_py(spec_.params);
  const std::string params_json = to_params_json(spec_.params);
  const std::string body = to_body(spec_, name_, engine_);
  PlainFile(spec_.work_dir / "job.py").write(spec_.script);
  PlainFile(spec_.work_dir / "params.py").write(params_py);
  PlainFile(spec_.work_dir / "params.json").write(params_json);
  try {
    create(body);
  } catch (...) {
    remove_quietly();  // a constructor that throws has no destructor
    throw;
  }
  status_ = JobStatus::Created;
  say("created of " + spec_.image.name());
}

void Job::say(std::string_view what) const {
  if (spec_.logger) spec_.logger->debug("{}container {} {}", spec_.live_log.label, name_, what);
}

// An engine that restarts in the middle may have made the container and only its answer got lost.
void Job::create(const std::string& body) {
  const bool is_worth_waiting = engine_.has_answered();
  for (;;) {
    may_exist_ = true;
    try {
      const Created created = engine_.create_container(body, name_);
      id_ = created.id;
      for (const std::string& warning : created.warnings)
        findings_.push_back({.message = "the engine warns: " + printable(warning, 1000)});
      return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::EngineUnreachable || !is_worth_waiting || !await_engine()) throw;
    }
    for (const ContainerInfo& found : engine_.list_containers({{k_job_label, name_}})) id_ = found.id;
    if (!id_.empty()) return;
  }
}

bool Job::await_engine() {
  was_away_ = true;
  const auto is_stopped = [this] { return spec_.wish && spec_.wish() != Wish::GoOn; };
  const bool is_back = engine_.await_answer(is_stopped);
  is_lost_ = !is_back && !is_stopped();
  return is_back;
}

// Before the start, so that nothing is missed.
void Job::attach() {
  while (!log_stream_) {
    try {
      log_stream_ = std::make_unique<LogStream>(engine_, id_, spec_.live_log, spec_.isolation.log_bytes);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::EngineUnreachable || !await_engine()) throw;
    }
  }
}

void Job::start() {
  prepare();
  if (status_ != JobStatus::Created && status_ != JobStatus::Running) return;
  if (!log_stream_ && spec_.live_log.is_wanted()) attach();
  for (;;) {
    try {
      engine_.start_container(id_);
      break;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::EngineUnreachable || !await_engine()) throw;
    }
    // Started, perhaps ended, before the engine went away: starting it again would run the script twice.
    const Inspection seen = engine_.inspect_container(id_, engine_.options().timeout);
    if (seen.found == Inspection::Found::Yes && seen.status != "created") break;
  }
  status_ = JobStatus::Running;
  say("started");
}

int Job::wait() {
  const WaitResult result = wait(std::nullopt);
  if (result.end == WaitResult::End::EngineLost)
    throw Error(ErrorCode::EngineUnreachable, "the engine stopped answering while container " + name_ + " ran");
  return result.exit_code;
}

WaitResult Job::wait(std::optional<std::chrono::milliseconds> timeout) {
  const auto so_far = was_away_ ? Waiter::EngineSoFar::WasAway : Waiter::EngineSoFar::Steady;
  Ending ending = Waiter(engine_, id_, spec_.stop_grace, spec_.wish, so_far).run(timeout);
  // An engine may tell too little of it, or have forgotten.
  using End = WaitResult::End;
  const bool is_kill = killed_ && ending.result.exit_code == 128 + SIGKILL;
  if (const End end = ending.result.end; is_kill && (end == End::Killed || end == End::Exited || end == End::OutOfMemory)) {
    ending.result.end = End::Killed;
    ending.result.killer = WaitResult::Killer::Job;
  }
  is_lost_ = ending.result.end == WaitResult::End::EngineLost;
  // Whoever killed it meanwhile has said so already.
  JobStatus expected = JobStatus::Running;
  status_.compare_exchange_strong(expected, ending.status);
  say(ending.result.end == WaitResult::End::EngineLost ? std::string("lost: the engine does not answer")
                                                       : "ended with exit code " + std::to_string(ending.result.exit_code));
  return ending.result;
}

LogReport Job::finish_live_log() {
  if (!log_stream_) return {};
  const LogReport report = log_stream_->finish();
  log_stream_.reset();
  return report;
}

void Job::dump_logs(const LogFiles& files) {
  std::array<std::unique_ptr<PlainFile>, 2> outputs;
  if (!files.stdout_file.empty()) outputs[0] = std::make_unique<PlainFile>(files.stdout_file);
  if (!files.stderr_file.empty()) outputs[1] = std::make_unique<PlainFile>(files.stderr_file);
  // A stream that is cut off is read again from its beginning: the engine keeps the log as long as the container.
  for (std::chrono::milliseconds pause{100};; pause *= 4) {
    FrameDecoder decoder([&](Stream stream, std::string_view bytes) {
      if (const auto& output = outputs[static_cast<std::size_t>(stream)]) output->write(bytes);
    });
    const bool is_whole = engine_.read_logs(id_, Engine::Logs::SoFar, [&](std::string_view bytes) { decoder.feed(bytes); });
    if (is_whole && decoder.at_boundary()) return;
    if (pause > std::chrono::seconds(2))
      throw Error(ErrorCode::EngineUnreachable, "the engine cuts off the log of container " + id_.substr(0, 12));
    std::this_thread::sleep_for(pause);
    for (const auto& output : outputs)
      if (output) output->restart();
  }
}

void Job::kill() {
  // Before it is sent: who waits may see the end before the engine's answer is here.
  const bool was_killed = killed_.exchange(true);
  try {
    if (engine_.kill_container(id_, "SIGKILL") == Engine::Signalled::Delivered) {
      status_ = JobStatus::Killed;
      return;
    }
  } catch (...) {
    killed_ = was_killed;
    throw;
  }
  killed_ = was_killed;
}

void Job::remove() {
  if (may_exist_) {
    engine_.remove_container(name_);
    say("removed");
  }
  may_exist_ = false;
  status_ = JobStatus::Removed;
}

// An engine that is restarting has the container again when it is back. One that was waited for in vain is not waited for
// twice.
void Job::remove_patiently() {
  try {
    return remove();
  } catch (const Error& error) {
    const auto is_killed = [this] { return spec_.wish && spec_.wish() == Wish::Kill; };
    if (error.code() != ErrorCode::EngineUnreachable || is_lost_ || !engine_.has_answered() || !engine_.await_answer(is_killed))
      throw;
  }
  remove();
}

void Job::remove_quietly() noexcept {
  try {
    remove_patiently();
  } catch (const Error& error) {
    if (spec_.on_remove_failure) spec_.on_remove_failure(error);
  } catch (...) {
    // No memory, not even for an Error: the labels are left to find the container by.
  }
}

JobStatus Job::status() const {
  const JobStatus known = status_;
  if (known != JobStatus::Running) return known;
  const Inspection seen = engine_.inspect_container(id_, engine_.options().timeout);
  if (seen.found == Inspection::Found::Gone) return JobStatus::Removed;
  return seen.has_ended() ? JobStatus::Exited : JobStatus::Running;
}

}  // namespace gt::docker
