// What Podman does otherwise than Docker, and the service that a run starts for itself.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "lib/docker/dialect.h"
#include "lib/run/choose_engine.h"
#include "tests/docker/job_scene.h"
#include "tests/support/draw_strip.h"

namespace gt::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using docker::Engine;
using docker::Job;
using docker::JobSpec;
using run::choose_engine;
using run::EngineKind;
using run::PodmanService;

std::string body(const nlohmann::json& more) {
  nlohmann::json out = {{"Image", "golem/base"},
                        {"Entrypoint", {"/usr/bin/python"}},
                        {"Cmd", {"-c", "import time; time.sleep(60)"}},
                        {"Labels", {owner_label()}},
                        {"HostConfig", {{"NetworkMode", "none"}}}};
  if (!more.empty()) out["HostConfig"].update(more);
  return out.dump();
}

nlohmann::json k_small_ulimits = {{{"Name", "nofile"}, {"Soft", 1000}, {"Hard", 1000}},
                                  {{"Name", "nproc"}, {"Soft", 1000}, {"Hard", 1000}}};

// Directories of services, whoever they belong to.
std::vector<fs::path> service_directories() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator("/tmp")) {
    if (entry.path().filename().string().starts_with("gt-tools-podman-")) out.push_back(entry.path());
  }
  return out;
}

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name), before_(std::getenv(name) == nullptr ? "" : std::getenv(name)) {
    ::setenv(name, value, 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::setenv(name_, before_.c_str(), 1); }

 private:
  const char* name_;
  std::string before_;
};

}  // namespace

TEST_SUITE_BEGIN("podman");

TEST_CASE("the engine is known for what it is") {
  Engine engine({.host = engine_host()});
  CHECK(engine.info().dialect == docker::Dialect::Podman);
  CHECK_FALSE(engine.info().is_rootless);
  CHECK(engine.info().memory_bytes > 0);
  CHECK(engine.info().cpus > 0);
}

TEST_CASE("500 for 409: a name that is taken, a signal for what does not run") {
  Scene scene;
  const std::string name = "gt-test-" + std::to_string(::getpid());
  const std::string id = scene.engine.create_container(body({{"Ulimits", k_small_ulimits}}), name).id;
  const std::string taken = error_of([&] { scene.engine.create_container(body({}), name); });
  CHECK(taken.starts_with("engine.refused: the engine refused to create a container: "));
  CHECK(taken.find(name) != std::string::npos);
  CHECK(taken.find("in use") != std::string::npos);
  CHECK(taken.ends_with(" (HTTP 500)"));
  CHECK(scene.engine.kill_container(id, "SIGTERM") == Engine::Signalled::NotRunning);
  scene.engine.start_container(id);
  scene.engine.start_container(id);  // running already
  CHECK(scene.engine.kill_container(id, "SIGKILL") == Engine::Signalled::Delivered);
  CHECK(error_of([&] { scene.engine.kill_container("no-such-container", "SIGKILL"); }).find("HTTP 404") != std::string::npos);
  scene.engine.remove_container(id);
  scene.engine.remove_container(id);
}

TEST_CASE("ulimits: without a word about them Podman asks for more than this machine may allow; a job starts") {
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  Scene scene;
  JobSpec spec = scene.spec("import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))");
  spec.isolation.ulimits = {{"nofile", 1 << 30, 1 << 30}};
  CHECK(scene.run(spec).exit_code == 0);
  const std::string most = std::to_string(files.rlim_max);
  if (files.rlim_max < (1 << 30)) CHECK(scene.out() == "(" + most + ", " + most + ")\n");
  spec.isolation.ulimits = {};
  CHECK(scene.run(spec).exit_code == 0);
}

TEST_CASE("a wait for what was never started is no end of it") {
  Scene scene;
  Job job(scene.engine, scene.spec("pass"));
  CHECK(error_of([&] { job.wait(10s); }).find("was never started") != std::string::npos);
}

TEST_CASE("GPUs are refused, not left out") {
  Scene scene;
  JobSpec spec = scene.spec("pass");
  spec.isolation.gpus = "all";
  CHECK(error_of([&] { Job(scene.engine, spec); }) ==
        "usage: GPUs cannot be asked of Podman, whose Docker API leaves the request out without a word; use Docker for them");
}

TEST_CASE("which engine: what the environment names, Docker's socket, Podman's, a service of one's own") {
  run::EngineHosts hosts;
  hosts.docker_socket = "/nowhere/docker.sock";
  hosts.podman_socket = "/nowhere/podman.sock";
  {
    const run::ChosenEngine chosen = choose_engine(EngineKind::Any, hosts);
    REQUIRE(chosen.service != nullptr);
    CHECK(chosen.host == chosen.service->host());
    CHECK(Engine({.host = chosen.host}).info().dialect == docker::Dialect::Podman);
    REQUIRE(chosen.notes.size() == 1);
    CHECK(chosen.notes[0].message ==
          "no Docker engine answers at /nowhere/docker.sock; using Podman, with a service of this run");
    CHECK(choose_engine(EngineKind::Podman, hosts).notes.empty());
  }
  CHECK(choose_engine(EngineKind::Docker, hosts).host == "/nowhere/docker.sock");
  hosts.podman_socket = engine_host();
  CHECK(choose_engine(EngineKind::Podman, hosts).host == engine_host());
  CHECK(choose_engine(EngineKind::Podman, hosts).service == nullptr);
  CHECK(choose_engine(EngineKind::Any, hosts).notes.at(0).message ==
        "no Docker engine answers at /nowhere/docker.sock; using Podman");
  hosts.docker_socket = engine_host();
  CHECK(choose_engine(EngineKind::Any, hosts).notes.empty());
  hosts.container_host = "unix:///c";
  CHECK(choose_engine(EngineKind::Any, hosts).host == "unix:///c");
  CHECK(choose_engine(EngineKind::Podman, hosts).host == "unix:///c");
  hosts.docker_host = "unix:///d";
  CHECK(choose_engine(EngineKind::Any, hosts).host == "unix:///d");
  CHECK(choose_engine(EngineKind::Docker, hosts).host == "unix:///d");
  CHECK(choose_engine(EngineKind::Podman, hosts).host == "unix:///c");
}

TEST_CASE("without podman") {
  const Variable path("PATH", "/nowhere:/nowhere/else");
  run::EngineHosts hosts;
  hosts.docker_socket = "/nowhere/docker.sock";
  CHECK(choose_engine(EngineKind::Any, hosts).host == "/nowhere/docker.sock");
  CHECK(error_of([&] { choose_engine(EngineKind::Podman, hosts); }) ==
        "engine.unreachable: podman is not installed; install it (Debian package podman), or use Docker");
}

TEST_CASE("a service that does not start comes with its last words, and leaves nothing") {
  const auto before = service_directories();
  const TemporaryDirectory place;
  const fs::path program = place.path() / "podman";
  write_text(program, "#!/bin/sh\necho first >&2\necho 'Error: no storage' >&2\nexit 125\n");
  fs::permissions(program, fs::perms::all);
  CHECK(error_of([&] { PodmanService service(program); }) ==
        "engine.unreachable: podman system service does not start: Error: no storage; podman info says what is wrong with the "
        "installation");
  CHECK(service_directories() == before);
}

TEST_CASE("a service ends with its process, even when that is killed, and the next one removes what it left") {
  const auto before = service_directories();
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const PodmanService service(PodmanService::find_program());
    const std::string host = service.host();
    if (::write(pipe[1], host.data(), host.size()) < 0) ::_exit(1);
    ::pause();
  }
  std::string host(200, '\0');
  const ssize_t length = ::read(pipe[0], host.data(), host.size());
  REQUIRE(length > 0);
  host.resize(static_cast<std::size_t>(length));
  ::close(pipe[0]);
  ::close(pipe[1]);
  Engine({.host = host}).ping();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const auto answers = [&] { return error_of([&] { Engine({.host = host, .timeout = 1s}).ping(); }) == "nothing"; };
  for (int i = 0; i < 100 && answers(); ++i) std::this_thread::sleep_for(50ms);
  CHECK_FALSE(answers());
  const fs::path left = fs::path(host.substr(7)).parent_path();
  REQUIRE(fs::exists(left));
  CHECK((fs::status(left).permissions() & fs::perms::all) == fs::perms::owner_all);
  { const PodmanService next(PodmanService::find_program()); }
  CHECK(fs::exists(left));  // too young: it might be about to be locked
  fs::last_write_time(left, fs::file_time_type::clock::now() - 2min);
  { const PodmanService next(PodmanService::find_program()); }
  CHECK(service_directories() == before);
}

TEST_CASE("submit-task --engine podman: the whole way") {
  const TemporaryDirectory place;
  // golem/base has Python only.
  write_text(place.path() / "draw.py", k_draw_strip);
  write_text(place.path() / "a.blend", "the script does not open it");
  nlohmann::json task = nlohmann::json::parse(std::ifstream("tests/golden/submit-task/dry-run-own-script/task.json"));
  task["main_program_file"] = (place.path() / "draw.py").string();
  task["main_scene_file"] = (place.path() / "a.blend").string();
  task["resources"] = {{"py/set", {(place.path() / "a.blend").string()}}};
  write_text(place.path() / "task.json", task.dump());
  const std::string command = std::string(GT_SUBMIT_TASK) + " --engine podman " + (place.path() / "task.json").string() +
                              " --image golem/blender=golem/base --strips 3 --output " + (place.path() / "out.png").string() +
                              " 2> " + (place.path() / "log").string();
  const int status = std::system(command.c_str());
  INFO(read_text(place.path() / "log"));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(read_text(place.path() / "out.png").starts_with("\x89PNG"));
  CHECK(Engine({.host = engine_host()}).list_containers({{docker::k_project_label, docker::k_project}}).empty());
}

TEST_SUITE_END();

}  // namespace gt::testing
