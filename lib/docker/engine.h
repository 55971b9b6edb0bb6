// A container engine (Docker, or Podman's Docker API) behind its Unix socket.
//
// Every call has a deadline. An engine that cannot be reached is EngineUnreachable with a hint how to start one; a status
// that the call does not expect is EngineRefused with the engine's own message. One Engine may be used by several threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/docker/dialect.h"
#include "lib/docker/http.h"
#include "lib/task/definition.h"

namespace gt::docker {

struct EngineOptions {
  // A socket's path, or "unix://PATH" as DOCKER_HOST has it; empty is /var/run/docker.sock. Other schemes are refused.
  std::string host = {};
  // For every call but waiting and following a log, whose end is the container's. A log may be silent for so long.
  std::chrono::milliseconds timeout{60'000};
  // How long a job that is under way waits for an engine that is restarting, or does not answer, before it is given up.
  std::chrono::milliseconds patience{30'000};
};

struct EngineInfo {
  std::uint64_t memory_bytes = 0;
  std::int64_t cpus = 0;
  bool has_init = false;  // HostConfig.Init works
  Dialect dialect = Dialect::Docker;
  bool is_rootless = false;  // run by an ordinary user, who is number 0 in its containers
  std::string version = {};
};

struct ImageInfo {
  std::string id = {};  // sha256:...
  std::vector<std::string> tags = {};
};

struct ContainerInfo {
  std::string id = {};
  std::string name = {};
  std::string state = {};  // created, running, exited, ...
  std::map<std::string, std::string> labels = {};
};

struct Created {
  std::string id = {};
  std::vector<std::string> warnings = {};  // the engine's: limits that it cannot set, and the like
};

// What inspect says about a container.
struct Inspection {
  enum class Found : std::uint8_t { Yes, Gone, NoAnswer };
  Found found = Found::NoAnswer;
  std::string failure = {};  // of NoAnswer
  std::string status = {};   // created, running, exited, ...
  MemoryVerdict memory = MemoryVerdict::NotTheCause;
  int exit_code = 0;

  bool has_ended() const {  // "stopped" is Podman's
    return found == Found::Yes && (status == "exited" || status == "dead" || status == "stopped");
  }
};

class Engine {
 public:
  using Labels = std::map<std::string, std::string>;

  explicit Engine(EngineOptions options = {});  // does not connect
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const std::string& socket() const { return http_.socket(); }
  const EngineOptions& options() const { return options_; }

  void ping();
  EngineInfo info();  // asked once, then remembered
  std::uint64_t memory_bytes() { return info().memory_bytes; }

  // The image of that name, nullopt if there is none. An id in `image` must be the id (or the start of it) of that name.
  std::optional<ImageInfo> find_image(const task::Image& image);

  // All containers, running or not, that carry every one of `labels`.
  std::vector<ContainerInfo> list_containers(const Labels& labels);
  // Kills and removes it with its anonymous volumes. Already gone is success.
  void remove_container(const std::string& id);

  // True if the engine has ever answered: then it is worth waiting for when it does not.
  bool has_answered();
  // Asks until the engine answers, with growing pauses; false if it does not within EngineOptions::patience, or `give_up`.
  bool await_answer(const std::function<bool()>& give_up);

  // The rest is what Job is made of. `id` may be a name.
  // Throws ImageMissing if `body` names an unknown image.
  Created create_container(const std::string& body, const std::string& name);
  void start_container(const std::string& id);  // already running is success
  enum class Signalled : std::uint8_t { Delivered, NotRunning };
  Signalled kill_container(const std::string& id, std::string_view signal);
  // Throws nothing that the engine does: whoever inspects may have to wait for an engine that restarts.
  Inspection inspect_container(const std::string& id, std::chrono::milliseconds timeout);

  // Returns when the container may have ended, after ten seconds, or when `give_up`, polled ten times a second, says true.
  // Always inspect then: a lost connection, a restart and a container that never ran look like an end, too. False if the
  // engine went away meanwhile.
  bool wait_container(const std::string& id, const std::function<bool()>& give_up);

  // What the container says from now on, in raw frames (frames.h), until it ends or `give_up`. `on_attached` is called once,
  // when nothing can be missed any more. Throws what goes wrong before that; returns when the stream ends, for whatever reason.
  void attach_container(const std::string& id, const std::function<void()>& on_attached,
                        const std::function<void(std::string_view)>& on_bytes, const std::function<bool()>& give_up);
  // The container's log from its beginning in raw frames, so far or until its end. Returns false if the stream was cut off.
  enum class Logs : std::uint8_t { SoFar, Follow };
  bool read_logs(const std::string& id, Logs what, const std::function<void(std::string_view)>& on_bytes,
                 const std::function<bool()>& give_up = {});

  // Bytes of memory that a running container has needed so far at most, as far as the engine tells: with cgroup v2, and with
  // Podman, what it uses now. 0 if it does not, or the container does not run.
  std::uint64_t memory_peak(const std::string& id);

  // True if the engine remembers that a client asked it to kill or stop the container. It forgets when it restarts.
  bool was_killed_by_client(const std::string& id);

 private:
  Response call(Request request, std::string_view action);
  std::string versioned(std::string_view path);
  Dialect dialect();

  EngineOptions options_;
  Http http_;
  std::mutex mutex_;            // guards what was learned from the engine
  std::string version_prefix_;  // "/v1.41", empty until the first call
  Dialect dialect_ = Dialect::Docker;
  std::optional<EngineInfo> info_;
};

}  // namespace gt::docker
