// One container from creation to removal: gt::docker::Job.
//
//   docker::Engine engine;
//   docker::Job job(engine, {.image = image, .script = script, .params = params, .resources_dir = resources,
//                            .work_dir = work, .output_dir = output});
//   job.start();
//   const docker::WaitResult result = job.wait(std::chrono::minutes(10));
//   job.dump_logs({.stdout_file = "stdout.log", .stderr_file = "stderr.log"});
//
// Inside, /usr/bin/python runs /golem/work/job.py in /golem/work, which may `import params`. It can write to /golem/work,
// /golem/output and /tmp only; it has no network, no capabilities and no way to more privileges.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lib/base/error.h"
#include "lib/task/definition.h"

namespace gt::docker {

class Engine;

// Every container of gt-tools carries this label, by which it can be found after a crash (Engine::list_containers).
inline constexpr const char* k_project_label = "io.gt-tools.project";
inline constexpr const char* k_project = "gt-tools";

struct Isolation {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t memory_bytes = 0;  // hard limit, swap included; 0 is none
  std::int64_t pids = 512;
  std::uint64_t tmp_bytes = std::uint64_t{256} << 20;  // of /tmp, which counts as memory
  std::uint64_t log_bytes = std::uint64_t{1} << 30;    // the engine keeps no more than so much of the log
};

struct JobSpec {
  task::Image image = {};
  std::string script = {};                   // saved as /golem/work/job.py, byte for byte
  nlohmann::ordered_json params = {};        // an object: saved as /golem/work/params.py (params.h)
  std::filesystem::path resources_dir = {};  // /golem/resources, read-only
  std::filesystem::path work_dir = {};       // /golem/work
  std::filesystem::path output_dir = {};     // /golem/output
  Isolation isolation = {};
  std::map<std::string, std::string> labels = {};  // besides k_project_label
  // How long a cancelled container has between SIGTERM and SIGKILL.
  std::chrono::milliseconds stop_grace{2000};
  // Told when the destructor cannot remove the container, whose labels then have to do. Must not throw.
  std::function<void(const Error&)> on_remove_failure = {};
};

enum class JobStatus : std::uint8_t { New, Created, Running, Exited, Stopped, Killed, Removed };

struct WaitResult {
  // EngineLost: the engine did not come back within EngineOptions::patience; the container may still run.
  enum class End : std::uint8_t { Exited, TimedOut, OutOfMemory, Cancelled, EngineLost };
  End end = End::Exited;
  int exit_code = 0;  // of the container, also when it was stopped (143, 137)
};

struct LogFiles {
  std::filesystem::path stdout_file = {};  // empty: not written
  std::filesystem::path stderr_file = {};
};

// Used by one thread, except for kill(). Each Job may have its thread with the same Engine.
class Job {
 public:
  // Writes job.py and params.py, creates the container. Throws ParameterName, FileNotFound (a directory), ImageMissing,
  // EngineRefused, EngineUnreachable; no container is left then.
  Job(Engine& engine, JobSpec spec);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job();  // removes the container, whatever happened; never throws

  void start();
  // Returns when the container has ended (confirmed by inspect), the timeout is over (the container is then killed), or
  // `cancelled` (polled 10 times a second) says true (the container is then stopped). A container that ended by itself
  // at that moment is Exited. Survives a restart of the engine. Throws ContainerFailed when someone else removed the
  // container or when it does not die.
  WaitResult wait(std::optional<std::chrono::milliseconds> timeout = {}, const std::function<bool()>& cancelled = {});
  // Writes what the container has said so far. Follows no link.
  void dump_logs(const LogFiles& files);
  // SIGKILL. Any thread may call it while another waits; nothing happens if the container does not run.
  void kill();
  void remove();
  JobStatus status() const;  // asks the engine while the container runs
  const std::string& container_id() const { return id_; }

 private:
  // Removes the container of that name on destruction, even if the engine's answer to its creation got lost.
  class Remover {
   public:
    Remover(Engine& engine, const JobSpec& spec, std::string name) : engine_(engine), spec_(spec), name_(std::move(name)) {}
    Remover(const Remover&) = delete;
    Remover& operator=(const Remover&) = delete;
    ~Remover();
    void arm() { armed_ = true; }
    void remove();
    const std::string& name() const { return name_; }

   private:
    Engine& engine_;
    const JobSpec& spec_;
    std::string name_;
    bool armed_ = false;
  };

  Engine& engine_;
  JobSpec spec_;
  Remover remover_;
  std::string id_;
  std::atomic<JobStatus> status_ = JobStatus::New;
};

}  // namespace gt::docker
