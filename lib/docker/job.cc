#include "lib/docker/job.h"

#include <array>
#include <memory>
#include <random>
#include <thread>

#include "lib/docker/create_body.h"
#include "lib/docker/engine.h"
#include "lib/docker/frames.h"
#include "lib/docker/params.h"
#include "lib/docker/plain_file.h"
#include "lib/docker/wait.h"

namespace gt::docker {
namespace {

// Known before the engine answers, so that a container whose creation was not confirmed can be removed.
std::string unique_name() {
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> digit(0, 15);
  std::string out = "gt-tools-";
  for (int i = 0; i < 20; ++i) out += k_hex[digit(random)];
  return out;
}

std::string to_body(const JobSpec& spec, Engine& engine) {
  const InitProcess init = engine.info().has_init ? InitProcess::Available : InitProcess::Missing;
  nlohmann::ordered_json body = create_body(spec, init);
  if (!spec.image.id.empty()) {
    const std::optional<ImageInfo> image = engine.find_image(spec.image);
    if (!image)
      throw Error(ErrorCode::ImageMissing, "there is no image " + spec.image.name() + " with id " + spec.image.id, {},
                  "docker images --no-trunc lists what is there");
    body["Image"] = image->id;
  }
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

Job::Remover::~Remover() {
  try {
    remove();
  } catch (const Error& error) {
    if (spec_.on_remove_failure) spec_.on_remove_failure(error);
  } catch (...) {
    // No memory, not even for an Error: the labels are left to find the container by.
  }
}

void Job::Remover::remove() {
  if (!armed_) return;
  engine_.remove_container(name_);
  armed_ = false;
}

Job::Job(Engine& engine, JobSpec spec) : engine_(engine), spec_(std::move(spec)), remover_(engine_, spec_, unique_name()) {
  const std::string params = to_params_py(spec_.params);
  const std::string body = to_body(spec_, engine_);
  PlainFile(spec_.work_dir / "job.py").write(spec_.script);
  PlainFile(spec_.work_dir / "params.py").write(params);
  remover_.arm();
  id_ = engine_.create_container(body, remover_.name());
  status_ = JobStatus::Created;
}

Job::~Job() = default;

void Job::start() {
  engine_.start_container(id_);
  status_ = JobStatus::Running;
}

WaitResult Job::wait(std::optional<std::chrono::milliseconds> timeout, const std::function<bool()>& cancelled) {
  const Ending ending = Waiter(engine_, id_, spec_.stop_grace, cancelled).run(timeout);
  // Whoever killed it meanwhile has said so already.
  JobStatus expected = JobStatus::Running;
  status_.compare_exchange_strong(expected, ending.status);
  return ending.result;
}

void Job::dump_logs(const LogFiles& files) {
  std::array<std::unique_ptr<PlainFile>, 2> outputs;
  if (!files.stdout_file.empty()) outputs[0] = std::make_unique<PlainFile>(files.stdout_file);
  if (!files.stderr_file.empty()) outputs[1] = std::make_unique<PlainFile>(files.stderr_file);
  // A stream that is cut off is read again from its beginning: the engine keeps the log as long as the container.
  for (std::chrono::milliseconds pause{100};; pause *= 4) {
    FrameDecoder decoder([&](Stream stream, std::string_view bytes) {
      if (const auto& output = outputs[stream == Stream::Stdout ? 0 : 1]) output->write(bytes);
    });
    const bool is_whole = engine_.read_logs(id_, [&](std::string_view bytes) { decoder.feed(bytes); });
    if (is_whole && decoder.at_boundary()) return;
    if (pause > std::chrono::seconds(2))
      throw Error(ErrorCode::EngineUnreachable, "the engine cuts off the log of container " + id_.substr(0, 12));
    std::this_thread::sleep_for(pause);
    for (const auto& output : outputs)
      if (output) output->restart();
  }
}

void Job::kill() {
  if (engine_.kill_container(id_, "SIGKILL") == Engine::Signalled::Delivered) status_ = JobStatus::Killed;
}

void Job::remove() {
  remover_.remove();
  status_ = JobStatus::Removed;
}

JobStatus Job::status() const {
  const JobStatus known = status_;
  if (known != JobStatus::Running) return known;
  const Inspection seen = engine_.inspect_container(id_, engine_.options().timeout);
  if (seen.found == Inspection::Found::Gone) return JobStatus::Removed;
  return seen.has_ended() ? JobStatus::Exited : JobStatus::Running;
}

}  // namespace gt::docker
