// One container from creation to removal: gt::docker::Job.
//
//   docker::Job job(docker::Image("golem/blender"), task_script, task_params, resources_dir, work_dir, output_dir);
//   job.start();
//   int exit_code = job.wait();
//   job.dump_logs({.stdout_file = "stdout.log"});
//
// Inside, /usr/bin/python runs /golem/work/job.py in /golem/work, which may `import params` or read params.json. By default
// it can write to /golem/work, /golem/output and /tmp only; it has no network, no capabilities and no way to more privileges.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "lib/base/error.h"
#include "lib/docker/image.h"
#include "lib/docker/isolation.h"
#include "lib/docker/log_stream.h"

namespace gt::docker {

class Engine;

// Every container of gt-tools carries these labels, by which it can be found after a crash (reap.h has those of its owner).
inline constexpr const char* k_project_label = "io.gt-tools.project";
inline constexpr const char* k_project = "gt-tools";
inline constexpr const char* k_job_label = "io.gt-tools.job";  // the container's name

// What the caller wants of a job that is under way, asked ten times a second.
enum class Wish : std::uint8_t {
  GoOn,
  Stop,  // SIGTERM, then SIGKILL after JobSpec::stop_grace
  Kill,  // SIGKILL at once
};

enum class Preparation : std::uint8_t { OnConstruction, Explicit };

struct JobSpec {
  task::Image image = {};
  std::string script = {};                   // saved as /golem/work/job.py, byte for byte
  nlohmann::ordered_json params = {};        // an object: saved as params.py and params.json beside it (params.h)
  std::filesystem::path resources_dir = {};  // /golem/resources, read-only
  std::filesystem::path work_dir = {};       // /golem/work
  std::filesystem::path output_dir = {};     // /golem/output
  Isolation isolation = {};
  std::map<std::string, std::string> labels = {};  // besides the job's own
  LiveLog live_log = {};                           // where its streams go while it runs
  std::shared_ptr<spdlog::logger> logger = {};     // what becomes of the container, at debug level; may be empty
  std::chrono::milliseconds stop_grace{2000};
  Preparation preparation = Preparation::OnConstruction;
  std::function<Wish()> wish = {};  // empty: GoOn. Must not throw
  // Told when the destructor cannot remove the container, whose labels then have to do. Must not throw.
  std::function<void(const Error&)> on_remove_failure = {};
};

// New: not prepared. Stopped: ended after SIGTERM by this job. Killed: by its SIGKILL.
enum class JobStatus : std::uint8_t { New, Created, Running, Exited, Stopped, Killed, Removed };
std::string_view to_string(JobStatus status);

struct WaitResult {
  enum class End : std::uint8_t {
    Exited,       // by itself
    Killed,       // by `killer`
    TimedOut,     // the deadline passed, and the container was ended for it
    Cancelled,    // JobSpec::wish asked for it
    OutOfMemory,  // the kernel ended it at its memory limit; with Podman, which does not tell: somebody killed it, no client
                  // did
    EngineLost,   // the engine did not come back within EngineOptions::patience; the container may still run
  };
  enum class Killer : std::uint8_t {
    None,
    Job,          // Job::kill
    OtherClient,  // somebody else asked the engine to, with docker kill or docker stop
    Engine,       // it was restarted and took its containers down
  };
  End end = End::Exited;
  int exit_code = 0;  // of the container, also when it was stopped (143, 137)
  Killer killer = Killer::None;
};

struct LogFiles {
  std::filesystem::path stdout_file = {};  // empty: not written
  std::filesystem::path stderr_file = {};
};

// Used by one thread, except for kill(). Each Job may have its thread with the same Engine.
class Job {
 public:
  // Prepares, unless spec.preparation says otherwise. `engine` is the caller's and must outlive the job.
  Job(Engine& engine, JobSpec spec);
  // The same on the engine at the default socket, with an Engine of its own.
  Job(Image image, std::string script, nlohmann::ordered_json params, std::filesystem::path resources_dir,
      std::filesystem::path work_dir, std::filesystem::path output_dir);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job();  // removes the container, whatever happened; never throws

  // Writes job.py, params.py and params.json, creates the container. Nothing if that was done before. Throws ParameterName,
  // FileNotFound (a directory), Usage (one that must not be mounted), ImageMissing, EngineRefused, EngineUnreachable; no
  // container is left then.
  void prepare();
  // Prepares if need be.
  void start();
  // The exit code, whatever ended the container. Throws EngineUnreachable when the engine is lost.
  int wait();
  // Returns when the container has ended (confirmed by inspect), or the timeout is over and it has been ended. A container
  // that ended by itself at that moment is Exited. Survives a restart of the engine. Throws ContainerFailed when someone
  // else removed the container or when it does not die.
  WaitResult wait(std::optional<std::chrono::milliseconds> timeout);
  // Writes what the container has said so far and the engine still has (Isolation::log_bytes). Follows no link.
  void dump_logs(const LogFiles& files);
  // What came through spec.live_log. Call after wait(): returns when the rest has come.
  LogReport finish_live_log();
  // SIGKILL. Any thread may call it while another waits; nothing happens if the container does not run.
  void kill();
  void remove();
  JobStatus status() const;                                // asks the engine while the container runs
  const std::string& container_id() const { return id_; }  // empty while New
  const std::string& container_name() const { return name_; }
  const std::vector<Finding>& findings() const { return findings_; }  // what the engine warned about at creation

 private:
  void create(const std::string& body);
  void say(std::string_view what) const;
  bool await_engine();
  void attach();
  void remove_patiently();
  void remove_quietly() noexcept;

  std::unique_ptr<Engine> own_engine_;
  Engine& engine_;
  JobSpec spec_;
  std::string name_;
  std::string id_;
  bool was_away_ = false;   // the engine, so that it may have restarted
  bool is_lost_ = false;    // the engine, after all patience
  bool may_exist_ = false;  // on the engine, even if its answer to the creation got lost
  std::vector<Finding> findings_;
  std::unique_ptr<LogStream> log_stream_;
  std::atomic<JobStatus> status_ = JobStatus::New;
  std::atomic<bool> killed_ = false;
};

}  // namespace gt::docker
